import type { Principal } from '../auth/principal.ts';
import { isOwnStaff } from '../consent/own-staff.ts';
import { canConcern } from '../r4/can-concern.ts';
import type { Decisions } from './decide.ts';
import type { Disclosure } from './disclosure.ts';
import type { Data, Deciding } from './groups.ts';

/**
 * Takes the steps that refusing takes where there was nothing to refuse: the ledger decides about somebody who is nobody,
 * and that is recorded. Otherwise the time of an answer would tell what is absent from what is hidden. The custodian's own
 * staff is told so anyway, and what never concerns a patient is hidden from nobody (docs/decisions/0061).
 *
 * @rule hidden as absent
 */
export async function asIfThere(
  { authority, organisation, r4 }: Pick<Data, 'r4'> & Deciding,
  principal: Principal,
  { ask, decisions }: { readonly ask: Disclosure; readonly decisions: Pick<Decisions, 'decided'> },
): Promise<void> {
  if (isOwnStaff(organisation, principal) || !canConcern(r4.registry, ask.type)) return;
  const question = { action: 'access' as const, className: ask.className ?? ask.type };
  const verdicts = await authority.decide(principal, [authority.nobody()], question);
  // A refusal for which the ledger need not be asked is on record already.
  if (decisions.decided.some((each) => each.verdicts.size > 0)) return;
  const happened = { interaction: ask.interaction, question, resources: [], query: ask.query };
  await authority.record(principal, verdicts, happened);
}
