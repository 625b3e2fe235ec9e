import { FhirError } from '../../fhir/errors.ts';
import type { Reply } from '../../access/reply.ts';

/**
 * Bounds how much the reads of one Bundle may answer together. A Bundle of few bytes can ask for the same large answer many
 * times, and all of them are held until the last is there.
 */
export class AnswerRoom {
  readonly #bytes: number;
  #left: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /** Runs a read while there is room. @throws FhirError `too-costly` */
  async read(act: () => Promise<Reply>): Promise<Reply> {
    if (this.#left <= 0) {
      throw new FhirError(
        'too-costly',
        `What the Bundle reads is more than ${this.#bytes} bytes together: ask for the rest by itself`,
        { expression: 'http.request' },
      );
    }
    const reply = await act();
    this.#left -= Buffer.byteLength(reply.body ?? '');
    return reply;
  }
}
