import type { Actor, Permission } from './actors.ts';
import {
  isOffice,
  isStaff,
  permits,
  type Action,
  type Facts,
  type Rules,
  type Verdict,
} from './policy.ts';
import type { Held } from './world.ts';

/** False if one is, undefined if one is not sure. */
export function all(...verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

/** A Binary is decided for itself and like what stands for it (decision 17). */
function permitted(rules: Rules, actor: Actor, action: Action, held: Held): Verdict {
  const about: readonly Facts[] = [held.facts, ...(held.context ? [held.context] : [])];
  return all(...about.map((facts) => permits(rules, actor.asker, action, facts)));
}

function covered(actor: Actor, permission: Permission, { facts, category }: Held): boolean {
  return actor.covers(permission, facts, category);
}

/** May this one be shown that at all? */
export function seen(rules: Rules, actor: Actor, held: Held): Verdict {
  return all(
    covered(actor, 'r', held) || covered(actor, 's', held),
    permitted(rules, actor, 'access', held),
  );
}

/** May this one be shown that by a read or a search? */
export function shownBy(
  rules: Rules,
  actor: Actor,
  { permission, held }: { readonly permission: Permission; readonly held: Held },
): Verdict {
  return all(covered(actor, permission, held), seen(rules, actor, held));
}

/** May this one change or delete that? Who does not see it may not, but to the office labels alone are no bar to it. */
export function changes(rules: Rules, actor: Actor, held: Held, permission: 'u' | 'd'): Verdict {
  if (!covered(actor, permission, held)) return false;
  const told = all(
    permitted(rules, actor, 'access', held),
    permitted(rules, actor, 'correct', held),
  );
  return told === false && barredByLabelAlone(rules, actor, held) ? undefined : told;
}

/** May this one create another like that? */
export function creates(
  rules: Rules,
  actor: Actor,
  held: Held,
  permission: 'c' | 'u' = 'c',
): Verdict {
  if (!covered(actor, permission, held)) return false;
  const told = permitted(rules, actor, 'collect', held);
  const { confidentiality } = held.facts;
  // Whether staff may label what it writes more highly than it may read, no source says.
  return told === false && confidentiality !== 'N' && isStaff(actor.asker) ? undefined : told;
}

function barredByLabelAlone(rules: Rules, actor: Actor, held: Held): boolean {
  if (!isOffice(actor.asker)) return false;
  const none = { confidentiality: 'N', labels: [] } as const;
  const facts = { ...held.facts, ...none };
  const context = held.context && { ...held.context, ...none };
  const plain = { ...held, facts, context };
  return (['access', 'correct'] as const).every(
    (action) => permitted(rules, actor, action, plain) === true,
  );
}
