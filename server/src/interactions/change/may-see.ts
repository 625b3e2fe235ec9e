import type { Principal } from '../../auth/principal.ts';
import { refusal } from '../../consent/refusal.ts';
import type { StoredVersion } from '../../store/resource-store.ts';
import { judgedBy } from '../../access/judged-by.ts';
import { boundsOf } from '../../access/disclose.ts';
import { noSuchResource } from '../read.ts';
import { foresee } from '../../access/foresee.ts';
import { withinScopes } from '../../access/within-scopes.ts';
import { coveredByContext } from '../../access/security-context.ts';
import type { Services } from '../services.ts';
import { mayLower } from './keep-protection.ts';

/**
 * Asserts that consent, labels and security context let a caller see the version that is to be changed by what is in
 * it. The scope to update suffices: without one to read, nothing is returned.
 *
 * @throws FhirError as a read of it would, with an entry in the access log
 */
export async function assertMaySee(
  services: Services,
  principal: Principal,
  { interaction, current }: { readonly interaction: string; readonly current: StoredVersion },
): Promise<void> {
  const judged = (await judgedBy(services, [current])).get(current) ?? current;
  if (await isSeen(services, principal, judged)) return;
  const { type, id, patients } = judged;
  const question = { action: 'access' as const, className: type };
  const verdicts = services.authority.forecast(principal, patients, question);
  const happened = { interaction, question, resources: [], query: undefined };
  await services.authority.record(principal, verdicts, happened);
  const refused = { verdicts, named: [], hidden: [judged] };
  throw refusal(services.organisation, principal, refused) ?? noSuchResource(type, id);
}

async function isSeen(
  services: Services,
  principal: Principal,
  judged: StoredVersion,
): Promise<boolean> {
  const bounds = boundsOf(principal, judged.type, 'u');
  // Whoever may take its labels away, and read it then, is not kept from it by them.
  const decided = mayLower(services, principal) ? withoutLabels(judged) : judged;
  if (!foresee(services, principal, undefined)(decided)) return false;
  if (!withinScopes(services, bounds, judged)) return false;
  const isCovered = await coveredByContext(services, {
    versions: [judged],
    principal,
    bounds: () => bounds,
    decide: (patients, question) => services.authority.forecast(principal, patients, question),
  });
  return isCovered(judged);
}

function withoutLabels(version: StoredVersion): StoredVersion {
  if (version.body.length === 0) return version;
  const resource = JSON.parse(Buffer.from(version.body).toString('utf8')) as {
    readonly meta?: object;
  };
  const bare = { ...resource, meta: { ...resource.meta, security: undefined } };
  return { ...version, body: Buffer.from(JSON.stringify(bare), 'utf8') };
}
