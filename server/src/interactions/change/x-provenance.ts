import type { ScannedJson } from '@chartseal/evidence';
import type { Principal } from '../../auth/principal.ts';
import { FhirError, type Issue } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import { accept, readJson } from './accept.ts';
import type { Along } from './change-set.ts';
import { judgeChange, poseChange } from './judge-change.ts';
import { UNCONDITIONAL } from '../conditions/preconditions.ts';
import { boundsOf } from '../../access/bounds.ts';
import { decideChanges } from '../../access/decide-change.ts';
import { versionPath } from '../../access/reply.ts';
import type { Judging } from './changing.ts';

const HEADER = 'http.X-Provenance';
/** Stands for the target while it is not known yet, so that the rest can be judged first. */
const SOME_TARGET = 'Basic/x/_history/1';

/**
 * The Provenance of a change, out of its `X-Provenance` header (http://hl7.org/fhir/R4/provenance.html#header): kept
 * with the version it tells of in one step, its target that very version. What changes nothing leaves none.
 *
 * @throws FhirError that names the header
 * @rule Provenance, X-Provenance
 */
export function provenanceAlong(
  services: Judging,
  principal: Principal,
  header: string | undefined,
): Along | undefined {
  if (header === undefined) return undefined;
  const scanned = naming(() => {
    boundsOf(principal, 'Provenance', 'c');
    const read = readJson(Buffer.from(header, 'latin1'));
    accept(services.r4, 'Provenance', withTarget(read, SOME_TARGET));
    return read;
  });
  return async (made, decided) => {
    const target = versionPath(made.version);
    try {
      assertTarget(scanned, target, services.base);
      const accepted = accept(services.r4, 'Provenance', withTarget(scanned, target));
      const { type, id, patients } = made.version;
      const change = {
        interaction: 'create',
        permission: 'c',
        method: 'POST',
        type: 'Provenance',
        id: services.newId(),
        accepted,
        preconditions: UNCONDITIONAL,
      } as const;
      const owners = new Map([[`${type}/${id}`, patients]]);
      const posed = await poseChange(services, change, { current: undefined, owners });
      await decideChanges(services, decided, [posed.wanted]);
      const judged = await judgeChange(services, decided, posed);
      return { ...judged, tellsOf: `${type}/${id}`, blame: inHeader };
    } catch (error) {
      throw inHeader(error);
    }
  };
}

/** The header's own text with a target in it, unless it has one. */
function withTarget({ text, members }: ScannedJson, reference: string): string {
  if (members.some(({ name }) => name === 'target')) return text;
  const target = `"target":[${JSON.stringify({ reference })}]`;
  const after = members.find(({ name }) => name === 'resourceType')?.valueEnd;
  // Without its type it is no resource, and judged as it stands.
  return after === undefined ? text : `${text.slice(0, after)},${target}${text.slice(after)}`;
}

/** A client may say what the target is, if it knows: the server says it better. */
function assertTarget({ text, members }: ScannedJson, expected: string, base: string): void {
  const member = members.find(({ name }) => name === 'target');
  if (member === undefined) return;
  const targets = JSON.parse(text.slice(member.valueStart, member.valueEnd)) as readonly {
    readonly reference?: string;
  }[];
  const parsed = targets.map(({ reference = '' }) => parseReference(reference, base));
  const [only] = parsed;
  const same =
    parsed.length === 1 &&
    only?.kind === 'local' &&
    `${only.type}/${only.id}/_history/${only.version ?? ''}` === expected;
  if (!same) {
    throw new FhirError(
      'unprocessable',
      'target must be left out, or name the very version that is written',
      { expression: 'Provenance.target' },
    );
  }
}

function naming<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw inHeader(error);
  }
}

function inHeader(error: unknown): unknown {
  if (!(error instanceof FhirError)) return error;
  const issues = error.issues?.map((issue): Issue => ({
    ...issue,
    diagnostics: `X-Provenance: ${issue.expression?.join(', ') ?? ''}: ${issue.diagnostics}`,
    expression: [HEADER],
  }));
  return new FhirError(error.code, `X-Provenance: ${error.message}`, {
    expression: HEADER,
    ...(issues === undefined ? {} : { issues }),
    cause: error,
  });
}
