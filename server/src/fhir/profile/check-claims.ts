import { checkProfile } from './check-profile.ts';
import { isObject } from './item.ts';
import type { Item } from './item.ts';
import type { Profiles } from './profiles.ts';
import type { Standing } from './scene.ts';

/** Checks a resource against the profiles it claims to meet; those not known here give a warning. */
export function checkClaims(profiles: Profiles, item: Item, standing: Standing): void {
  const meta = isObject(item.value) ? item.value['meta'] : undefined;
  const claims: unknown = isObject(meta) ? meta['profile'] : undefined;
  if (!Array.isArray(claims)) return;
  claims.forEach((url: unknown, index) => {
    if (typeof url !== 'string') return;
    checkAgainst(profiles, item, {
      url,
      standing,
      at: `${item.path}.meta.profile[${index}]`,
    });
  });
}

/** @param at where the profile is named, for what is wrong with the name itself */
export function checkAgainst(
  profiles: Profiles,
  item: Item,
  {
    url,
    standing,
    at,
    asked = false,
  }: {
    readonly url: string;
    readonly standing: Standing;
    readonly at: string;
    /** Somebody wants to know about this profile: not to know it is no success. */
    readonly asked?: boolean;
  },
): void {
  const profile = profiles.find(url);
  const say = (severity: 'error' | 'warning', code: string, text: string): void =>
    standing.report({ severity, code, diagnostics: `${at}: ${text}`, expression: [at] });
  if (profile !== undefined && isKind(profiles, item.type, profile.type)) {
    checkProfile(profiles, item, profile, standing);
    return;
  }
  if (profile !== undefined) {
    say('error', 'structure', `${url} is a profile on ${profile.type}, not on ${item.type}`);
    return;
  }
  const why = profiles.fault(url) ?? 'it is not known here';
  say(asked ? 'error' : 'warning', 'not-found', `The profile ${url} was not checked: ${why}`);
}

function isKind({ definitions }: Profiles, type: string, kind: string): boolean {
  for (let name: string | undefined = type; name !== undefined;) {
    if (name === kind) return true;
    name = definitions.types.get(name)?.base;
  }
  return false;
}
