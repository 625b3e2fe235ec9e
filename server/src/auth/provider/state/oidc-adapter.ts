import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import {
  NEVER,
  StateUnavailable,
  type Entry,
  type Kept,
  type ProviderState,
} from './provider-state.ts';

/** Models that end together with their grant. */
const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

/**
 * Lets oidc-provider reach the state, for one of its models.
 *
 * @param clock milliseconds since the epoch
 */
export function oidcAdapter(state: ProviderState, model: string, clock: () => number): Adapter {
  return {
    upsert: (id, payload, expiresIn) =>
      answered(async () => {
        const expires = expiresIn === undefined ? NEVER : Math.floor(clock() / 1000) + expiresIn;
        const entry = entryOf({ model, id, expires }, payload);
        if (model !== 'ReplayDetection') return state.keep(entry);
        // Looking first and writing then would let two of the same assertion through at once.
        if (await state.keepOnce(entry)) return;
        throw new errors.InvalidClientAuth('client assertions must only be used once');
      }),
    find: (id) => answered(async () => payloadOf(await state.find({ model, id }))),
    findByUid: (uid) => answered(async () => payloadOf(await state.findByUid(model, uid))),
    // Codes that are typed in on another device belong to a flow that is not offered.
    findByUserCode: () => Promise.resolve(undefined),
    consume: (id) =>
      answered(async () => {
        if (await state.consume({ model, id })) return;
        throw new errors.InvalidGrant('already used');
      }),
    destroy: (id) => answered(() => state.remove({ model, id })),
    revokeByGrantId: (grant) => answered(() => state.removeOfGrant(model, grant)),
  };
}

function entryOf(place: Pick<Entry, 'model' | 'id' | 'expires'>, payload: AdapterPayload): Entry {
  const { grantId, uid } = payload;
  return {
    ...place,
    payload: JSON.stringify(payload),
    ...(grantId === undefined || !GRANTABLE.has(place.model) ? {} : { grant: grantId }),
    ...(uid === undefined ? {} : { uid }),
  };
}

function payloadOf(kept: Kept | undefined): AdapterPayload | undefined {
  if (kept === undefined) return undefined;
  const payload = JSON.parse(kept.payload) as AdapterPayload;
  return kept.consumed === undefined ? payload : { ...payload, consumed: kept.consumed };
}

/** Without its state the authorization server answers 503, as the FHIR server does without its store. */
async function answered<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
    throw new errors.OIDCProviderError(503, 'temporarily_unavailable', { cause: error });
  }
}
