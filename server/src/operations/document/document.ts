import type { Composition } from 'fhir/r4.js';
import { decodeString, replaceStrings } from '../../fhir/json/replace-strings.ts';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { parseReference } from '../../fhir/reference.ts';
import { create } from '../../interactions/change/create.ts';
import { keyOf } from '../../access/included.ts';
import { disclose } from '../../access/disclose.ts';
import { noSuchResource } from '../../access/no-such-resource.ts';
import { type Reply, wholeReply } from '../../access/reply.ts';
import type { StoredVersion } from '../../store/version-store.ts';
import type { Data, Disclosing } from '../../access/groups.ts';
import type { Changing } from '../../interactions/change/changing.ts';
import type { Ambient } from '../../interactions/groups.ts';
import type { Declared, Input } from '../input.ts';

export const DOCUMENT: Declared = { persist: 'boolean' };

/** Says how many resources a document may have. */
const MOST = 1000;

/**
 * `$document`: the Composition and everything that it refers to here, as a Bundle of type document, which `persist`
 * keeps as well. http://hl7.org/fhir/R4/composition-operation-document.html
 * It takes what may not be seen as absent: either way the document could not be whole, and is refused.
 *
 * @rule $document
 */
export async function document(
  services: Changing & Disclosing,
  principal: Principal,
  { id, input }: { readonly id: string; readonly input: Input },
): Promise<Reply> {
  const reply = await disclose(services, principal, {
    interaction: '$document',
    type: 'Composition',
    permission: 'r',
    find: async () => {
      const composition = await services.store.versions.current('Composition', id);
      if (composition === undefined || composition.deleted) {
        return { versions: composition === undefined ? [] : [composition], named: [] };
      }
      const parts = await partsOf(services, composition);
      const leadsTo = new Map([[keyOf(composition), new Set(parts.map(keyOf))]]);
      return { versions: [composition], named: [], included: { versions: parts, leadsTo } };
    },
    reply: ([composition], _found, parts) => {
      if (composition === undefined) throw noSuchResource('Composition', id);
      if (composition.deleted) {
        throw new FhirError('deleted', `Composition/${id} has been deleted`);
      }
      assertWhole(services, composition, parts);
      return { status: 200, body: documentOf(services, [composition, ...parts]) };
    },
  });
  if (input.flag('persist') !== true) return reply;
  const body = Buffer.from((await wholeReply(reply)).body ?? '');
  const kept = await create(services, principal, { type: 'Bundle', body });
  return { ...kept, status: 200 };
}

async function partsOf(
  services: Data,
  composition: StoredVersion,
): Promise<readonly StoredVersion[]> {
  const wanted = referencesIn(services, composition);
  if (wanted.size > MOST) {
    throw new FhirError('too-costly', `A document may have ${MOST} resources at most`);
  }
  const found: StoredVersion[] = [];
  for (const key of wanted.keys()) {
    const [type = '', id = ''] = key.split('/');
    const part = await services.store.versions.current(type, id);
    if (part?.deleted === false) found.push(part);
  }
  return found;
}

function assertWhole(
  services: Data,
  composition: StoredVersion,
  parts: readonly StoredVersion[],
): void {
  const there = new Set(parts.map(keyOf));
  for (const [key, element] of referencesIn(services, composition)) {
    if (there.has(key)) continue;
    throw new FhirError('unprocessable', `${element} refers to ${key}, which is not here`, {
      expression: element,
    });
  }
}

/** References to this server, with the element that has them; the Composition itself left out. */
function referencesIn(
  { r4, base }: Data,
  { id, body }: StoredVersion,
): ReadonlyMap<string, string> {
  const text = Buffer.from(body).toString('utf8');
  const resource = JSON.parse(text) as Composition;
  const found = new Map<string, string>();
  replaceStrings(text, ({ path, raw }) => {
    if (path.at(-1) !== 'reference') return undefined;
    const parsed = parseReference(decodeString(raw), base);
    if (parsed?.kind !== 'local' || r4.typeAt(resource, path)?.owner !== 'Reference')
      return undefined;
    const key = `${parsed.type}/${parsed.id}`;
    const names = path
      .slice(0, -1)
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    if (key !== `Composition/${id}` && !found.has(key))
      found.set(key, `Composition${names.join('')}`);
    return undefined;
  });
  return found;
}

function documentOf(
  { base, clock, newId }: Pick<Data, 'base'> & Ambient,
  versions: readonly StoredVersion[],
): Uint8Array {
  const head = {
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${newId()}` },
    type: 'document',
    timestamp: new Date(clock()).toISOString(),
  };
  const parts: (string | Uint8Array)[] = [JSON.stringify(head).slice(0, -1), ',"entry":['];
  versions.forEach((version, i) => {
    const fullUrl = JSON.stringify(`${base}/${keyOf(version)}`);
    parts.push(`${i === 0 ? '' : ','}{"fullUrl":${fullUrl},"resource":`, version.body, '}');
  });
  parts.push(']}');
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : part)),
  );
}
