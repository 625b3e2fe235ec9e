import { canonicalJson, type CanonicalValue } from '@chartseal/evidence';
import { flag, object, type Shape } from '@chartseal/evidence/shape';
import { actor, type Actor } from './actor.ts';
import { isConsentOffice, type Keeper } from './consent-office.ts';
import type { CompiledConsent, ConsentSet, Provision } from './consent-set.ts';

/** Says who changes a patient's Consents. */
export interface ConsentWriter {
  readonly actor: Actor;
  /** True when the actor is the patient whose Consents they are. */
  readonly self: boolean;
}

export const consentWriter: Shape<ConsentWriter> = object({ actor, self: flag });

/** A change of all Consents of one patient, with who makes it. */
export interface ConsentChange extends Keeper {
  readonly writer: ConsentWriter;
  /** Undefined before the first one. */
  readonly before: ConsentSet | undefined;
  readonly after: ConsentSet;
}

/** Says why somebody may not make a change. */
export interface WriterRefusal {
  readonly code: 'writer-not-entitled' | 'writer-favoured' | 'writer-denied';
  /** The Consent that it is about; absent when none may be written at all. */
  readonly consent?: string;
  /** FHIRPath of the element in it. */
  readonly expression: string;
}

/**
 * May this writer make this change? Pure, so that peers and servers come to the same answer. The patient may make any.
 * The custodian's consent office acts for patients: never in favour of the very person who writes, nor on a Consent that
 * denies that person something by name. Nobody else may make one.
 *
 * @rule writer of a Consent
 */
export function refuseWriter(change: ConsentChange): WriterRefusal | undefined {
  const { actor: who, self } = change.writer;
  if (self && who.role === 'patient') return undefined;
  if (!isConsentOffice(who, change)) return { code: 'writer-not-entitled', expression: 'Consent' };
  const names = new Set([who.practitioner, who.patient].filter((name) => name !== undefined));
  const before = byId(change.before);
  const after = byId(change.after);
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const refused = refuseOne(names, before.get(id), after.get(id));
    if (refused !== undefined) return { ...refused, consent: id };
  }
  return undefined;
}

function byId(set: ConsentSet | undefined): ReadonlyMap<string, CompiledConsent> {
  return new Map(set?.consents.map((consent) => [consent.id, consent]));
}

function refuseOne(
  names: ReadonlySet<string>,
  before: CompiledConsent | undefined,
  after: CompiledConsent | undefined,
): WriterRefusal | undefined {
  if (canonical(before) === canonical(after)) return undefined;
  const denied = before && namedPlace(before, 'deny', names);
  if (denied !== undefined) return { code: 'writer-denied', expression: denied };
  if (
    canonical(before && { ...before, version: 0 }) === canonical(after && { ...after, version: 0 })
  )
    return undefined;
  const favoured = after && namedPlace(after, 'permit', names);
  return favoured === undefined ? undefined : { code: 'writer-favoured', expression: favoured };
}

function canonical(consent: CompiledConsent | undefined): string | undefined {
  return consent && canonicalJson(consent as unknown as CanonicalValue);
}

/** Returns where a Consent names one of these for whom some rule of it has this effect; undefined: nowhere. */
function namedPlace(
  { provision, policyRule }: CompiledConsent,
  effect: 'permit' | 'deny',
  names: ReadonlySet<string>,
): string | undefined {
  if (provision === undefined) return undefined;
  const place = { path: 'Consent.provision', type: policyRule ?? 'deny', by: undefined };
  return placeIn(provision, place, { effect, names });
}

function placeIn(
  rule: Provision,
  place: { path: string; type: 'permit' | 'deny'; by: string | undefined },
  wanted: { readonly effect: 'permit' | 'deny'; readonly names: ReadonlySet<string> },
): string | undefined {
  const { path } = place;
  const named = rule.actors?.findIndex(({ reference }) => wanted.names.has(reference)) ?? -1;
  // A rule inside of one that names somebody is about that person as well.
  const by = named < 0 ? place.by : `${path}.actor[${named}].reference`;
  if (by !== undefined && (rule.type ?? place.type) === wanted.effect) return by;
  for (const [i, exception] of rule.exceptions.entries()) {
    const inner = { path: `${path}.provision[${i}]`, type: 'deny' as const, by };
    const found = placeIn(exception, inner, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
