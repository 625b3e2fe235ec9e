import type { Facts } from './policy.ts';
import { IDENTIFIERS } from './samples.ts';
import type { Request } from './ways-out.ts';

/** What a write carries. */
export interface Carried {
  readonly facts: Facts;
  /** The resource with a new text of its own. */
  readonly resource: object;
  readonly canary: string;
  /** The text that stands there. */
  readonly before: string;
}

/** One way to change what is there. */
export interface WayIn {
  readonly name: string;
  readonly act: 'create' | 'update' | 'delete';
  /** It looks for the resource by its identifier. */
  readonly byCriteria?: true;
  /** It takes away what only systems and administration may take away. */
  readonly lowers?: true;
  /** A Provenance comes along, which is created. */
  readonly bringsProvenance?: true;
  /** It names an id under which nothing is. */
  readonly atNew?: true;
  /** Sent inside of a Bundle, in whose entry the status stands. */
  readonly inBundle?: true;
  readonly suits?: (facts: Facts) => boolean;
  readonly request: (carried: Carried) => Request;
}

export const at = ({ type, id }: Facts): string => `${type}/${id}`;
const where = ({ type, id }: Facts): string => `${type}?identifier=${IDENTIFIERS}|${id}`;
const identified = ({ type }: Facts): boolean => type !== 'Binary';
const patched = identified;
export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
export const json = (resource: unknown): string => JSON.stringify(resource);

const patchTo = (canary: string): string =>
  json([{ op: 'replace', path: '/extension/0/valueString', value: canary }]);
const fhirPathPatch = ({ type }: Facts, canary: string): string =>
  json({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: `${type}.extension[0].value` },
          { name: 'value', valueString: canary },
        ],
      },
    ],
  });
const metaAdd = (canary: string): string =>
  json({
    resourceType: 'Parameters',
    parameter: [
      { name: 'meta', valueMeta: { tag: [{ system: 'urn:t', code: 'b', display: canary }] } },
    ],
  });

interface Entry {
  readonly method: string;
  readonly url: string;
  readonly resource?: object;
}
const bundle = (type: 'batch' | 'transaction', { resource, ...request }: Entry): Request => ({
  method: 'POST',
  path: '',
  body: json({ resourceType: 'Bundle', type, entry: [{ request, ...(resource && { resource }) }] }),
});
const without = (resource: object, ...members: readonly string[]): object =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !members.includes(name)));
const fromPatch = (patch: string): object => ({
  resourceType: 'Binary',
  contentType: 'application/json-patch+json',
  data: Buffer.from(patch).toString('base64'),
});

