import type { Facts } from './policy.ts';
import { IDENTIFIERS } from './samples.ts';

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One way to ask for a resource. */
export interface WayOut {
  readonly name: string;
  readonly permission: 'r' | 's';
  /** How an answer tells that the resource is there: by its text, a total of one, the status alone; `maybe` by text, not surely;
   * `log` shows accesses, which are for the patient and the auditor whatever consents say. */
  readonly tells: 'text' | 'total' | 'status' | 'maybe' | 'log';
  /** It leads through this type, too, and needs a scope for it. */
  readonly leadsThrough?: string;
  /** It leads through the Patient, who must be seen, too. */
  readonly throughPatient?: true;
  /** By the id, others besides. */
  readonly selectsMore?: true;
  readonly suits?: (facts: Facts) => boolean;
  /** `patient` is whose compartment is asked. */
  readonly request: (facts: Facts, patient: string) => Request;
}

const get = (path: string, headers?: Request['headers']): Request => ({
  method: 'GET',
  path,
  ...(headers && { headers }),
});
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const form = (path: string, body: string): Request => ({
  method: 'POST',
  path,
  body,
  headers: FORM,
});
const PARAMETERS = '{"resourceType":"Parameters"}';
const bundle = (type: 'batch' | 'transaction', ...urls: readonly string[]): Request => ({
  method: 'POST',
  path: '',
  body: JSON.stringify({
    resourceType: 'Bundle',
    type,
    entry: urls.map((url) => ({ request: { method: 'GET', url } })),
  }),
});

const isClinical = ({ of, type }: Facts): boolean =>
  of !== undefined && type !== 'Patient' && type !== 'Binary';
const searched = ({ type }: Facts): boolean => type !== 'Binary';
const identified = ({ type }: Facts): boolean => type !== 'Binary';
const isPatient = ({ type }: Facts): boolean => type === 'Patient';
const isComposition = ({ type }: Facts): boolean => type === 'Composition';
const isObservation = ({ type, of }: Facts): boolean => type === 'Observation' && of !== undefined;

const instance = ({ type, id }: Facts): string => `${type}/${id}`;

const READS: readonly WayOut[] = [
  ['read', (at: string) => get(at)],
  ['read XML', (at: string) => get(`${at}?_format=xml`)],
  ['read if none match', (at: string) => get(at, { 'if-none-match': 'W/"7"' })],
  ['vread', (at: string) => get(`${at}/_history/1`)],
  ['history of an instance', (at: string) => get(`${at}/_history`)],
  ['$evidence', (at: string) => get(`${at}/_history/1/$evidence`)],
  ['read in a batch', (at: string) => bundle('batch', at)],
  ['history in a batch', (at: string) => bundle('batch', `${at}/_history`)],
  ['vread in a batch', (at: string) => bundle('batch', `${at}/_history/1`)],
  ['$meta', (at: string) => get(`${at}/$meta`)],
].map(([name, request]) => ({
  name: name as string,
  permission: 'r' as const,
  tells: 'text' as const,
  request: (facts) => (request as (at: string) => Request)(instance(facts)),
}));

