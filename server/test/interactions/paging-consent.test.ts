import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { BASE, people, startApp, type Answer, type TestApp } from '../support/app.ts';
import { actor, consent, entriesOf, observation, patient } from '../support/clinical-samples.ts';
import { randomOf } from '../support/moving-world.ts';

/** More of them: `TRAVERSALS=1000 node --test` with this file. */
const traversals = Number(process.env['TRAVERSALS'] ?? 12);
const writers = 8;
const patients = 8;
const perWriter = 5;

/** When a version is surely current: from the answer to its write until the next write begins. */
interface Version {
  readonly begun: number;
  readonly done: number;
  readonly version: string;
  readonly of: string;
  over?: number;
}

/** When a patient is surely hidden: from `done` to `over`; and surely not: before `begun` and after `ended`. */
interface Hiding {
  readonly begun: number;
  done: number;
  over: number;
  ended: number;
}

let server: TestApp;
let clock = 0;
const tick = (): number => (clock += 1);

async function ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<Answer> {
  const caller = method === 'GET' ? people.otherDoctor : people.ehr;
  const more = body === undefined ? {} : { body: JSON.stringify(body) };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await server.ask(caller, method, path, more);
    // A consent may come into force between looking and deciding: asking again is all it takes.
    if (method === 'GET' && answer.status === 403 && attempt < 5) continue;
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer;
  }
}

before(async () => {
  server = await startApp();
  for (let p = 0; p < patients; p += 1)
    await ask('PUT', `Patient/p${p}`, patient(`p${p}`, `F${p}`));
});
after(() => server.close());

describe('traversals while consents hide and show patients', () => {
  it(`never show what is hidden, and miss or repeat nothing else: ${traversals} with ${writers} writers`, async (t) => {
    const seed = randomInt(2 ** 31);
    t.diagnostic(`seed ${seed}`);
    /** Versions of each Observation, and when each patient was hidden. */
    const versions = new Map<string, Version[]>();
    const hidden = new Map<string, Hiding[]>();
    let stopped = false;

    const write = async (writer: number): Promise<void> => {
      const random = randomOf(seed + writer);
      while (!stopped) {
        const id = `w${writer}-${random(perWriter)}`;
        // An Observation stays its patient's.
        const of = `p${(writer + Number(id.at(-1))) % patients}`;
        const known = versions.get(id) ?? [];
        versions.set(id, known);
        const last = known.at(-1);
        const begun = tick();
        if (last?.over === undefined && last !== undefined && random(5) === 0) {
          last.over = begun;
          await ask('DELETE', `Observation/${id}`);
        } else {
          if (last) last.over ??= begun;
          const value = { value: random(9), system: 'http://unitsofmeasure.org', code: 'mg' };
          const body = { ...observation(id, of, `c${random(3)}`), valueQuantity: value };
          const answer = await ask('PUT', `Observation/${id}`, body);
          const { meta } = answer.json() as { meta: { versionId: string } };
          known.push({ begun, done: tick(), version: meta.versionId, of });
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const decide = async (): Promise<void> => {
      const random = randomOf(seed + 99);
      while (!stopped) {
        const of = `p${random(patients)}`;
        const spans = hidden.get(of) ?? [];
        hidden.set(of, spans);
        const last = spans.at(-1);
        const begun = tick();
        const rule = { type: 'deny', actor: actor('Practitioner/other-doctor') };
        const given = consent(`c-${of}`, of, rule);
        if (last?.over === Infinity) {
          last.over = begun;
          await ask('PUT', `Consent/c-${of}`, { ...given, status: 'inactive' });
          last.ended = tick();
        } else {
          const span = { begun, done: Infinity, over: Infinity, ended: Infinity };
          spans.push(span);
          await ask('PUT', `Consent/c-${of}`, given);
          span.done = tick();
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const surelyHidden = (of: string, from: number, to: number): boolean =>
      (hidden.get(of) ?? []).some(({ done, over }) => done < from && over > to);
    const touched = (of: string, from: number, to: number): boolean =>
      (hidden.get(of) ?? []).some(({ begun, ended }) => begun <= to && ended >= from);

    let rows = 0;
    const sorts = [
      '_id',
      '-_lastUpdated',
      'value-quantity',
      '-code,_id',
      'subject:Patient.family,-code',
    ];
    const traverse = async (n: number): Promise<void> => {
      const random = randomOf(seed + 1000 + n);
      const sort = sorts[random(sorts.length)] ?? '';
      const count = (): string => `_count=${1 + random(9)}`;
      const found = new Map<string, string>();
      const take = async (path: string, within: Map<string, string>): Promise<Answer> => {
        const from = tick();
        const page = await ask('GET', path);
        const to = tick();
        for (const { resource } of entriesOf(page)) {
          const { id, meta, subject } = resource as unknown as {
            id: string;
            meta: { versionId: string };
            subject: { reference: string };
          };
          const of = subject.reference.slice('Patient/'.length);
          assert.ok(!surelyHidden(of, from, to), `${id} of ${of} was hidden (seed ${seed}, ${n})`);
          assert.ok(!within.has(id), `${id} came twice (seed ${seed}, ${n})`);
          within.set(id, meta.versionId);
          rows += 1;
        }
        return page;
      };
      const started = tick();
      const first = await take(`Observation?_sort=${sort}&${count()}`, found);
      const fixed = tick();
      const forth = random(2) === 0;
      let page = first;
      if (!forth) {
        found.clear();
        const last = urlOf(first, 'last');
        if (last === undefined) return;
        page = await take(last, found);
      }
      for (;;) {
        const on = urlOf(page, forth ? 'next' : 'previous');
        if (on === undefined) break;
        page = await take(on.replace(/_count=\d+/, count()), found);
        if (random(6) === 0) {
          const back = urlOf(page, forth ? 'previous' : 'next');
          if (back !== undefined) await take(back, new Map());
        }
      }
      const ended = tick();
      for (const [id, known] of versions) {
        const version = found.get(id);
        if (version !== undefined) {
          const shown = known.find((each) => each.version === version);
          // Its own write may still be waiting for its answer.
          if (!shown) continue;
          assert.ok(shown.begun < fixed, `${id}/${version} is too new (seed ${seed}, ${n})`);
          const next = known[known.indexOf(shown) + 1];
          assert.ok(
            !next || next.done > started,
            `${id}/${version} is too old (seed ${seed}, ${n})`,
          );
        } else {
          const current = known.find(
            (each) => each.done < started && (each.over ?? Infinity) > fixed,
          );
          if (!current || touched(current.of, started, ended)) continue;
          assert.fail(`${id}/${current.version} of ${current.of} is missing (seed ${seed}, ${n})`);
        }
      }
    };

    const busy = Promise.all([
      ...Array.from({ length: writers }, (_, writer) => write(writer)),
      decide(),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    try {
      for (let n = 0; n < traversals; n += 3) {
        await Promise.all([n, n + 1, n + 2].map(traverse));
      }
    } finally {
      stopped = true;
      await busy;
    }
    assert.ok(rows > traversals);
    t.diagnostic(`${rows} rows shown; ${[...hidden.values()].flat().length} times hidden`);
  });
});

function urlOf(page: Answer, wanted: string): string | undefined {
  const { link } = page.json() as { link: { relation: string; url: string }[] };
  return link.find(({ relation }) => relation === wanted)?.url.slice(BASE.length + 1);
}
