import type { Principal } from '../../auth/principal.ts';
import type { Deciding } from '../../access/groups.ts';
import { mayLower } from '../../access/may-lower.ts';
import { lowersProtection } from '../../consent/lowers-protection.ts';
import { FhirError } from '../../fhir/errors.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Accepted } from './accept.ts';

/**
 * Security labels restrict who sees a resource. Whoever may change it may add labels; taking some away is for the
 * custodian's own systems and administration, in whatever interaction: docs/decisions/0021-who-may-lower-protection.md
 *
 * @throws FhirError `forbidden`, which does not tell what the labels are
 * @rule security label
 */
export function keepProtection(
  services: Pick<Deciding, 'organisation'>,
  principal: Principal,
  change: {
    /** The version that is replaced, or what it deleted. */
    readonly current: StoredVersion | undefined;
    readonly accepted: Accepted | undefined;
  },
): void {
  const { current, accepted } = change;
  if (current === undefined || accepted === undefined) return;
  if (mayLower(services, principal)) return;
  const before = Buffer.from(current.body);
  if (!before.includes('"security"')) return;
  const old = JSON.parse(before.toString('utf8')) as Readonly<Record<string, unknown>>;
  const now = accepted.resource as unknown as Readonly<Record<string, unknown>>;
  if (!lowersProtection(old, now)) return;
  throw new FhirError(
    'forbidden',
    `Refused: this would take security labels away, which only systems and administration of ${services.organisation.reference} may`,
    { expression: `${accepted.type}.meta.security` },
  );
}
