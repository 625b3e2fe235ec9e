import { MongoClient } from 'mongodb';
import { people, type Answer, type Caller } from '../../support/app.ts';
import { actor, consent, observation, patient } from '../../support/clinical-samples.ts';
import { startSeveralServers, type SeveralServers } from '../../support/several-servers.ts';
import { chainFaults, logFaults } from './log-faults.ts';

export interface Figures {
  readonly revocations: number;
  /** Requests beside them, of everybody at any server. */
  readonly mixed: number;
  readonly probes: number;
  /** Answers that showed or changed something after a revocation was acknowledged at another server. */
  readonly late: readonly string[];
  /** Answers that refused what was granted before. */
  readonly wrong: readonly string[];
  /** Answers of any other kind than the request can have. */
  readonly odd: readonly string[];
  readonly accesses: number;
  readonly faults: readonly string[];
}

interface Size {
  readonly servers: number;
  readonly revocations: number;
  readonly mixed: number;
  readonly seed: number;
}

const PATIENTS = 12;
const LANES = 4;
const doctor: Caller = { ...people.doctor };

/**
 * Consents are revoked and granted again at one server, and at every other one is asked, as soon as that is acknowledged,
 * for what they hide, while everybody reads, searches and writes at all of them.
 */
export async function revokeAtSeveralServers(
  url: string,
  { servers: count, revocations, mixed, seed }: Size,
): Promise<Figures> {
  const world = await startSeveralServers(count, url);
  const random = mulberry(seed);
  const state = { late: [], wrong: [], odd: [], probes: 0 } as {
    late: string[];
    wrong: string[];
    odd: string[];
    probes: number;
  };
  try {
    await fill(world);
    let left = revocations;
    let others = mixed;
    const lane = async (mine: number): Promise<void> => {
      for (let i = mine; left > 0; i += LANES) {
        left -= 1;
        const id = String(i % PATIENTS);
        const at = Math.floor(random() * count);
        await change(world, { at, id, to: 'deny' }, state);
        await probe(world, { at, id, count, granted: false }, state);
        await change(world, { at: (at + 1) % count, id, to: 'permit' }, state);
        await probe(world, { at: (at + 1) % count, id, count, granted: true }, state);
      }
    };
    const crowd = async (): Promise<void> => {
      while (others > 0) {
        others -= 1;
        await anything(world, Math.floor(random() * count), random, state);
      }
    };
    await Promise.all([
      ...Array.from({ length: LANES }, (_, i) => lane(i)),
      ...Array.from({ length: 6 }, crowd),
    ]);
    return { revocations, mixed, ...state, ...(await logFaultsOf(url, world)) };
  } finally {
    await world.close();
  }
}

async function logFaultsOf(
  url: string,
  world: SeveralServers,
): Promise<Pick<Figures, 'accesses' | 'faults'>> {
  const client = await MongoClient.connect(url);
  try {
    const chains = await chainFaults(client.db());
    const log = await logFaults(client.db());
    // What the log of a patient shows is proved by its newest leaf.
    const shown = await world.ask(0, patientOf('0'), ['GET', 'Patient/0/$access-log']);
    const unproved = shown.status === 200 ? [] : [`$access-log: ${shown.status} ${shown.text}`];
    return { accesses: chains.accesses, faults: [...chains.faults, ...log, ...unproved] };
  } finally {
    await client.close();
  }
}

const codeOf = (id: string): string => `c-${id}`;

const patientOf = (id: string): Caller => ({
  role: 'patient',
  patient: id,
  user: `Patient/${id}`,
  scope: 'patient/*.cruds',
});
const patients = new Map<string, Caller>();
function asPatient(id: string): Caller {
  const known = patients.get(id) ?? patientOf(id);
  patients.set(id, known);
  return known;
}

const seen = (id: string) => ({
  ...observation(`o-${id}`, id, codeOf(id)),
  performer: [{ reference: `Practitioner/p-${id}` }],
});

