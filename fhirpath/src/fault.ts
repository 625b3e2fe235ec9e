/** An expression that is no FHIRPath, or that cannot be evaluated on what it is given. */
export class FhirPathFault extends Error {
  override readonly name = 'FhirPathFault';
}
