import type { Principal } from '../../auth/principal.ts';
import { refusal } from '../../consent/refusal.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import { judgedBy } from '../../access/judged-by.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import { foreseeWithContexts } from '../../access/foresee.ts';
import type { Foreseeing } from '../../access/groups.ts';
import { mayLower } from './keep-protection.ts';

/**
 * Asserts that consent, labels and security context let a caller see the version that is to be changed by what is in
 * it. The scope to update suffices: without one to read, nothing is returned.
 *
 * @throws FhirError as a read of it would, with an entry in the access log
 */
export async function assertMaySee(
  services: Foreseeing,
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
  services: Foreseeing,
  principal: Principal,
  judged: StoredVersion,
): Promise<boolean> {
  const isForeseen = await foreseeWithContexts(services, principal, {
    permission: 'u',
    versions: [judged],
  });
  // Whoever may take its labels away, and read it then, is not kept from it by them.
  return isForeseen(judged, mayLower(services, principal) ? withoutLabels(judged) : judged);
}

function withoutLabels(version: StoredVersion): StoredVersion {
  if (version.body.length === 0) return version;
  const resource = JSON.parse(Buffer.from(version.body).toString('utf8')) as {
    readonly meta?: object;
  };
  const bare = { ...resource, meta: { ...resource.meta, security: undefined } };
  return { ...version, body: Buffer.from(JSON.stringify(bare), 'utf8') };
}
