import { atHand, resourceItem } from './at-hand.ts';
import type { TypeOfReference } from './at-hand.ts';
import { compile, compileText } from './compile.ts';
import { FhirPathFault } from './fault.ts';
import { string } from './item.ts';
import type { FhirItem, Item } from './item.ts';
import type { Tree } from './parse.ts';
import type { Items, Step, World } from './scope.ts';
import type { Json, Surroundings, TypeModels } from './type-models.ts';

/** FHIRPath over parsed JSON of R4: http://hl7.org/fhirpath/N1, http://hl7.org/fhir/R4/fhirpath.html */
export interface FhirPath {
  /** @throws FhirPathFault for what is no FHIRPath, or takes too much */
  readonly evaluate: (expression: string, element: Element, more?: Partial<More>) => Items;
  /** The same for a parsed expression. @throws FhirPathFault for what is not known */
  readonly prepare: (tree: Tree) => (element: Element, more?: Partial<More>) => Items;
}

/** Is what an expression is evaluated on. */
export interface Element {
  /** R4 type of the value: that of a resource is its own. */
  readonly type: string;
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly twin?: Json | undefined;
  readonly around?: Surroundings;
}

export interface More {
  readonly strict: boolean;
  readonly memberOf: World['memberOf'];
  readonly conformsTo: World['conformsTo'];
  readonly now: World['now'];
  /** Steps that it may take. */
  readonly most: number;
}

/** Tells the engine about the world that its resources come from. */
export interface Options {
  /** For `resolve()` of what is not at hand. Left out: that gives nothing. */
  readonly typeOfReference: TypeOfReference;
}

const MOST_STEPS = 5_000_000;
const KEPT = 5_000;
const SETS: Readonly<Record<string, string>> = {
  ucum: 'http://unitsofmeasure.org',
  sct: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
};

/** Expressions are compiled when they are first met. */
export function createFhirPath(
  models: TypeModels,
  { typeOfReference = () => undefined }: Partial<Options> = {},
): FhirPath {
  const compiled = new Map<string, Step>();
  const stepOf = (expression: string): Step => {
    const known = compiled.get(expression);
    if (known) return known;
    if (compiled.size >= KEPT) compiled.clear();
    const step = compileText(models, expression);
    compiled.set(expression, step);
    return step;
  };
  const run = (
    step: Step,
    { type, value, twin, around }: Element,
    more: Partial<More> = {},
  ): Items => {
    const item: FhirItem = { type, value, twin, resource: around?.resource };
    const here = [item];
    const world = worldOf(item, around, { more, typeOfReference });
    return step(here, { here, index: 0, total: [], world });
  };
  return {
    evaluate: (expression, element, more) => run(stepOf(expression), element, more),
    prepare: (tree) => {
      const step = compile(models, tree);
      return (element, more) => run(step, element, more);
    },
  };
}

function worldOf(
  item: FhirItem,
  around: Surroundings | undefined,
  { more, typeOfReference }: Options & { readonly more: Partial<More> },
): World {
  const own = around?.resource ?? (item.value as Json | undefined);
  const root = around?.root ?? own;
  const { most = MOST_STEPS } = more;
  let steps = 0;
  return {
    strict: more.strict ?? false,
    variable: (name) => variable(name, { item, own, root }),
    resolve: (reference, holder) => atHand(reference, { holder, root }, typeOfReference),
    memberOf: more.memberOf ?? (() => undefined),
    conformsTo: more.conformsTo ?? (() => undefined),
    now: more.now ?? (() => 0),
    spend: (count) => {
      steps += count;
      if (steps > most) throw new FhirPathFault('The expression takes too much');
    },
  };
}

function variable(
  name: string,
  {
    item,
    own,
    root,
  }: { readonly item: Item; readonly own: Json | undefined; readonly root: Json | undefined },
): Items | undefined {
  switch (name) {
    case 'context':
      return [item];
    case 'resource':
      return resourceItem(own);
    case 'rootResource':
      return resourceItem(root);
    default: {
      const url = SETS[name];
      if (url !== undefined) return [string(url)];
      if (name.startsWith('vs-')) return [string(`http://hl7.org/fhir/ValueSet/${name.slice(3)}`)];
      if (!name.startsWith('ext-')) return undefined;
      return [string(`http://hl7.org/fhir/StructureDefinition/${name.slice(4)}`)];
    }
  }
}