/** Nobody owns the Practitioners, who are found through what somebody owns. */
async function fill({ ask }: SeveralServers): Promise<void> {
  for (let i = 0; i < PATIENTS; i += 1) {
    const id = String(i);
    for (const resource of [
      patient(id, `Family${id}`),
      { resourceType: 'Practitioner', id: `p-${id}` },
      seen(id),
    ]) {
      const path = `${resource.resourceType}/${resource.id}`;
      const { status, text } = await ask(0, people.ehr, ['PUT', path, resource]);
      if (status !== 201) throw new Error(`${path}: ${status} ${text}`);
    }
  }
}

const system = 'http://terminology.hl7.org/CodeSystem/consentaction';
const DENIED = {
  type: 'deny',
  actor: actor('Practitioner/doctor'),
  action: ['access', 'correct'].map((code) => ({ coding: [{ system, code }] })),
};

async function change(
  { ask }: SeveralServers,
  { at, id, to }: { readonly at: number; readonly id: string; readonly to: 'deny' | 'permit' },
  { odd }: { readonly odd: string[] },
): Promise<void> {
  const resource = {
    ...consent(`consent-${id}`, id, to === 'deny' ? DENIED : { type: 'permit' }),
    policyRule: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
    },
  };
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(at, asPatient(id), ['PUT', `Consent/consent-${id}`, resource]);
    if (answer.status === 200 || answer.status === 201) return;
    if (attempt === 5) throw new Error(`a consent cannot be changed: ${answer.text}`);
    odd.push(`PUT Consent: ${answer.status} ${answer.text}`);
  }
}

/** All that tells of the patient's data, at every server but the one that acknowledged. */
async function probe(
  { ask }: SeveralServers,
  of: {
    readonly at: number;
    readonly id: string;
    readonly count: number;
    readonly granted: boolean;
  },
  into: { readonly late: string[]; readonly wrong: string[]; probes: number },
): Promise<void> {
  const { at, id, count, granted } = of;
  const others = Array.from({ length: count }, (_, i) => i).filter((i) => i !== at);
  const total = (answer: Answer): boolean => answer.status === 200 && answer.json()['total'] === 1;
  const questions: readonly [string, (answer: Answer) => boolean, object?][] = [
    [`Practitioner?_has:Observation:performer:code=${codeOf(id)}&_total=accurate`, total],
    [`Observation?code=${codeOf(id)}&_total=accurate`, total],
    [`Observation?code=${codeOf(id)}&_summary=count`, total],
    [`Observation/o-${id}`, ({ status }) => status === 200],
    [`Observation/o-${id}`, ({ status }) => status === 200, seen(id)],
  ];
  await Promise.all(
    others.flatMap((other) =>
      questions.map(async ([path, shows, resource]) => {
        const method = resource === undefined ? 'GET' : 'PUT';
        const answer = await ask(other, doctor, [method, path, resource]);
        into.probes += 1;
        if (shows(answer) === granted) return;
        const said = `${method} ${path} at ${other} after ${at}: ${answer.status} ${answer.text}`;
        // A granted write may lose against another one; what is unavailable shows nothing.
        if (granted && (answer.status === 409 || answer.status === 503)) return;
        (granted ? into.wrong : into.late).push(said.slice(0, 500));
      }),
    ),
  );
}

const POSSIBLE: ReadonlySet<number> = new Set([200, 201, 403, 404, 409]);

async function anything(
  { ask }: SeveralServers,
  at: number,
  random: () => number,
  { odd }: { readonly odd: string[] },
): Promise<void> {
  const id = String(Math.floor(random() * PATIENTS));
  const fresh = `m-${Math.floor(random() * 1e9)}`;
  const some = [
    () => ask(at, people.ehr, ['GET', `Observation/o-${id}`]),
    () => ask(at, people.pharmacist, ['GET', `Observation?patient=${id}`]),
    () => ask(at, asPatient(id), ['GET', `Patient/${id}`]),
    () => ask(at, people.otherDoctor, ['GET', 'Observation?_count=50']),
    () => ask(at, doctor, ['GET', `Patient/${id}/$everything`]),
    () => ask(at, people.ehr, ['PUT', `Observation/${fresh}`, observation(fresh, id, 'mixed')]),
  ];
  const answer = await some[Math.floor(random() * some.length)]!();
  if (!POSSIBLE.has(answer.status)) odd.push(`${answer.status} ${answer.text}`.slice(0, 500));
}

/** A small generator whose numbers a seed repeats. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
