import { people, type Answer, type Caller, type TestApp } from './app.ts';
import { entry } from './bundles.ts';

/** As text, under their names in `Bundle.entry.request`. */
export interface Conditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifUnmodifiedSince?: string;
}

/** What became of one write, alone or in a Bundle. */
export interface Outcome {
  readonly status: number;
  readonly text: string;
  /** Of the first issue. */
  readonly diagnostics: string;
  readonly expression: readonly string[];
}

/** Says what is written, and by whom: a resource whose identifier (`urn:example:b`) is its id. */
export interface Written {
  readonly caller: Caller;
  readonly type: string;
  readonly resource: (id: string) => object;
  /** A JSON Patch of it. */
  readonly patch: () => object;
}

/** One way to change a resource, whose identifier is its id. */
export interface Way {
  readonly name: string;
  readonly sentIn: 'headers' | 'entry';
  /** It finds the resource by its identifier. */
  readonly byCriteria: boolean;
  /** Where nothing is, it has nothing to do, and says so. */
  readonly needsOne: boolean;
  readonly nameOf: (condition: keyof Conditions) => string;
  readonly placeOf: (condition: keyof Conditions) => string;
  readonly send: (id: string, conditions: Conditions) => Promise<Outcome>;
}

const HEADERS = {
  ifMatch: 'If-Match',
  ifNoneMatch: 'If-None-Match',
  ifUnmodifiedSince: 'If-Unmodified-Since',
} as const;

interface Write {
  readonly caller: Caller;
  readonly method: 'PUT' | 'PATCH' | 'DELETE' | 'POST';
  readonly path: (id: string) => string;
  readonly body?: (id: string) => object;
  readonly contentType?: string;
  readonly byCriteria?: boolean;
  /** As an entry of a batch only. */
  readonly operation?: true;
}

export const basic = (id: string): object => ({
  resourceType: 'Basic',
  id,
  meta: { tag: [{ system: 'urn:t', code: 'old' }] },
  identifier: [{ system: 'urn:example:b', value: id }],
  code: { text: 'y' },
});
const BASIC: Written = {
  caller: people.ehr,
  type: 'Basic',
  resource: basic,
  patch: () => [{ op: 'replace', path: '/code/text', value: 'z' }],
};
const meta = (tag: object) => (): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [tag] } }],
});
const contentType = 'application/json-patch+json';

const writesOf = ({ caller, type, resource, patch }: Written): readonly Write[] => {
  const at = (id: string): string => `${type}/${id}`;
  const where = (id: string): string => `${type}?identifier=urn:example:b|${id}`;
  return [
    { caller, method: 'PUT', path: at, body: resource },
    { caller, method: 'PUT', path: where, body: resource, byCriteria: true },
    { caller, method: 'PATCH', path: at, body: patch, contentType },
    { caller, method: 'PATCH', path: where, body: patch, contentType, byCriteria: true },
    { caller, method: 'DELETE', path: at },
    { caller, method: 'DELETE', path: where, byCriteria: true },
    {
      caller,
      method: 'POST',
      path: (id) => `${at(id)}/$meta-add`,
      body: meta({ system: 'urn:t', code: 'new' }),
      operation: true,
    },
    {
      caller,
      method: 'POST',
      path: (id) => `${at(id)}/$meta-delete`,
      body: meta({ system: 'urn:t', code: 'old' }),
      operation: true,
    },
  ];
};

/** Every way to change a resource that is there: alone, in a batch, and in a transaction where it can be. */
export function waysToWrite(server: () => TestApp, written: Partial<Written> = {}): readonly Way[] {
  return writesOf({ ...BASIC, ...written }).flatMap((write) => [
    alone(server, write),
    inBundle(server, write, 'batch'),
    ...(write.operation ? [] : [inBundle(server, write, 'transaction')]),
  ]);
}

function of({ method, path, byCriteria = false }: Write) {
  return {
    name: `${method} ${path('x')}`,
    byCriteria,
    needsOne: method === 'PATCH' || method === 'POST',
  };
}

function alone(server: () => TestApp, write: Write): Way {
  return {
    ...of(write),
    sentIn: 'headers',
    nameOf: (condition) => HEADERS[condition],
    placeOf: (condition) => `http.${HEADERS[condition]}`,
    send: async (id, conditions) => {
      const { method, path, body } = write;
      const answer = await server().ask(write.caller, method, path(id), {
        headers: {
          ...(write.contentType && { 'content-type': write.contentType }),
          ...Object.fromEntries(
            Object.entries(conditions).map(([name, value]) => [
              HEADERS[name as keyof Conditions].toLowerCase(),
              value as string,
            ]),
          ),
        },
        ...(body && { body: JSON.stringify(body(id)) }),
      });
      return { ...firstIssue(answer.json, answer.text), status: answer.status };
    },
  };
}

function inBundle(server: () => TestApp, write: Write, type: 'batch' | 'transaction'): Way {
  const { name, ...about } = of(write);
  return {
    ...about,
    name: `${name} in a ${type}`,
    sentIn: 'entry',
    nameOf: (condition) => `Bundle.entry[0]: request.${condition}`,
    placeOf: () => 'Bundle.entry[0].request',
    send: async (id, conditions) => {
      const text = entry(write.method, write.path(id), resourceOf(write, id), conditions);
      const answer = await server().ask(write.caller, 'POST', '', {
        body: `{"resourceType":"Bundle","type":"${type}","entry":[${text}]}`,
      });
      return answer.status === 200
        ? ofEntry(answer)
        : { ...firstIssue(answer.json, answer.text), status: answer.status };
    },
  };
}

function resourceOf({ body, contentType: type }: Write, id: string): object | undefined {
  if (body === undefined || type === undefined) return body?.(id);
  const data = Buffer.from(JSON.stringify(body(id)), 'utf8').toString('base64');
  return { resourceType: 'Binary', contentType: type, data };
}

function ofEntry({ json, text }: Answer): Outcome {
  const [only] = (
    json() as unknown as { entry: { response: { status: string; outcome?: object } }[] }
  ).entry;
  const outcome = only?.response.outcome as Record<string, unknown> | undefined;
  const status = Number(only?.response.status.slice(0, 3));
  return { ...firstIssue(() => outcome ?? {}, text), status };
}

function firstIssue(
  json: () => Readonly<Record<string, unknown>>,
  text: string,
): Omit<Outcome, 'status'> {
  const read = text === '' ? {} : json();
  const [first] = (read['issue'] ?? []) as { diagnostics?: string; expression?: string[] }[];
  return { text, diagnostics: first?.diagnostics ?? '', expression: first?.expression ?? [] };
}
