import assert from 'node:assert/strict';
import { BASE, type Answer, type TestApp } from '../../support/app.ts';
import { entriesOf } from '../../support/clinical-samples.ts';
import { HidingWorld, type Span } from '../../support/hiding-world.ts';
import { randomOf } from '../../support/moving-world.ts';
import type { AddTest } from '../at-length.ts';

const writers = 8;
/** Traversals at the same time. */
const lanes = 3;
const sorts = [
  '_id',
  '-_lastUpdated',
  'value-quantity',
  '-code,_id',
  'subject:Patient.family,-code',
];

/** Traversals of a search, from both ends, by somebody from whom consents hide patients meanwhile. */
export function itTraversesWhatIsShown(
  server: () => TestApp,
  { traversals, seed }: { readonly traversals: number; readonly seed: number },
  it: AddTest,
): void {
  it(`never shows what is hidden, and misses or repeats nothing else: ${traversals} with ${writers} writers`, async () => {
    console.log(`seed ${seed}`);
    const world = new HidingWorld(server(), seed);
    await world.populate();
    const busy = Promise.all([
      ...Array.from({ length: writers }, (_, writer) => world.write(writer)),
      world.decide(),
    ]);
    // However slow or fast the machine is, there is something to page through.
    while (world.written() < 80) await new Promise((resolve) => setTimeout(resolve, 10));
    const shown = { rows: 0, pages: 0, backwards: 0 };
    try {
      for (let n = 0; n < traversals; n += lanes) {
        const some = Array.from({ length: Math.min(lanes, traversals - n) }, (_, i) => n + i);
        for (const of of await Promise.all(some.map((one) => traverse(world, seed, one)))) {
          shown.rows += of.rows;
          shown.pages += of.pages;
          shown.backwards += Number(of.backwards);
        }
      }
    } finally {
      world.stop();
      await busy;
    }
    assert.ok(shown.rows > 5 * traversals, `only ${shown.rows} rows were shown`);
    assert.ok(world.timesHidden() > traversals / 10, `hidden only ${world.timesHidden()} times`);
    assert.ok(world.written() > traversals, `only ${world.written()} versions were written`);
    console.log(
      `${shown.rows} rows on ${shown.pages} pages, ${shown.backwards} traversals from the end; ${world.written()} versions written, ${world.timesHidden()} times hidden`,
    );
  });
}

interface Shown {
  readonly rows: number;
  readonly pages: number;
  readonly backwards: boolean;
}

async function traverse(world: HidingWorld, seed: number, n: number): Promise<Shown> {
  const random = randomOf(seed + 1000 + n);
  const label = `(seed ${seed}, ${n})`;
  const sort = sorts[random(sorts.length)] ?? '';
  const count = (): string => `_count=${1 + random(9)}`;
  const found = new Map<string, string>();
  const shown = { rows: 0, pages: 0, backwards: false };
  const take = async (path: string, within: Map<string, string>): Promise<Answer> => {
    // As between requests over a network: otherwise the writers would wait for the readers.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const from = world.tick();
    const page = await world.look(path);
    shown.rows += keep(world, page, { within, label, during: { from, to: world.tick() } });
    shown.pages += 1;
    return page;
  };
  const started = world.tick();
  const first = await take(`Observation?_sort=${sort}&${count()}`, found);
  const fixed = world.tick();
  const last = random(2) === 0 ? undefined : urlOf(first, 'last');
  const [on, back] = last === undefined ? ['next', 'previous'] : ['previous', 'next'];
  let page = first;
  if (last !== undefined) {
    shown.backwards = true;
    found.clear();
    page = await take(last, found);
  }
  for (;;) {
    const url = urlOf(page, on);
    if (url === undefined) break;
    page = await take(url.replace(/_count=\d+/, count()), found);
    const behind = random(6) === 0 ? urlOf(page, back) : undefined;
    if (behind !== undefined) await take(behind, new Map());
  }
  assertOneMoment(world, found, { started, fixed, ended: world.tick(), label });
  return shown;
}

/** @returns how many rows there were */
function keep(
  world: HidingWorld,
  page: Answer,
  by: { readonly within: Map<string, string>; readonly label: string; readonly during: Span },
): number {
  const rows = entriesOf(page);
  for (const { resource } of rows) {
    const { id, meta, subject } = resource as unknown as {
      readonly id: string;
      readonly meta: { readonly versionId: string };
      readonly subject: { readonly reference: string };
    };
    const of = subject.reference.slice('Patient/'.length);
    assert.ok(!world.surelyHidden(of, by.during), `${id} of ${of} was hidden ${by.label}`);
    assert.ok(!by.within.has(id), `${id} came twice ${by.label}`);
    by.within.set(id, meta.versionId);
  }
  return rows.length;
}

/** Everything that was current and shown while the first page was made, as it was then. */
function assertOneMoment(
  world: HidingWorld,
  found: ReadonlyMap<string, string>,
  {
    started,
    fixed,
    ended,
    label,
  }: {
    readonly started: number;
    readonly fixed: number;
    readonly ended: number;
    readonly label: string;
  },
): void {
  for (const [id, known] of world.versions) {
    const version = found.get(id);
    if (version === undefined) {
      const current = known.find(({ done, over = Infinity }) => done < started && over > fixed);
      if (!current || world.maybeHidden(current.of, { from: started, to: ended })) continue;
      assert.fail(`${id}/${current.version} of ${current.of} is missing ${label}`);
    }
    const shown = known.find((each) => each.version === version);
    // Its own write may still be waiting for its answer.
    if (!shown) continue;
    assert.ok(shown.begun < fixed, `${id}/${version} is too new ${label}`);
    const next = known[known.indexOf(shown) + 1];
    assert.ok(!next || next.done > started, `${id}/${version} is too old ${label}`);
  }
}

function urlOf(page: Answer, wanted: string): string | undefined {
  const { link } = page.json() as { link: { relation: string; url: string }[] };
  return link.find(({ relation }) => relation === wanted)?.url.slice(BASE.length + 1);
}
