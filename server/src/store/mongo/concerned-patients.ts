import type { Document } from 'mongodb';
import type { Filter } from '../../search/query.ts';
import { noPatient, patientNamed } from './documents.ts';

/** Patients up to which an index is asked for what concerns them. */
const fewPatients = 50;

/** Leads to what concerns a patient, in the order of names: see `concerning`. */
export const byPatient = { o: 1, type: 1, _id: 1 } as const;

/** Returns the patients such that what satisfies the filter concerns or refers to one; undefined: not known, or many. */
export function concernedBy(filter: Filter): readonly string[] | undefined {
  const found = patientsOf(filter);
  return found !== undefined && found.length <= fewPatients + 1 ? found : undefined;
}

function patientsOf(filter: Filter): readonly string[] | undefined {
  switch (filter.op) {
    case 'and': {
      const known = filter.all.map(patientsOf).filter((found) => found !== undefined);
      return known.sort((a, b) => a.length - b.length)[0];
    }
    case 'or': {
      const known = filter.any.map(patientsOf);
      return known.length === 0 || known.includes(undefined)
        ? undefined
        : [...new Set(known.flatMap((found) => found ?? []))];
    }
    case 'reference': {
      const patient = patientNamed(filter.target);
      return patient === undefined ? undefined : [patient];
    }
    case 'patients':
      return filter.mode === 'in' ? [noPatient, ...filter.patients] : undefined;
    default:
      return undefined;
  }
}

/** A condition for `byPatient`. */
export function concerning(patients: readonly string[]): Document {
  return { o: { $in: patients } };
}
