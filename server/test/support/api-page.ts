import assert from 'node:assert/strict';
import type { TestApp } from './app.ts';
import { people } from './app.ts';

/** A request of a page and the answer that the page shows for it. */
export interface Exchange {
  /** Line of the request's block in the page, from 1. */
  readonly line: number;
  readonly request: Message;
  readonly response: Message;
}

interface Message {
  /** `GET /fhir/…` or `HTTP/1.1 200 OK`. */
  readonly start: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Callers that a page may name: `Authorization: Bearer {system}`. */
const CALLERS = {
  system: people.ehr,
  doctor: people.doctor,
  patient: people.patientA,
  pharmacist: people.pharmacist,
  auditor: people.auditor,
  admin: { role: 'admin', user: 'Practitioner/admin', scope: 'user/*.cruds' },
} as const;

/** The exchanges of a page: each block ```http of a request is followed by one of its response. */
export function exchangesOf(page: string): readonly Exchange[] {
  const blocks = [...page.matchAll(/^```http\n([\s\S]*?)^```$/gm)].map((found) => ({
    line: page.slice(0, found.index).split('\n').length,
    message: messageOf(found[1] ?? ''),
  }));
  const exchanges: Exchange[] = [];
  for (let i = 0; i < blocks.length; i += 2) {
    const [asked, answered] = [blocks[i], blocks[i + 1]];
    assert.ok(asked && answered, 'requests and responses alternate');
    assert.match(answered.message.start, /^HTTP/, 'requests and responses alternate');
    exchanges.push({ line: asked.line, request: asked.message, response: answered.message });
  }
  return exchanges;
}

function messageOf(text: string): Message {
  const [head = '', ...rest] = text.trimEnd().split('\n\n');
  const [start = '', ...lines] = head.split('\n');
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { start, headers, body: rest.join('\n\n') };
}

/**
 * Asks in the order of the page and compares with what it shows. In a response `…` stands for anything and
 * `{name}` for something that later requests of the page use; members of JSON that are not shown may be there.
 */
export async function checkPage(app: TestApp, exchanges: readonly Exchange[]): Promise<void> {
  const known = new Map<string, string>();
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => known.get(name) ?? whole);
  for (const [name, caller] of Object.entries(CALLERS)) known.set(name, await app.token(caller));

  for (const { line, request, response } of exchanges) {
    const [method = '', path = ''] = fill(request.start).split(' ');
    const answer = await app.app.inject({
      method: method as 'GET',
      url: path,
      headers: Object.fromEntries(request.headers.map(([name, value]) => [name, fill(value)])),
      ...(request.body === '' ? {} : { payload: Buffer.from(fill(request.body)) }),
    });
    const at = `line ${line}: ${request.start}`;
    const status = Number(response.start.split(' ')[1]);
    assert.equal(answer.statusCode, status, `${at}\n${answer.body.slice(0, 2000)}`);
    for (const [name, value] of response.headers) {
      matchText(String(answer.headers[name]), value, { known, at: `${at}, header ${name}` });
    }
    if (response.body === '') continue;
    if (response.body.startsWith('{')) {
      matchJson(JSON.parse(answer.body), JSON.parse(response.body), { known, at });
    } else matchText(answer.body.trim(), response.body, { known, at });
  }
}

interface Place {
  readonly known: Map<string, string>;
  readonly at: string;
}

function matchText(found: string, shown: string, { known, at }: Place): void {
  const names: string[] = [];
  const pattern = shown.split(/(…|\{\w+\})/).map((part) => {
    if (part === '…') return '[\\s\\S]*?';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return RegExp.escape(part);
    const value = known.get(name);
    if (value !== undefined) return RegExp.escape(value);
    names.push(name);
    return '([^/"\\s]+)';
  });
  const match = new RegExp(`^${pattern.join('')}$`).exec(found);
  assert.ok(match, `${at}: the page shows\n${shown}\nfound\n${found.slice(0, 4000)}`);
  names.forEach((name, i) => known.set(name, match[i + 1] ?? ''));
}

function matchJson(found: unknown, shown: unknown, place: Place): void {
  if (shown === '…') return;
  if (typeof shown === 'string' && typeof found === 'string') {
    matchText(found, shown, place);
    return;
  }
  if (Array.isArray(shown)) {
    assert.ok(Array.isArray(found), `${place.at}: not an array`);
    const open = shown.at(-1) === '…';
    const items: unknown[] = open ? shown.slice(0, -1) : shown;
    if (!open) assert.equal(found.length, items.length, `${place.at}: number of items`);
    items.forEach((item, i) => {
      matchJson(found[i], item, { ...place, at: `${place.at}[${i}]` });
    });
    return;
  }
  if (typeof shown === 'object' && shown !== null) {
    assert.ok(typeof found === 'object' && found !== null, `${place.at}: not an object`);
    for (const [name, value] of Object.entries(shown)) {
      if (name === '…') continue;
      const at = `${place.at}.${name}`;
      matchJson((found as Record<string, unknown>)[name], value, { ...place, at });
    }
    return;
  }
  assert.deepEqual(found, shown, place.at);
}
