import { Random } from '../search/random.ts';
import { actors } from './actors.ts';
import { Asking } from './asking.ts';
import { Book, type Drawn } from './book.ts';
import { checkConsent, checkGuess, checkIn } from './check-in.ts';
import { checkLead, checkOut } from './check-out.ts';
import { join, leaksIntoLog } from './joined.ts';
import { WAYS_IN } from './ways-in.ts';
import { LEADS, WAYS_OUT } from './ways-out.ts';
import { World, type Held } from './world.ts';

/** Requests that are under way at a time. */
const WIDTH = 12;
/** Requests after which what was shown and written is joined with the logs. */
const SLICE = 5_000;

/** One turn: somebody does something to something. */
type Turn = () => Promise<void>;

/**
 * Asks and writes in every way, as everybody, what is in every state, and compares what comes of it with a policy of its
 * own; after each slice with the access logs.
 */
export async function checkClosed({
  seed,
  requests,
  stop = false,
  progress,
}: {
  readonly seed: number;
  readonly requests: number;
  /** At the first fault. */
  readonly stop?: boolean;
  readonly progress?: (book: Book) => void;
}): Promise<Book> {
  const random = new Random(seed);
  const book = new Book();
  const world = await World.start();
  try {
    const asking = new Asking(world, book);
    const draw = drawing({ world, book, asking, random });
    for (let joined = 0; book.requests < requests;) {
      await Promise.all(Array.from({ length: WIDTH }, () => draw()()));
      progress?.(book);
      if (stop && book.faults.length > 0) break;
      if (book.requests - joined < SLICE && book.requests < requests) continue;
      await join(world, book);
      joined = book.requests;
    }
    const [nobody] = actors;
    for (const canary of leaksIntoLog(world)) {
      if (nobody === undefined) continue;
      const { name } = world.owners.get(canary)?.state ?? { name: '' };
      book.fault(
        { actor: nobody, way: 'log of the server', state: name },
        {
          ...{ kind: 'leak', input: '', expected: 'no text of a resource', got: canary },
        },
      );
    }
  } finally {
    await world.close();
  }
  return book;
}

type Run = Parameters<typeof checkIn>[0];

/** Draws actor and way by turns, so that each pair of them comes as often as any, and what they are about by chance. */
function drawing(run: Run): () => Turn {
  const { world, random } = run;
  const ways = [
    ...WAYS_OUT.map((way) => ({
      name: way.name,
      suits: (held: Held) => way.suits?.(held.facts) ?? true,
      act: (drawn: Drawn, held: Held) => checkOut(run, { drawn, way, held }),
    })),
    ...LEADS.map((way) => ({
      name: way.name,
      suits: (held: Held) => way.suits(held.facts),
      act: (drawn: Drawn, held: Held) => checkLead(run, { drawn, way, held }),
    })),
    ...WAYS_IN.map((way) => ({
      name: way.name,
      suits: (held: Held) => (way.suits?.(held.facts) ?? true) && isWritten(held),
      act: (drawn: Drawn, held: Held) => checkIn(run, { drawn, way, held }),
    })),
    {
      name: 'guess by patches',
      suits: (held: Held) => held.facts.type !== 'Binary' && isWritten(held),
      act: (drawn: Drawn, held: Held) => checkGuess(run, drawn, held),
    },
    { name: 'Consents', suits: () => true, act: (drawn: Drawn) => checkConsent(run, drawn) },
  ];
  let pairs: (readonly [number, number])[] = [];
  return () => {
    if (pairs.length === 0) pairs = shuffled(random, ways.length);
    const [w, a] = pairs.pop() ?? [0, 0];
    const [way, actor] = [ways[w], actors[a]];
    if (way === undefined || actor === undefined) throw new RangeError('nobody, or no way');
    const held = random.pick(world.standing.filter((each) => way.suits(each)));
    const drawn = { actor, way: way.name, state: held.state.name };
    return () => way.act(drawn, held);
  };
}

/** A Patient is created by what the world does; what becomes of that is not this campaign's. */
function isWritten({ facts }: Held): boolean {
  return facts.type !== 'Patient';
}

function shuffled(random: Random, ways: number): (readonly [number, number])[] {
  const pairs = Array.from(
    { length: ways * actors.length },
    (_, i) => [Math.floor(i / actors.length), i % actors.length] as const,
  );
  const keyed = pairs.map((pair) => ({ pair, key: random.next() }));
  return keyed.sort((x, y) => x.key - y.key).map(({ pair }) => pair);
}
