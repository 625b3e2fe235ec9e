import {
  AsAtom,
  DotAtom,
  FunctionAtom,
  IndexerAtom,
  LiteralAtom,
  parseFhirPath,
  SymbolAtom,
  type Atom,
} from '@medplum/core';
import { printable } from '../printable.ts';
import type { TypeModels } from '../type-model.ts';
import { isCriterion, meets } from './criterion.ts';
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
/** What it costs to come to an element, in characters looked at. */
const COST = 5;

/**
 * Child steps, indexes, casts and the filtering functions of FHIRPath; criteria inside of `where` may be any expression
 * of `criterion.ts`. Nothing leads out of the resource: `resolve()` is refused.
 *
 * @throws PathFault
 */
export function compilePath(models: TypeModels, text: string): Path {
  if (text.length > LONGEST) throw new PathFault(`a path has at most ${LONGEST} characters`);
  let atom: Atom;
  try {
    atom = parseFhirPath(text).child;
  } catch {
    throw new PathFault('the path is not FHIRPath');
  }
  return pathOf(models, atom);
}

function pathOf(models: TypeModels, atom: Atom): Path {
  const step = compile(models, atom);
  const plain = atom instanceof DotAtom && atom.right instanceof SymbolAtom;
  return {
    locate: (root, work) => step([root], { root, work }),
    ...(plain ? { last: { name: atom.right.name, parent: pathOf(models, atom.left) } } : {}),
  };
}

interface Around {
  readonly root: Element;
  readonly work: Work;
}

type Step = (input: readonly Element[], around: Around) => readonly Element[];

function compile(models: TypeModels, atom: Atom): Step {
  if (atom instanceof DotAtom) {
    const left = compile(models, atom.left);
    const right = compile(models, atom.right);
    return (input, around) => right(left(input, around), around);
  }
  if (atom instanceof SymbolAtom) return symbol(models, atom.name);
  if (atom instanceof IndexerAtom) {
    const left = compile(models, atom.left);
    const index = wholeNumber(atom.expr);
    return (input, around) => left(input, around).slice(index, index + 1);
  }
  if (atom instanceof AsAtom) {
    const left = compile(models, atom.left);
    const type = typeName(atom.right);
    return (input, around) => left(input, around).filter((element) => element.type === type);
  }
  if (atom instanceof FunctionAtom) return call(models, atom);
  throw new PathFault('the path does not locate an element');
}

function symbol(models: TypeModels, name: string): Step {
  if (name === '$this') return (input) => input;
  if (name === '%resource' || name === '%context' || name === '%rootResource') {
    return (_input, { root }) => [root];
  }
  if (/^[%$]/.test(name)) throw new PathFault(`${printable(name)} is not supported in a path`);
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

function call(models: TypeModels, { name, args }: FunctionAtom): Step {
  const [argument] = args;
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
  switch (args.length === 1 ? name : '') {
    case 'where':
      if (!isCriterion(argument)) throw new PathFault('where() uses what a patch may not');
      return (input, { work }) => input.filter((element) => meets(argument, element, work));
    case 'skip': {
      const count = wholeNumber(argument);
      return (input) => input.slice(count);
    }
    case 'take': {
      const count = wholeNumber(argument);
      return (input) => input.slice(0, count);
    }
    case 'ofType':
    case 'as': {
      const type = typeName(argument);
      return (input) => input.filter((element) => element.type === type);
    }
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

function literal(atom: Atom): unknown {
  return atom instanceof LiteralAtom ? (atom.value.value as unknown) : undefined;
}

function wholeNumber(atom: Atom): number {
  const value = literal(atom);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PathFault('an index must be a whole number');
}

/** `Quantity` or `FHIR.Quantity`. */
function typeName(atom: Atom): string {
  if (atom instanceof SymbolAtom) return atom.name;
  if (atom instanceof DotAtom && atom.left instanceof SymbolAtom && atom.left.name === 'FHIR') {
    return typeName(atom.right);
  }
  throw new PathFault('a type is expected');
}
