import type { Judging } from './element-rules.ts';
import type { Resolve } from '../profile/resolve.ts';
import { parseReference } from '../reference.ts';
import { canonicalFault } from '../rules/canonical.ts';
import type { Json, Surroundings } from '../rule.ts';
import { literalFault, targetFault } from './value-rules.ts';

const UNKNOWN = 'The reference is neither Type/id, nor #id, nor an absolute URL';

/** Checks what a Reference says of where it leads: http://hl7.org/fhir/R4/references.html */
export function checkReference(
  { thorough, undecided, put }: Judging,
  value: Json,
  {
    targets,
    path,
    around,
    resolve,
    concrete,
  }: {
    readonly targets: readonly string[] | undefined;
    readonly path: string;
    readonly around: Surroundings;
    readonly resolve: Resolve;
    readonly concrete: ReadonlySet<string>;
  },
): void {
  const at = `${path}.reference`;
  const say = (severity: 'error' | 'warning', code: string, text: string): void =>
    put({ severity, code, diagnostics: `${at}: ${text}`, expression: [at] });
  const { reference } = value;
  const fault = literalFault(reference, (name) => concrete.has(name));
  if (fault !== undefined) {
    say('error', 'value', fault);
    return;
  }
  const parsed = typeof reference === 'string' ? parseReference(reference) : undefined;
  const undecidable = undecided(value);
  if (undecidable !== undefined) {
    say('error', 'value', `${undecidable}: whose data this is depends on it`);
  } else if (parsed?.kind === 'relative') {
    say('warning', 'value', `${UNKNOWN}: it is kept as it is and leads nowhere`);
  }
  const wrong = targets && targetFault(targets, value);
  if (wrong !== undefined) say('warning', 'structure', wrong);
  if (!thorough || typeof reference !== 'string' || parsed?.kind !== 'local') return;
  const { type, id } = parsed;
  const target = resolve(reference, around.root) ?? resolve(`urn:uuid:${id}`, around.root);
  const found = target?.['resourceType'];
  if (typeof found === 'string' && found !== type) {
    say('error', 'structure', `In this Bundle it leads to a resource of type ${found}`);
  }
}

/** http://hl7.org/fhir/R4/references.html#canonical */
export function checkCanonical({ thorough, put }: Judging, value: unknown, path: string): void {
  const fault = thorough && typeof value === 'string' ? canonicalFault(value) : undefined;
  if (fault === undefined) return;
  put({ severity: 'error', code: 'value', diagnostics: `${path}: ${fault}`, expression: [path] });
}
