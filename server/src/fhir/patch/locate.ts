import { FhirPathFault } from '../fhirpath/fault.ts';
import { parse, typeNamed } from '../fhirpath/parse.ts';
import type { Tree } from '../fhirpath/parse.ts';
import { printable } from '../printable.ts';
import type { TypeModels } from '../type-model.ts';
import { compileCriterion } from './criterion.ts';
import { elementsAt, modelOf, propertiesNamed, type Element } from './element.ts';
import type { Work } from './work.ts';

/** A path that is no FHIRPath, or uses more of it than an element can be located by. */
export class PathFault extends Error {
  override readonly name = 'PathFault';
}

/** A path goes where R4 has no element. */
export class NoSuchElement extends Error {
  override readonly name = 'NoSuchElement';
}

/** A compiled path to elements of the resource being patched. */
export interface Path {
  /** @throws NoSuchElement, FhirError `too-costly` */
  readonly locate: (root: Element, work: Work) => readonly Element[];
  /** When the path ends in a plain name: that name and the path to what it is a child of. */
  readonly last?: { readonly name: string; readonly parent: Path };
}

const LONGEST = 1000;
/** Says what it costs to come to an element, in characters looked at. */
const COST = 5;

/**
 * Child steps, indexes, casts and the filtering functions of FHIRPath; criteria inside of `where` may be any expression
 * of `criterion.ts`. Nothing leads out of the resource: `resolve()` is refused.
 *
 * @throws PathFault
 */
export function compilePath(models: TypeModels, text: string): Path {
  if (text.length > LONGEST) throw new PathFault(`a path has at most ${LONGEST} characters`);
  return pathOf(models, parsed(text));
}

function parsed(text: string): Tree {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof FhirPathFault) throw new PathFault('the path is not FHIRPath');
    throw error;
  }
}

function pathOf(models: TypeModels, tree: Tree): Path {
  const step = compile(models, tree);
  return {
    locate: (root, work) => step([root], { root, work }),
    ...(tree.kind === 'member' && tree.of !== undefined
      ? { last: { name: tree.name, parent: pathOf(models, tree.of) } }
      : {}),
  };
}

interface Around {
  readonly root: Element;
  readonly work: Work;
}

type Step = (input: readonly Element[], around: Around) => readonly Element[];

function compile(models: TypeModels, tree: Tree): Step {
  switch (tree.kind) {
    case 'member':
      return after(models, tree.of, member(models, tree.name));
    case 'special':
      if (tree.name !== '$this') break;
      return (input) => input;
    case 'variable':
      if (!['resource', 'context', 'rootResource'].includes(tree.name)) break;
      return (_input, { root }) => [root];
    case 'index': {
      const index = wholeNumber(tree.index);
      return after(models, tree.of, (input) => input.slice(index, index + 1));
    }
    case 'as':
      return after(models, tree.of, ofType(tree.type));
    case 'call':
      return after(models, tree.of, call(models, tree));
    default:
      throw new PathFault('the path does not locate an element');
  }
  throw new PathFault(`${printable(tree.name)} is not supported in a path`);
}

function after(models: TypeModels, of: Tree | undefined, step: Step): Step {
  if (of === undefined) return step;
  const before = compile(models, of);
  return (input, around) => step(before(input, around), around);
}

function ofType(name: string): Step {
  const type = name.startsWith('FHIR.') ? name.slice('FHIR.'.length) : name;
  return (input) => input.filter((element) => element.type === type);
}

function member(models: TypeModels, name: string): Step {
  return (input, { root, work }) => {
    if (input.length === 1 && input[0] === root && name === root.type) return input;
    return children(models, input, { name, work });
  };
}

function children(
  models: TypeModels,
  input: readonly Element[],
  { name, work }: { readonly name: string; readonly work: Work },
): readonly Element[] {
  let known = input.length === 0;
  const found = input.flatMap((element) => {
    const model = modelOf(models, element);
    const properties = model === undefined ? [] : propertiesNamed(model, name);
    if (properties.length > 0) known = true;
    return properties.flatMap((property) => elementsAt(element, property));
  });
  if (!known) {
    throw new NoSuchElement(`R4 has no ${printable(name)} in ${input[0]?.type ?? 'it'}`);
  }
  work.spend(COST * (input.length + found.length));
  return found;
}

function call(models: TypeModels, { name, parameters }: Tree & { readonly kind: 'call' }): Step {
  const [argument] = parameters;
  if (argument === undefined) {
    switch (name) {
      case 'first':
        return (input) => input.slice(0, 1);
      case 'last':
        return (input) => input.slice(-1);
      case 'tail':
        return (input) => input.slice(1);
      case 'single':
        return (input) => input;
      default:
        throw unsupported(name);
    }
  }
  switch (parameters.length === 1 ? name : '') {
    case 'where': {
      const meets = compileCriterion(models, argument);
      if (meets === undefined) throw new PathFault('where() uses what a patch may not');
      return (input, { work }) => input.filter((element) => meets(element, work));
    }
    case 'skip': {
      const count = wholeNumber(argument);
      return (input) => input.slice(count);
    }
    case 'take': {
      const count = wholeNumber(argument);
      return (input) => input.slice(0, count);
    }
    case 'ofType':
    case 'as':
      return ofType(typeOf(argument));
    case 'extension': {
      const url = literal(argument);
      return (input, { work }) =>
        children(models, input, { name: 'extension', work }).filter(
          (element) => urlOf(element) === url,
        );
    }
    default:
      throw unsupported(name);
  }
}

function urlOf({ node }: Element): string | undefined {
  const url = node?.kind === 'object' ? node.entries.find(({ name }) => name === 'url') : undefined;
  return url?.value.kind === 'scalar' ? (JSON.parse(url.value.text) as string) : undefined;
}

function unsupported(name: string): PathFault {
  return new PathFault(`${printable(name)}() is not supported in a path`);
}

function literal(tree: Tree): string | undefined {
  return tree.kind === 'string' ? tree.text : undefined;
}

function wholeNumber(tree: Tree): number {
  const value = tree.kind === 'number' ? Number(tree.text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new PathFault('an index must be a whole number');
}

function typeOf(tree: Tree): string {
  try {
    return typeNamed(tree);
  } catch (error) {
    if (error instanceof FhirPathFault) throw new PathFault('a type is expected');
    throw error;
  }
}
