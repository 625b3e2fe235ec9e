import type { Issue } from './errors.ts';

/**
 * Says what R4 lets one expect of a stored resource and this server does not do, by type. The refusal, what a write says of
 * itself, the CapabilityStatement and the documentation are all made of these sentences.
 */
export const WITHOUT_EFFECT: ReadonlyMap<string, string> = new Map([
  [
    'Subscription',
    'Nothing is sent yet: a Subscription is kept with the status off or error only, and refused when it is requested or active.',
  ],
  ['ActivityDefinition', 'It is kept and found, and never applied.'],
  [
    'AuditEvent',
    'It is kept as the record of who sent it. The access log that this server answers for is that of $access-log.',
  ],
  [
    'CapabilityStatement',
    'It is kept as data and says nothing of this server: that is what /metadata is for.',
  ],
  ['CommunicationRequest', 'It is kept and found; this server sends no messages.'],
  [
    'CompartmentDefinition',
    'It is kept as data: the compartments are those of R4, whatever is stored.',
  ],
  [
    'Contract',
    'It is kept and found, and decides nothing: who may see what, consents and the policy decide.',
  ],
  ['Endpoint', 'It is kept and found; nothing is ever sent there.'],
  ['EventDefinition', 'It is kept and found, and triggers nothing.'],
  ['GraphDefinition', 'It is kept as data: there is no $graph.'],
  [
    'ImplementationGuide',
    'It is kept as data: guides take effect as packages that the operator loads.',
  ],
  ['Library', 'It is kept and found; its logic is not run.'],
  [
    'Linkage',
    'It is kept and found; a search or read of one of the items does not lead to the others.',
  ],
  ['Measure', 'It is kept and found, and not evaluated.'],
  ['MessageDefinition', 'It is kept as data: there is no $process-message.'],
  ['NamingSystem', 'It is kept and found: there is no $preferred-id.'],
  [
    'OperationDefinition',
    'One that is active and a query can be asked by _query. One of an operation is kept as data and does not make it available.',
  ],
  ['PlanDefinition', 'It is kept and found, and never applied.'],
  ['Questionnaire', 'It is kept and found; answers are not held against it.'],
  [
    'StructureDefinition',
    'It is kept as data: profiles are checked when the operator loads them as a package, not when they are stored.',
  ],
  ['StructureMap', 'It is kept as data: there is no $transform.'],
  ['Task', 'It is kept and found; this server performs no tasks by itself.'],
  ['TerminologyCapabilities', 'It is kept as data and says nothing of this server.'],
  ['TestScript', 'It is kept as data, and not run.'],
  [
    'ValueSet',
    'It serves $expand, $validate-code and searches. Bindings are checked with the value sets of R4 and of loaded packages only.',
  ],
]);

/** Returns what a resource of this type does not do here, as a write may tell; empty when there is nothing to say. */
export function noteOf(type: string): readonly Issue[] {
  const sentence = WITHOUT_EFFECT.get(type);
  if (sentence === undefined) return [];
  return [
    { severity: 'warning', code: 'not-supported', diagnostics: sentence, expression: [type] },
  ];
}

/** Returns the fault of a resource whose effect would not come, which its sender would rely on; empty for all others. */
export function promisesEffect(resource: object): readonly Issue[] {
  const { resourceType, status } = resource as Readonly<Record<string, unknown>>;
  if (resourceType !== 'Subscription' || status === 'off' || status === 'error') return [];
  return [
    {
      severity: 'error',
      code: 'not-supported',
      diagnostics: WITHOUT_EFFECT.get(resourceType) ?? '',
      expression: ['Subscription.status'],
    },
  ];
}
