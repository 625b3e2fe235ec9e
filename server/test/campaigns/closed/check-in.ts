import type { Asking, Answered } from './asking.ts';
import type { Book, Drawn } from './book.ts';
import { absentIdOf, sameAnswers } from './check-out.ts';
import { all, changes, creates, seen } from './expected.ts';
import { isOffice, isStaff, type Verdict } from './policy.ts';
import type { Random } from '../search/random.ts';
import type { WayIn } from './ways-in.ts';
import { GUESSES, ON_CONSENTS } from './ways-to-learn.ts';
import type { Held, World } from './world.ts';

interface Run {
  readonly world: World;
  readonly book: Book;
  readonly asking: Asking;
  readonly random: Random;
}
interface Write {
  readonly drawn: Drawn;
  readonly way: WayIn;
  readonly held: Held;
}

/**
 * Writes in one way: what the policy permits, to a resource of the same kind that is made for it, so that what stands
 * stays; what it refuses, to what stands, which must be as it was.
 */
export async function checkIn(run: Run, { drawn, way, held }: Write): Promise<void> {
  const { world, book } = run;
  // Those who may take away are trusted with what comes of it.
  if (way.lowers === true && isOffice(drawn.actor.asker)) return;
  const fresh = way.act === 'create' && way.atNew !== true ? held : world.like(held);
  const verdict = verdictOf(run, drawn, way, fresh);
  const standing = way.act === 'create' ? verdict : verdictOf(run, drawn, way, held);
  // What is judged by its id is not what a new one is judged by.
  if (verdict !== standing) return;
  book.count('expected', String(verdict));
  const named = way.atNew === true ? fresh : held;
  if (verdict === false) return denied(run, { drawn, way, held }, named);
  if (way.act !== 'create') await world.put(fresh);
  const target = way.act === 'create' ? world.like(held) : fresh;
  const answer = await send(run, { drawn, way, held: target });
  const done = succeeded(way, answer) && (await tookEffect(run, way, target));
  if (verdict === true && !done) {
    book.fault(drawn, {
      kind: 'wrongful denial',
      input: answer.input,
      expected: 'written',
      got: `${answer.status} ${answer.text.slice(0, 400)}`,
    });
  }
  const { of } = target.facts;
  if (done && of !== undefined) {
    const { requestId: request, input } = answer;
    book.dues.push({ patient: of, request, drawn, input, written: true });
  }
}

function verdictOf({ world }: Run, { actor }: Drawn, way: WayIn, held: Held): Verdict {
  const { rules } = world;
  if (way.act === 'create') {
    // Who does not see what is there creates another.
    return creates(rules, actor, held, way.atNew === true ? 'u' : 'c');
  }
  const itself = changes(rules, actor, held, way.act === 'delete' ? 'd' : 'u');
  const along = way.bringsProvenance !== true || creates(rules, actor, provenanceOf(held));
  const may = all(itself, along);
  if (way.lowers === true) return false;
  if (way.byCriteria === true && way.name.startsWith('PUT') && may === false) {
    return creates(rules, actor, held) === false ? false : undefined;
  }
  if (way.byCriteria === true)
    return may === true && !actor.covers('s', held.facts, held.category) ? undefined : may;
  return may;
}

function provenanceOf({ facts, ...held }: Held): Held {
  return { ...held, facts: { ...facts, type: 'Provenance', codes: [] }, context: undefined };
}

async function denied(run: Run, { drawn, way, held }: Write, named: Held): Promise<void> {
  const { world, book } = run;
  const answer = await send(run, { drawn, way, held: named });
  const after = await world.stateOf(held);
  if (after !== 'unchanged') {
    book.fault(drawn, {
      kind: 'changed unseen',
      input: answer.input,
      expected: 'unchanged',
      got: `${after}: ${answer.status} ${answer.text.slice(0, 200)}`,
    });
    await world.restore(held);
  }
  if (succeeded(way, answer) && way.byCriteria !== true) {
    book.fault(drawn, {
      kind: 'permitted wrongly',
      input: answer.input,
      expected: 'refused',
      got: `${answer.status} ${answer.text.slice(0, 300)}`,
    });
  }
  if (!isStaff(drawn.actor.asker)) await compareWithAbsent(run, { drawn, way, held }, answer);
}

async function compareWithAbsent(
  run: Run,
  { drawn, way, held }: Write,
  answer: Answered,
): Promise<void> {
  const { world, book } = run;
  if (way.act === 'create' || way.lowers === true) return;
  if (seen(world.rules, drawn.actor, held) !== false) return;
  // Who may create there is answered by a creation, which cannot be like anything.
  if (creates(world.rules, drawn.actor, held) !== false) return;
  const absent = world.like(held, absentIdOf(held.facts.id));
  const never = await send(run, { drawn, way, held: absent });
  sameAnswers(book, drawn, [answer, never], [held.facts.id, absent.facts.id]);
}

/** Where criteria select nothing, nothing is done, and that is no success. */
async function tookEffect({ world }: Run, way: WayIn, target: Held): Promise<boolean> {
  return way.act === 'create' || (await world.stateOf(target)) !== 'unchanged';
}

function send({ world, asking }: Run, { drawn, way, held }: Write): Promise<Answered> {
  const canary = world.anotherCanary(held);
  const before = world.canaryOf(held);
  const resource = world.textOf(held, canary);
  return asking.send(drawn, way.request({ facts: held.facts, resource, canary, before }));
}

function succeeded({ inBundle }: WayIn, { status, text }: Answered): boolean {
  if (inBundle !== true) return status < 300;
  return status === 200 && /"status":"2\d\d/.test(text);
}

/** Guesses at a text that the caller may not see: right and wrong must be answered alike. */
export async function checkGuess(run: Run, drawn: Drawn, held: Held): Promise<void> {
  const { world, book, asking } = run;
  if (seen(world.rules, drawn.actor, held) !== false) return;
  const carried = { facts: held.facts, resource: {}, canary: '', before: world.canaryOf(held) };
  const guess = run.random.pick(GUESSES);
  const right = await asking.send(drawn, guess(carried, true));
  const wrong = await asking.send(drawn, guess(carried, false));
  // To systems and administration labels are no bar to a patch, but they may be to its answer.
  if (changes(world.rules, drawn.actor, held, 'u') === undefined) {
    await world.restore(held);
    return;
  }
  sameAnswers(book, drawn, [right, wrong], [held.facts.id, held.facts.id]);
  const after = await world.stateOf(held);
  if (after === 'unchanged') return;
  book.fault(drawn, {
    kind: 'changed unseen',
    input: right.input,
    expected: 'unchanged',
    got: after,
  });
  await world.restore(held);
}

/** Tries to change what decides, by one who may not: neither its patient nor the custodian's office. */
export async function checkConsent(
  { world, book, asking, random }: Run,
  drawn: Drawn,
): Promise<void> {
  const of = random.pick([...world.rules.keys()].filter((each) => world.rules.get(each)?.length));
  const { asker } = drawn.actor;
  if (isOffice(asker)) return;
  const way = random.pick(ON_CONSENTS);
  const named = { ...drawn, way: way.name, state: of };
  const answer = await asking.send(named, way.request(`${of}-0`, of));
  if (answer.status >= 400) return;
  book.fault(named, {
    kind: 'permitted wrongly',
    input: answer.input,
    expected: 'refused',
    got: `${answer.status} ${answer.text.slice(0, 200)}`,
  });
}
