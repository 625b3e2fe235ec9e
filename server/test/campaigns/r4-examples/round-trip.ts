import { lexicalDifference } from '@chartseal/conformance/lexical-json';
import { APPEND_ONLY } from '../../../src/fhir/append-only.ts';
import { people, type Answer, type TestApp } from '../../support/app.ts';
import type { Example } from './corpus.ts';
import { entryResource } from './entry-resource.ts';

/** Says what became of an example: stored and shown without a difference, refused by a rule, or at fault. */
export interface Verdict {
  readonly outcome: 'same' | 'refused' | 'fault';
  readonly detail: string;
}

/** Writes an example alone and in a transaction, and reads it in all ways: read, vread, history, search. */
export async function roundTrip(server: TestApp, example: Example): Promise<Verdict> {
  const { type, id, text } = example;
  const path = `${type}/${id}`;
  const ask = (method: 'GET' | 'PUT' | 'POST', at: string, body?: string): Promise<Answer> =>
    server.ask(people.ehr, method, at, {
      headers: { accept: 'application/fhir+json', prefer: 'return=representation' },
      ...(body === undefined ? {} : { body }),
    });

  const written = await ask('PUT', path, text);
  if (written.status === 422 || written.status === 400) {
    return { outcome: 'refused', detail: written.text };
  }
  const faults: string[] = [];
  const judge = (what: string, { status }: Answer, shown: string | undefined): void => {
    const difference =
      status >= 300 || shown === undefined
        ? `${status} ${shown?.slice(0, 300) ?? 'nothing'}`
        : lexicalDifference(text, shown);
    if (difference !== undefined) faults.push(`${what}: ${difference}`);
  };
  const whole = (what: string, answer: Answer): void => judge(what, answer, answer.text);
  const inside = (what: string, answer: Answer): void =>
    judge(what, answer, answer.status === 200 ? entryResource(answer.text) : answer.text);

  whole('PUT', written);
  whole('GET', await ask('GET', path));
  whole('vread', await ask('GET', `${path}/_history/1`));
  inside('history', await ask('GET', `${path}/_history`));
  inside('search', await ask('GET', `${type}?_id=${id}`));
  inside('transaction', await ask('POST', '', transaction(type, path, text)));
  whole('GET after the transaction', await ask('GET', path));
  return faults.length === 0
    ? { outcome: 'same', detail: '' }
    : { outcome: 'fault', detail: faults.join('; ') };
}

/** A record is there once only, so that the transaction makes another of the same text. */
function transaction(type: string, path: string, text: string): string {
  const again = { method: 'PUT', url: path };
  const request = JSON.stringify(APPEND_ONLY.has(type) ? { method: 'POST', url: type } : again);
  return `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${text},"request":${request}}]}`;
}
