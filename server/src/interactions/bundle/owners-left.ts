import { breather } from '../breather.ts';
import type { Accepted } from '../change/accept.ts';
import { ownersOf, targetsOf } from '../change/owners.ts';
import { keyOf } from '../../access/included.ts';
import type { Services } from '../services.ts';
import { atEntryOf } from './at-entry.ts';
import type { Step } from './plan.ts';

interface Node {
  readonly step: Step;
  readonly resource: object;
  /** Names what it tells of among what is written in the same transaction. */
  readonly tellsOf: readonly string[];
}

/**
 * Whom the resources concern that tell of others in the transaction, and those others, by `Type/id`. What is told counts
 * whatever the order of the entries; resources that tell of each other in a circle concern whomever one of them concerns.
 *
 * @param contents what the steps leave; nothing of deletions, nor of what stays as it is
 */
export async function ownersLeft(
  services: Services,
  contents: ReadonlyMap<Step, Accepted | undefined>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const nodes = linked(services, contents);
  const owners = new Map<string, Set<string>>();
  const none = new Map([...nodes.keys()].map((key) => [key, []]));
  const breathe = breather(services.clock);
  for (const [key, { step, resource }] of nodes) {
    const own = await atEntryOf(step.entry, () => ownersOf(services, resource, none));
    owners.set(key, new Set(own));
    await breathe();
  }
  const tellers = new Map<string, string[]>();
  for (const [key, { tellsOf }] of nodes) {
    for (const target of tellsOf) {
      const known = tellers.get(target) ?? [];
      tellers.set(target, known);
      known.push(key);
    }
  }
  const grown = [...nodes.keys()];
  for (let key = grown.pop(); key !== undefined; key = grown.pop()) {
    for (const teller of tellers.get(key) ?? []) {
      if (addAll(owners.get(teller), owners.get(key))) grown.push(teller);
    }
  }
  return new Map([...owners].map(([key, patients]) => [key, [...patients].sort()]));
}

/** Returns what tells of something else in the transaction, and what is told of. */
function linked(
  { base }: Services,
  contents: ReadonlyMap<Step, Accepted | undefined>,
): ReadonlyMap<string, Node> {
  const written = new Map<string, Node>();
  for (const [step, accepted] of contents) {
    if (accepted === undefined || step.action === 'nothing') continue;
    const resource = { ...accepted.resource, id: step.id };
    written.set(keyOf(step), { step, resource, tellsOf: [...targetsOf(resource, base)] });
  }
  const nodes = new Map<string, Node>();
  for (const [key, node] of written) {
    const tellsOf = node.tellsOf.filter((target) => written.has(target));
    if (tellsOf.length > 0) nodes.set(key, { ...node, tellsOf });
    for (const target of tellsOf) {
      const told = written.get(target);
      if (told !== undefined && !nodes.has(target)) nodes.set(target, { ...told, tellsOf: [] });
    }
  }
  return nodes;
}

/** Tells whether anything was new. */
function addAll(to: Set<string> | undefined, from: ReadonlySet<string> | undefined): boolean {
  const before = to?.size;
  for (const each of from ?? []) to?.add(each);
  return to?.size !== before;
}