const STATUSES: readonly WayOut[] = [
  ['read if changed', (at: string) => get(at, { 'if-none-match': 'W/"1"' })],
  [
    'read if modified since',
    (at: string) => get(at, { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' }),
  ],
  ['read a summary', (at: string) => get(`${at}?_summary=true`)],
  ['read one element', (at: string) => get(`${at}?_elements=id`)],
  ['history of long ago', (at: string) => get(`${at}/_history?_at=1990`)],
  ['history of what is to come', (at: string) => get(`${at}/_history?_since=2099-01-01T00:00:00Z`)],
].map(([name, request]) => ({
  name: name as string,
  permission: 'r' as const,
  tells: 'status' as const,
  request: (facts) => (request as (at: string) => Request)(instance(facts)),
}));

const SEARCHES: readonly WayOut[] = (
  [
    ['search by id', 'text', searched, ({ type, id }) => get(`${type}?_id=${id}`)],
    ['search by POST', 'text', searched, ({ type, id }) => form(`${type}/_search`, `_id=${id}`)],
    [
      'search of several types',
      'text',
      searched,
      ({ type, id }) => get(`?_type=${type}&_id=${id}`),
    ],
    [
      'search of several types by POST',
      'text',
      searched,
      ({ type, id }) => form('_search', `_type=${type}&_id=${id}`),
    ],
    ['count', 'total', searched, ({ type, id }) => get(`${type}?_id=${id}&_summary=count`)],
    ['total', 'total', searched, ({ type, id }) => get(`${type}?_id=${id}&_total=accurate`)],
    [
      'count by identifier',
      'total',
      identified,
      ({ type, id }) => get(`${type}?identifier=${IDENTIFIERS}|${id}&_summary=count`),
    ],
    ['search in a batch', 'text', searched, ({ type, id }) => bundle('batch', `${type}?_id=${id}`)],
    [
      'sorted newest',
      'maybe',
      searched,
      ({ type }) => get(`${type}?_sort=-_lastUpdated&_count=20`),
    ],
    ['history of a type', 'maybe', searched, ({ type }) => get(`${type}/_history?_count=20`)],
    ['history of all', 'maybe', searched, () => get('_history?_count=20')],
    ['search for a tag', 'maybe', searched, ({ type }) => get(`${type}?_tag=urn:t|made&_count=20`)],
    [
      'include of everything',
      'text',
      searched,
      ({ type, id }) => get(`${type}?_id=${id}&_include=*`),
    ],
  ] as const satisfies readonly (readonly [
    string,
    WayOut['tells'],
    (facts: Facts) => boolean,
    (facts: Facts) => Request,
  ])[]
).map(([name, tells, suits, request]) => ({ name, permission: 's', tells, suits, request }));

const THROUGH: readonly WayOut[] = (
  [
    ['compartment', 'text', ({ type, id }, of) => get(`Patient/${of}/${type}?_id=${id}`)],
    [
      'compartment by POST',
      'text',
      ({ type, id }, of) => form(`Patient/${of}/${type}/_search`, `_id=${id}`),
    ],
    [
      'chain to the patient',
      'maybe',
      ({ type, id }, of) => get(`${type}?_id=${id}&patient._id=${of}`),
    ],
    [
      'include of the patient',
      'text',
      ({ type, id }) => get(`${type}?_id=${id}&_include=${type}:patient`),
    ],
    [
      'reverse include',
      'maybe',
      ({ type }, of) => get(`Patient?_id=${of}&_revinclude=${type}:patient`),
    ],
    ['$everything', 'maybe', (_facts, of) => get(`Patient/${of}/$everything?_count=200`)],
    [
      '$everything of a type',
      'maybe',
      ({ type }, of) => get(`Patient/${of}/$everything?_type=${type}&_count=200`),
    ],
  ] as const satisfies readonly (readonly [
    string,
    WayOut['tells'],
    (facts: Facts, of: string) => Request,
  ])[]
).map(([name, tells, request]) => ({
  name,
  permission: 's',
  tells,
  throughPatient: true,
  suits: (facts) => isClinical(facts) && facts.type !== 'Task',
  request,
}));

/** Every way out; those that lead through a resource without showing it are in `LEADS`. */
export const WAYS_OUT: readonly WayOut[] = [
  ...READS,
  ...STATUSES,
  ...SEARCHES,
  ...THROUGH,
  {
    name: 'whole compartment',
    permission: 's',
    tells: 'maybe',
    throughPatient: true,
    selectsMore: true,
    suits: isClinical,
    request: ({ id }, of) => get(`Patient/${of}/*?_id=${id}`),
  },
  {
    name: 'chain through an encounter',
    permission: 's',
    tells: 'maybe',
    leadsThrough: 'Encounter',
    suits: isObservation,
    request: ({ id }) => get(`Observation?encounter._id=${id}`),
  },
  {
    name: '$document',
    permission: 'r',
    tells: 'text',
    suits: isComposition,
    request: (facts) => get(`${instance(facts)}/$document`),
  },
  {
    name: '$meta by POST',
    permission: 'r',
    tells: 'text',
    request: (facts) => ({ method: 'POST', path: `${instance(facts)}/$meta`, body: PARAMETERS }),
  },
  {
    name: 'content of a Binary',
    permission: 'r',
    tells: 'text',
    suits: ({ type }) => type === 'Binary',
    request: (facts) => get(instance(facts), { accept: '*/*' }),
  },
  {
    name: '$everything of the patient',
    permission: 'r',
    tells: 'text',
    suits: isPatient,
    request: ({ id }) => get(`Patient/${id}/$everything?_type=Patient`),
  },
  {
    name: '$unassigned',
    permission: 's',
    tells: 'maybe',
    suits: ({ of }) => of === undefined,
    leadsThrough: '*',
    request: () => get('$unassigned?_count=20'),
  },
  {
    name: '$access-log',
    permission: 'r',
    tells: 'log',
    suits: isPatient,
    request: ({ id }) => get(`Patient/${id}/$access-log?_count=5`),
  },
];

/** Ways whose answer must not depend on what is hidden though they show another: the patient. */
export const LEADS: readonly {
  readonly name: string;
  readonly suits: (facts: Facts) => boolean;
  readonly request: (facts: Facts, patient: string) => Request;
}[] = [
  {
    name: '_has',
    suits: (facts) => isClinical(facts) && facts.type !== 'Task',
    request: ({ type, id }, of) => get(`Patient?_id=${of}&_has:${type}:patient:_id=${id}`),
  },
  {
    name: '_has by identifier',
    suits: (facts) => isClinical(facts) && identified(facts) && facts.type !== 'Task',
    request: ({ type, id }, of) =>
      get(`Patient?_id=${of}&_has:${type}:patient:identifier=${IDENTIFIERS}|${id}&_summary=count`),
  },
];
