import { FhirError } from '../../fhir/errors.ts';
import { StoreConflict } from '../../store/errors.ts';

const ATTEMPTS = 8;

/** Another writer may win between reading and writing: then all is judged again on what it left. */
export async function tryAgain<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      if (attempt >= ATTEMPTS) {
        throw new FhirError('conflict', 'Others keep changing the same data; try again');
      }
    }
  }
}
