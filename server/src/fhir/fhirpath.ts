import { createFhirPath } from '@chartseal/fhirpath';
import type { FhirPath } from '@chartseal/fhirpath';
import { parseReference } from './reference.ts';
import type { TypeModels } from './type-model.ts';

/** FHIRPath for R4's types, which reads references as this server does. */
export function createR4Path(models: TypeModels): FhirPath {
  return createFhirPath(models, { typeOfReference });
}

function typeOfReference(reference: string): string | undefined {
  const parsed = parseReference(reference);
  return parsed && 'type' in parsed ? parsed.type : undefined;
}
