import type { OperationOutcome } from 'fhir/r4.js';
import { outcomeFrom } from '../fhir/outcome.ts';
import { noteOf } from '../fhir/without-effect.ts';
import type { Reply } from './reply.ts';

/** What `Prefer: return=OperationOutcome` gives of a write: that it is done, and what the resource will not do here. */
export function done({ version }: Pick<Reply, 'version'>): OperationOutcome {
  const kept = version !== undefined && !version.deleted;
  return outcomeFrom([
    { severity: 'information', code: 'informational', diagnostics: 'Done as asked' },
    ...(kept ? noteOf(version.type) : []),
  ]);
}
