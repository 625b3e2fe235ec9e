import type { Bundle, AuditEvent } from 'fhir/r4.js';
import { BASE, type Caller } from '../../support/app.ts';
import type { Book, Due } from './book.ts';
import { canariesIn } from './canaries.ts';
import type { World } from './world.ts';

/** Joins what was shown and written with the access logs of its patients and the log of the server; the dues are done then. */
export async function join(world: World, book: Book): Promise<void> {
  const dues = book.dues.splice(0);
  const logs = new Map<string, ReadonlyMap<string, ReadonlySet<string>>>();
  for (const patient of new Set(dues.map((due) => due.patient))) {
    logs.set(patient, await agentsByRequest(world, patient));
  }
  const lines = writersByRequest(world.server.log());
  for (const due of dues) {
    const agents = logs.get(due.patient)?.get(due.request);
    if (agents?.has(due.drawn.actor.reference) !== true) missing(book, due, 'access log', agents);
    if (due.written && !lines.has(due.request)) missing(book, due, 'log of the server', undefined);
  }
}

/** Texts of resources that stand in the server's own log. */
export function leaksIntoLog(world: World): readonly string[] {
  return [...canariesIn(world.server.log())];
}

function missing(
  book: Book,
  { patient, drawn, input, request }: Due,
  where: string,
  agents: ReadonlySet<string> | undefined,
): void {
  book.fault(drawn, {
    kind: 'not joined',
    input: `${input} (${request})`,
    expected: `${drawn.actor.reference} in the ${where} of ${patient}`,
    got: agents === undefined ? 'no entry' : [...agents].join(', '),
  });
}

/** The whole log of a patient as that patient reads it: who stands in the entries of each request. */
async function agentsByRequest(
  world: World,
  patient: string,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const caller: Caller = {
    role: 'patient',
    patient,
    user: `Patient/${patient}`,
    scope: 'patient/*.rs',
  };
  const found = new Map<string, Set<string>>();
  let path: string | undefined = `Patient/${patient}/$access-log?_count=1000`;
  while (path !== undefined) {
    const { status, text } = await world.server.ask(caller, 'GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    const { entry = [], link = [] } = JSON.parse(text) as Bundle;
    for (const { resource } of entry) {
      if (resource?.resourceType !== 'AuditEvent') continue;
      const event = resource as AuditEvent;
      const request = requestOf(event);
      const agents = found.get(request) ?? new Set();
      agents.add(event.agent[0]?.who?.reference ?? '');
      found.set(request, agents);
    }
    path = link.find(({ relation }) => relation === 'next')?.url.replace(`${BASE}/`, '');
  }
  return found;
}

function requestOf({ entity = [] }: AuditEvent): string {
  const details = entity.flatMap(({ detail = [] }) => detail);
  return details.find(({ type }) => type === 'request')?.valueString ?? '';
}

function writersByRequest(log: string): ReadonlySet<string> {
  return new Set([...log.matchAll(/"reqId":"([^"]+)"/g)].map(([, id]) => id ?? ''));
}
