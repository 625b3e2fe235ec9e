import { FhirError } from '../errors.ts';

/** About a second of looking for elements. */
const MOST_WORK = 50_000_000;

/** Bounds what may be spent on finding the elements of one patch; about one unit for each character looked at. */
export class Work {
  #left = MOST_WORK;

  /** @throws FhirError `too-costly` */
  spend(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new FhirError('too-costly', 'The patch looks at too many elements');
  }
}
