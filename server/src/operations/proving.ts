import type { EvidenceMaker } from '../provenance/evidence.ts';
import type { Sequencer } from '../provenance/sequencer.ts';
import type { Subjects } from '../provenance/subjects.ts';

/** Holds what proofs of versions and accesses take. */
export interface Proving {
  readonly sequencer: Pick<Sequencer, 'anchored'>;
  readonly evidence: EvidenceMaker;
  readonly subjects: Subjects;
}
