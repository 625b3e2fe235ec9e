import type { Json, Surroundings } from '@chartseal/fhirpath';

export { objectsOf } from '@chartseal/fhirpath';
export type { Json, Surroundings };

/** Tells whether an invariant holds. The element may be any JSON object, valid or not: rules never throw. */
export type Rule = (element: Json, around: Surroundings) => boolean;
