import type { Answered, Asking } from './asking.ts';
import type { Book, Drawn } from './book.ts';
import { seen, shownBy } from './expected.ts';
import { isStaff, type Verdict } from './policy.ts';
import { LEADS, type Request, type WayOut } from './ways-out.ts';
import type { Held, World } from './world.ts';

interface Run {
  readonly world: World;
  readonly book: Book;
  readonly asking: Asking;
}

/** Asks for a resource in one way, and, where an outsider may not see it, for one that never was. */
export async function checkOut(
  { world, book, asking }: Run,
  { drawn, way, held }: { readonly drawn: Drawn; readonly way: WayOut; readonly held: Held },
): Promise<void> {
  const { facts } = held;
  const patient = held.state.name;
  const request = way.request(facts, patient);
  const answer = await asking.send(drawn, request);
  const own = shownBy(world.rules, drawn.actor, { permission: way.permission, held });
  const expected = expectedOf(world, { drawn, way, held }, own);
  book.count('expected', String(expected));
  if (expected === true && !tells(way, answer, world.owners, held)) {
    book.fault(drawn, {
      kind: 'wrongful denial',
      input: answer.input,
      expected: `${facts.type}/${facts.id} shown (${way.tells})`,
      got: `${answer.status} ${answer.text.slice(0, 400)}`,
    });
  }
  if (own !== false || isStaff(drawn.actor.asker) || way.tells === 'log') return;
  const absent = { ...facts, id: absentIdOf(facts.id) };
  const ofAbsent = facts.type === 'Patient' ? absent.id : patient;
  const ofNever = way.request(absent, ofAbsent);
  if (way.selectsMore === true || JSON.stringify(ofNever) === JSON.stringify(request)) return;
  const never = await asking.send(drawn, ofNever);
  sameAnswers(book, drawn, [answer, never], [facts.id, absent.id]);
}

/** What leads through a resource to its patient must not lead there for who does not see it. */
export async function checkLead(
  { world, book, asking }: Run,
  {
    drawn,
    way,
    held,
  }: { readonly drawn: Drawn; readonly way: (typeof LEADS)[number]; readonly held: Held },
): Promise<void> {
  const { facts } = held;
  const answer = await asking.send(drawn, way.request(facts, held.state.name));
  if (shownBy(world.rules, drawn.actor, { permission: 's', held }) !== false) return;
  const absentId = absentIdOf(facts.id);
  const request: Request = way.request({ ...facts, id: absentId }, held.state.name);
  const never = await asking.send(drawn, request);
  sameAnswers(book, drawn, [answer, never], [facts.id, absentId]);
}

/** Of the same length, and there is no such. */
export const absentIdOf = (id: string): string => `${id.slice(0, -1)}q`;

function expectedOf(
  world: World,
  { drawn, way, held }: { readonly drawn: Drawn; readonly way: WayOut; readonly held: Held },
  own: Verdict,
): Verdict {
  const { actor } = drawn;
  if (way.tells === 'log') return isLogReader(actor, held) ? own : undefined;
  if (own !== true) return own;
  const { leadsThrough } = way;
  if (leadsThrough !== undefined) {
    const through = { ...held.facts, type: leadsThrough };
    if (!actor.covers('s', through, held.category)) return undefined;
  }
  return way.throughPatient === true ? throughPatient(world, actor, held) : true;
}

function isLogReader({ asker }: Drawn['actor'], { facts }: Held): boolean {
  return asker.role === 'patient' && asker.patient === facts.id;
}

/** Where it leads through a Patient whom this one does not see, what comes of it is left open. */
function throughPatient(world: World, actor: Drawn['actor'], held: Held): Verdict {
  const patient = world.standing.find(
    ({ facts }) => facts.type === 'Patient' && facts.id === held.state.name,
  );
  if (patient === undefined) return true;
  return seen(world.rules, actor, patient) === true ? true : undefined;
}

function tells(
  { tells: by }: WayOut,
  { status, shown, text }: Answered,
  owners: World['owners'],
  held: Held,
): boolean {
  if (by === 'status') return status === 200 || status === 304;
  if (status !== 200) return false;
  if (by === 'maybe' || by === 'log') return true;
  if (by === 'total') return /"total":1[,}]/.test(text);
  return [...shown].some((canary) => owners.get(canary)?.facts === held.facts);
}

/** What is hidden and what never was must be answered alike. */
export function sameAnswers(
  book: Book,
  drawn: Drawn,
  [hidden, never]: readonly [Answered, Answered],
  [id, absentId]: readonly [string, string],
): void {
  const [got, expected] = [comparable(hidden, id), comparable(never, absentId)];
  if (got === expected) return;
  book.fault(drawn, { kind: 'oracle', input: hidden.input, expected, got });
}

const OWN = new Set([
  'date',
  'x-request-id',
  'content-length',
  'last-modified',
  'etag',
  'keep-alive',
  'connection',
]);

function comparable({ status, text, headers }: Answered, id: string): string {
  const kept = [...headers].filter(([name]) => !OWN.has(name));
  const body = text
    .replaceAll(/_cursor=[^"&]+/g, '_cursor=…')
    .replaceAll(/"(lastUpdated|timestamp)":"[^"]+"/g, '')
    .replaceAll(/"id":"[0-9a-f-]{36}"/g, '')
    .replaceAll(/"fullUrl":"urn:uuid:[^"]+"/g, '');
  return `${status} ${body.replaceAll(id, '{id}')} ${JSON.stringify(kept.sort())}`;
}
