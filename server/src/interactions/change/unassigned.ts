import { FhirError, type Issue } from '../../fhir/errors.ts';
import type { Settings } from '../groups.ts';
import type { Accepted } from './accept.ts';
import type { Owners } from './owners.ts';

/**
 * The accepted resource with a warning for each element that does not say whose data it is.
 *
 * @throws FhirError `unprocessable` that names the elements, where the operator wants no such data
 */
export function withWarnings(
  { unassigned }: Pick<Settings, 'unassigned'>,
  accepted: Accepted | undefined,
  { unclear }: Pick<Owners, 'unclear'>,
): Accepted | undefined {
  if (accepted === undefined || unclear.length === 0) return accepted;
  const issues = unclear.map((element): Issue => ({
    severity: unassigned === 'refuse' ? 'error' : 'warning',
    code: 'business-rule',
    diagnostics: `${element}: whose data this is cannot be established; ${unassigned === 'refuse' ? 'this server does not keep such data' : 'until it can, only the organisation that keeps it may see it'}`,
    expression: [element],
  }));
  if (unassigned === 'refuse') {
    throw new FhirError('unprocessable', 'The resource cannot be kept', { issues });
  }
  return { ...accepted, warnings: [...accepted.warnings, ...issues] };
}
