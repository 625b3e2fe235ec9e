import type { Meta } from 'fhir/r4.js';
import type { Principal } from '../../auth/principal.ts';
import { FhirError } from '../../fhir/errors.ts';
import { commitChanged, shown } from '../../interactions/change/patch.ts';
import type { Preconditions } from '../../interactions/conditions/preconditions.ts';
import { boundsOf } from '../../access/disclose.ts';
import { versionPath, type Reply } from '../../access/reply.ts';
import type { Services } from '../../interactions/services.ts';
import type { Declared, Input } from '../input.ts';
import { metaReply } from './meta-reply.ts';
import { additions, removals, type MetaEdit } from './meta-edits.ts';

export const CHANGE_META: Declared = { meta: 'Meta' };

/** A call on the current version of a resource. */
export interface Change {
  readonly input: Input;
  readonly type: string;
  readonly id: string;
  readonly preconditions: Preconditions;
}

/**
 * `$meta-add`: http://hl7.org/fhir/R4/resource-operation-meta-add.html. It makes a version, unless nothing is missing;
 * only `meta` differs from the one before.
 *
 * @rule $meta-add
 */
export function addMeta(services: Services, principal: Principal, asked: Change): Promise<Reply> {
  return changeMeta(services, principal, { ...asked, interaction: '$meta-add', edits: additions });
}

/**
 * `$meta-delete`: http://hl7.org/fhir/R4/resource-operation-meta-delete.html; what is not there need not be.
 *
 * @rule $meta-delete
 */
export function deleteMeta(
  services: Services,
  principal: Principal,
  asked: Change,
): Promise<Reply> {
  return changeMeta(services, principal, {
    ...asked,
    interaction: '$meta-delete',
    edits: removals,
  });
}

async function changeMeta(
  services: Services,
  principal: Principal,
  asked: Change & {
    readonly interaction: string;
    readonly edits: (meta: Meta, named: Meta) => readonly MetaEdit[];
  },
): Promise<Reply> {
  const { type, id, preconditions, interaction } = asked;
  boundsOf(principal, type, 'u');
  const named = asked.input.value('meta') as Meta | undefined;
  if (named === undefined) {
    throw new FhirError('invalid', 'The parameter meta is needed', { expression: 'http.meta' });
  }
  const { version, warnings } = await commitChanged(services, principal, {
    type,
    id,
    preconditions,
    interaction,
    change: (text) => {
      const { meta = {} } = JSON.parse(text) as { readonly meta?: Meta };
      const edits = asked.edits(meta, named);
      if (edits.length === 0) return text;
      const patch = Buffer.from(JSON.stringify(edits), 'utf8');
      return services.r4.readPatch('application/json-patch+json', patch)(text);
    },
  });
  const reply: Reply = {
    status: 200,
    version,
    warnings,
    derived: true,
    location: versionPath(version),
  };
  return shown(services, principal, reply, {
    interaction,
    version,
    as: ({ body }) => metaReply(body),
  });
}
