/** Elements, by type, in which a resource says whose word or order it is: docs/decisions/0057-whose-name-a-write-may-carry.md */
export const SPOKEN_FOR: ReadonlyMap<string, readonly string[]> = new Map([
  ['AdverseEvent', ['recorder', 'suspectEntity.causality.author']],
  ['AllergyIntolerance', ['recorder', 'asserter']],
  ['AuditEvent', ['source.observer']],
  ['Basic', ['author']],
  ['Bundle', ['signature.who', 'signature.onBehalfOf']],
  ['CarePlan', ['author', 'activity.progress.authorReference']],
  ['ChargeItem', ['enterer']],
  ['Claim', ['enterer']],
  ['ClinicalImpression', ['assessor']],
  ['CommunicationRequest', ['requester']],
  ['Composition', ['author', 'attester.party', 'section.author']],
  ['Condition', ['recorder', 'asserter']],
  ['Contract', ['author', 'signer.party', 'signer.signature.who', 'term.action.requester']],
  ['CoverageEligibilityRequest', ['enterer']],
  ['DetectedIssue', ['author', 'mitigation.author']],
  ['DeviceRequest', ['requester']],
  ['DeviceUseStatement', ['source']],
  ['DocumentManifest', ['author']],
  ['DocumentReference', ['author', 'authenticator']],
  ['ExplanationOfBenefit', ['enterer']],
  ['Flag', ['author']],
  ['Goal', ['expressedBy']],
  ['Linkage', ['author']],
  ['List', ['source']],
  ['MeasureReport', ['reporter']],
  ['MedicationRequest', ['requester', 'recorder', 'reportedReference']],
  ['MedicationStatement', ['informationSource']],
  ['MessageHeader', ['author', 'enterer', 'responsible']],
  ['NutritionOrder', ['orderer']],
  ['Procedure', ['recorder', 'asserter']],
  ['Provenance', ['signature.who', 'signature.onBehalfOf']],
  ['QuestionnaireResponse', ['author', 'source']],
  ['RequestGroup', ['author']],
  ['ServiceRequest', ['requester']],
  ['SupplyRequest', ['requester']],
  ['Task', ['requester']],
  ['VerificationResult', ['attestation.who', 'attestation.onBehalfOf']],
  ['VisionPrescription', ['prescriber']],
]);

/** Elements of every type that has notes. */
export const SPOKEN_FOR_ANYWHERE = ['note.authorReference'] as const;

/** Elements of records in which somebody is said to have acted; of an AuditEvent those who asked for it. */
export const ACTED: ReadonlyMap<string, readonly string[]> = new Map([
  ['AuditEvent', ['agent.who']],
  ['Provenance', ['agent.who', 'agent.onBehalfOf']],
]);
