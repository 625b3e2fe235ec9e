import { scanJson } from '@chartseal/evidence';

/** Parameters with the `meta` of a resource, word for word. */
export function metaReply(body: Uint8Array): string {
  const { text, members } = scanJson(body);
  const meta = members.find(({ name }) => name === 'meta');
  return parametersOf(meta === undefined ? '{}' : text.slice(meta.valueStart, meta.valueEnd));
}

/** @param meta JSON text; of an empty one nothing can be said in FHIR, and so there is no parameter */
export function parametersOf(meta: string): string {
  if (meta === '{}') return '{"resourceType":"Parameters"}';
  return `{"resourceType":"Parameters","parameter":[{"name":"return","valueMeta":${meta}}]}`;
}
