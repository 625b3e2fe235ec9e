import type { WriteSet } from '../../store/resource-store.ts';

/** A change on its way to the ledger: all that is needed to finish it after a crash. */
export interface PendingChange {
  readonly txId: string;
  /** The signed transaction. */
  readonly signed: Uint8Array;
  /** Holds what its row has to know of it once it is in force. */
  readonly state: unknown;
  /** Holds what becomes visible once the transaction is VALID. */
  readonly write: WriteSet;
  /** Holds what is written should it be invalid. */
  readonly restore: NonNullable<WriteSet['records']>;
}

/** As servers before this one kept it: `held` is the state, and `restore` may be absent. */
type KeptChange = Omit<PendingChange, 'restore'> &
  Partial<PendingChange> & { readonly held?: unknown };

const BYTES = '$base64';

export function encodePending(change: PendingChange): Uint8Array {
  return Buffer.from(
    JSON.stringify(change, (_name, value: unknown) => {
      const bytes = asBytes(value);
      return bytes === undefined ? value : { [BYTES]: bytes.toString('base64') };
    }),
    'utf8',
  );
}

export function decodePending(bytes: Uint8Array): PendingChange {
  const kept = JSON.parse(Buffer.from(bytes).toString('utf8'), (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(BYTES in value)) return value;
    return Buffer.from(String(value[BYTES]), 'base64');
  }) as KeptChange;
  return { ...kept, state: kept.state ?? kept.held, restore: kept.restore ?? [] };
}

/** JSON.stringify shows a Buffer as what its toJSON made of it, other byte arrays as they are. */
function asBytes(value: unknown): Buffer | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, data } = value as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]) : undefined;
}
