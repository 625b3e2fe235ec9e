import type { RecordWrite } from '../../store/record-store.ts';
import type { NewVersion } from './change-set.ts';
import type { Owners } from './owners.ts';

/** Holds a record for each thing whose coming would tell whom something concerns that is of nobody who can be told. */
export const AWAITED = 'awaited-owner';

const NOTED = Buffer.from('awaited', 'utf8');

export function awaitedRecord(key: string): RecordWrite {
  return { collection: AWAITED, key, value: NOTED };
}

/** The version with records of what would tell whom it concerns, so that its coming is noticed. */
export function noting(made: NewVersion, found: Pick<Owners, 'awaited'> | undefined): NewVersion {
  const { records = [] } = made.write;
  const noted = (found?.awaited ?? []).map(awaitedRecord);
  return { ...made, write: { ...made.write, records: [...records, ...noted] } };
}
