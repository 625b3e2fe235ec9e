import type { ValueSet } from 'fhir/r4.js';
import { allows } from '../../auth/authorize.ts';
import type { Principal } from '../../auth/principal.ts';
import { parseReference } from '../../fhir/reference.ts';
import type { Terminology } from '../../fhir/terminology/terminology.ts';
import { splitAt, splitOr, unescapeValue } from '../../search/parse/value-text.ts';
import { disclose } from '../../access/disclose.ts';
import { presentTerminology } from './present-terminology.ts';
import type { Disclosing } from '../../access/groups.ts';

/**
 * The terminology that the modifiers `:in`, `:not-in`, `:above` and `:below` of a search name, as far as this caller
 * may read it; undefined when they name none.
 */
export async function termsNamed(
  services: Disclosing,
  principal: Principal,
  pairs: readonly (readonly [name: string, value: string])[],
): Promise<Terminology | undefined> {
  const named = (modifier: RegExp): string[] =>
    pairs.filter(([name]) => modifier.test(name)).flatMap(([, value]) => splitOr(value));
  const sets = named(/:(?:not-)?in$/).map(unescapeValue);
  const systems = named(/:(?:above|below)$/).flatMap((value) => {
    const [system = '', code] = splitAt(value, '|').map(unescapeValue);
    return code === undefined ? [] : [system];
  });
  if (sets.length === 0 && systems.length === 0) return undefined;

  const local = new Map<string, ValueSet>();
  for (const set of new Set(sets)) {
    const at = parseReference(set, services.base);
    if (at?.kind !== 'local' || at.type !== 'ValueSet') continue;
    const found = await storedValueSet(services, principal, at.id);
    if (found) local.set(`${services.base}/ValueSet/${at.id}`, found);
  }
  const terminology = await presentTerminology(services, principal, {
    valueSets: sets,
    codeSystems: systems,
    brought: [...local.values()],
  });
  return local.size === 0
    ? terminology
    : terminology.with({ valueSet: (url) => local.get(url), codeSystem: () => undefined });
}

/** Through the one way out; what the caller may not read is not there for this caller. */
async function storedValueSet(
  services: Disclosing,
  principal: Principal,
  id: string,
): Promise<ValueSet | undefined> {
  if (!allows(principal, 'ValueSet', 'r').allowed) return undefined;
  let found: ValueSet | undefined;
  await disclose(services, principal, {
    interaction: 'terminology',
    type: 'ValueSet',
    permission: 'r',
    find: async () => {
      const version = await services.store.versions.current('ValueSet', id);
      return { versions: version === undefined || version.deleted ? [] : [version], named: [] };
    },
    reply: ([version]) => {
      if (version) found = JSON.parse(Buffer.from(version.body).toString('utf8')) as ValueSet;
      return { status: 200 };
    },
  });
  return found;
}
