import { UNPLACED } from '../../consent/unplaced.ts';
import { breather } from '../breather.ts';
import type { Accepted } from '../change/accept.ts';
import { ownersOf, targetsOf } from '../change/owners.ts';
import { keyOf } from '../../access/included.ts';
import type { Data } from '../../access/groups.ts';
import type { Ambient } from '../groups.ts';
import { atEntryOf } from './at-entry.ts';
import type { Step } from './plan.ts';

interface Node {
  readonly step: Step;
  readonly resource: object;
  /** Names what it tells of among what is written in the same transaction. */
  readonly tellsOf: readonly string[];
}

/**
 * Whom the resources concern that lead to others in the transaction, and those others, by `Type/id`. What is told counts
 * whatever the order of the entries; resources that tell of each other in a circle concern whomever one of them concerns.
 *
 * @param contents what the steps leave; nothing of deletions, nor of what stays as it is
 */
export async function ownersLeft(
  services: Data & Pick<Ambient, 'clock'>,
  contents: ReadonlyMap<Step, Accepted | undefined>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const nodes = linked(services, contents);
  const breathe = breather(services.clock);
  const owners = await patientsReached(services, nodes, breathe);
  // A resource without a patient by then is of somebody who cannot be told, until what it leads to says otherwise.
  const left = new Map<string, readonly string[]>(
    [...owners].map(([key, reached]) => [
      key,
      reached.size === 0 ? [UNPLACED] : [...reached].sort(),
    ]),
  );
  for (let turn = 0, changed = true; changed && turn < 2 * MOST_TURNS; turn += 1) {
    changed = false;
    for (const [key, { step, resource }] of nodes) {
      const { patients } = await atEntryOf(step.entry, () => ownersOf(services, resource, left));
      // It settles in few turns; should it not, what was closed once stays closed.
      const isKept = turn > MOST_TURNS && left.get(key)?.includes(UNPLACED) === true;
      const next = isKept ? [...new Set([...patients, UNPLACED])].sort() : patients;
      if (next.join() !== left.get(key)?.join()) changed = true;
      left.set(key, next);
      await breathe();
    }
  }
  return left;
}

/** Says after how many turns nothing opens any more. */
const MOST_TURNS = 10;

/** The patients whom each node concerns by itself, or by anything that it leads to in the transaction. */
async function patientsReached(
  services: Data,
  nodes: ReadonlyMap<string, Node>,
  breathe: () => Promise<void>,
): Promise<ReadonlyMap<string, Set<string>>> {
  const owners = new Map<string, Set<string>>();
  const none = new Map([...nodes.keys()].map((key) => [key, []]));
  for (const [key, { step, resource }] of nodes) {
    const own = await atEntryOf(step.entry, () => ownersOf(services, resource, none));
    owners.set(key, new Set(own.patients.filter((patient) => patient !== UNPLACED)));
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
  return owners;
}

/** Returns what tells of something else in the transaction, and what is told of. */
function linked(
  services: Pick<Data, 'r4'>,
  contents: ReadonlyMap<Step, Accepted | undefined>,
): ReadonlyMap<string, Node> {
  const written = new Map<string, Node>();
  for (const [step, accepted] of contents) {
    if (accepted === undefined || step.action === 'nothing') continue;
    const resource = { ...accepted.resource, id: step.id };
    written.set(keyOf(step), { step, resource, tellsOf: [...targetsOf(services, resource)] });
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
