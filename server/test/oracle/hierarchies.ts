import type { Corpus } from './corpus.ts';
import { parametersOf } from './parameters.ts';
import type { Parameter } from './parameters.ts';

/** The parameter by which resources of a type name the one of their type that they are part of, if they do. */
export function parentParameter(type: string): Parameter | undefined {
  const parameters = parametersOf(type);
  const parent = parameters.get('partof') ?? parameters.get('part-of');
  return parent?.type === 'reference' && parent.targets.includes(type) ? parent : undefined;
}

/** Whether a place, as `Type/id`, is the other one or, over any number of steps, part of it. */
export function isWithin(corpus: Corpus, lower: string, upper: string): boolean {
  const seen = new Set<string>();
  const open = [lower];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === upper) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    const [type = '', id] = at.split('/');
    const parent = parentParameter(type);
    const held = corpus.of(type).find((one) => one.id === id);
    if (held !== undefined && parent !== undefined)
      open.push(...corpus.targets(held, parent).filter((target) => target.startsWith(`${type}/`)));
  }
  return false;
}