const ALONE: readonly WayIn[] = [
  {
    name: 'PUT',
    act: 'update',
    request: ({ facts, resource }) => ({ method: 'PUT', path: at(facts), body: json(resource) }),
  },
  {
    name: 'PUT if match',
    act: 'update',
    request: ({ facts, resource }) => ({
      method: 'PUT',
      path: at(facts),
      body: json(resource),
      headers: { 'if-match': 'W/"1"' },
    }),
  },
  {
    name: 'PUT with X-Provenance',
    act: 'update',
    bringsProvenance: true,
    request: ({ facts, resource }) => ({
      method: 'PUT',
      path: at(facts),
      body: json(resource),
      headers: {
        'x-provenance': json({
          resourceType: 'Provenance',
          recorded: '2026-01-02T03:04:05Z',
          agent: [{ who: { display: 'somebody' } }],
        }),
      },
    }),
  },
  {
    name: 'PUT by criteria',
    act: 'update',
    byCriteria: true,
    suits: identified,
    request: ({ facts, resource }) => ({
      method: 'PUT',
      path: where(facts),
      body: json(without(resource, 'id')),
    }),
  },
  {
    name: 'JSON Patch',
    act: 'update',
    suits: patched,
    request: ({ facts, canary }) => ({
      method: 'PATCH',
      path: at(facts),
      body: patchTo(canary),
      headers: JSON_PATCH,
    }),
  },
  {
    name: 'JSON Patch by criteria',
    act: 'update',
    byCriteria: true,
    suits: patched,
    request: ({ facts, canary }) => ({
      method: 'PATCH',
      path: where(facts),
      body: patchTo(canary),
      headers: JSON_PATCH,
    }),
  },
  {
    name: 'FHIRPath Patch',
    act: 'update',
    suits: patched,
    request: ({ facts, canary }) => ({
      method: 'PATCH',
      path: at(facts),
      body: fhirPathPatch(facts, canary),
    }),
  },
  {
    name: '$meta-add',
    act: 'update',
    request: ({ facts, canary }) => ({
      method: 'POST',
      path: `${at(facts)}/$meta-add`,
      body: metaAdd(canary),
    }),
  },
  {
    name: 'DELETE',
    act: 'delete',
    request: ({ facts }) => ({ method: 'DELETE', path: at(facts) }),
  },
  {
    name: 'DELETE by criteria',
    act: 'delete',
    byCriteria: true,
    suits: identified,
    request: ({ facts }) => ({ method: 'DELETE', path: where(facts) }),
  },
  {
    name: 'POST',
    act: 'create',
    request: ({ facts, resource }) => ({
      method: 'POST',
      path: facts.type,
      body: json(without(resource, 'id')),
    }),
  },
  {
    name: 'PUT of a new one',
    act: 'create',
    atNew: true,
    request: ({ facts, resource }) => ({ method: 'PUT', path: at(facts), body: json(resource) }),
  },
  {
    name: 'POST if none exist',
    act: 'create',
    byCriteria: true,
    suits: identified,
    request: ({ facts, resource }) => ({
      method: 'POST',
      path: facts.type,
      body: json(without(resource, 'id')),
      headers: { 'if-none-exist': `identifier=${IDENTIFIERS}|${facts.id}` },
    }),
  },
];

const BUNDLED: readonly WayIn[] = (['batch', 'transaction'] as const).flatMap(
  (type) =>
    [
      {
        name: `PUT in a ${type}`,
        act: 'update',
        inBundle: true,
        request: ({ facts, resource }) => bundle(type, { method: 'PUT', url: at(facts), resource }),
      },
      {
        name: `PATCH in a ${type}`,
        act: 'update',
        inBundle: true,
        suits: patched,
        request: ({ facts, canary }) =>
          bundle(type, { method: 'PATCH', url: at(facts), resource: fromPatch(patchTo(canary)) }),
      },
      {
        name: `DELETE in a ${type}`,
        act: 'delete',
        inBundle: true,
        request: ({ facts }) => bundle(type, { method: 'DELETE', url: at(facts) }),
      },
      {
        name: `POST in a ${type}`,
        act: 'create',
        inBundle: true,
        request: ({ facts, resource }) =>
          bundle(type, { method: 'POST', url: facts.type, resource: without(resource, 'id') }),
      },
    ] satisfies readonly WayIn[],
);

const told = ({ of, type }: Facts): boolean =>
  of !== undefined && type !== 'Patient' && type !== 'Binary';
const labelled = ({ confidentiality, labels }: Facts): boolean =>
  confidentiality !== 'N' || labels.length > 0;

/** What nobody but systems and administration may do, whatever they may else change. */
const LOWERING: readonly WayIn[] = [
  {
    name: 'PUT without its patient',
    act: 'update',
    lowers: true,
    suits: told,
    request: ({ facts, resource }) => ({
      method: 'PUT',
      path: at(facts),
      body: json(without(resource, 'subject', 'patient', 'for')),
    }),
  },
  {
    name: 'PATCH to another patient',
    act: 'update',
    lowers: true,
    suits: ({ of, type }) => of !== undefined && of !== 'own-b' && type === 'Observation',
    request: ({ facts }) => ({
      method: 'PATCH',
      path: at(facts),
      body: json([{ op: 'replace', path: '/subject', value: { reference: 'Patient/own-b' } }]),
      headers: JSON_PATCH,
    }),
  },
  {
    name: 'PUT without its labels',
    act: 'update',
    lowers: true,
    suits: labelled,
    request: ({ facts, resource }) => ({
      method: 'PUT',
      path: at(facts),
      body: json(without(resource, 'meta')),
    }),
  },
];

export const WAYS_IN: readonly WayIn[] = [...ALONE, ...BUNDLED, ...LOWERING];
