import type { Resource } from './clinical-samples.ts';

/** An active definition of a named query of observations. */
export const namedQuery = (code: string, expression: string, more: object = {}): Resource => ({
  resourceType: 'OperationDefinition',
  id: code,
  extension: [
    {
      url: 'https://chartseal.example.org/fhir/StructureDefinition/named-query-criteria',
      valueExpression: { language: 'application/x-fhir-query', expression },
    },
  ],
  url: `http://example.org/OperationDefinition/${code}`,
  name: code,
  status: 'active',
  kind: 'query',
  code,
  resource: ['Observation'],
  system: false,
  type: true,
  instance: false,
  ...more,
});

export const parameter = (name: string, more: object = {}) => ({
  name,
  use: 'in',
  min: 0,
  max: '1',
  type: 'string',
  searchType: 'token',
  ...more,
});
