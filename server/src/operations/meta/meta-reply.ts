import { scanJson } from '@chartseal/evidence';

/** Parameters with the `meta` of a resource, word for word. */
export function metaReply(body: Uint8Array): string {
  const { text, members } = scanJson(body);
  const meta = members.find(({ name }) => name === 'meta');
  return parametersOf(meta === undefined ? '{}' : text.slice(meta.valueStart, meta.valueEnd));
}

/** @param meta JSON text */
export function parametersOf(meta: string): string {
  return `{"resourceType":"Parameters","parameter":[{"name":"return","valueMeta":${meta}}]}`;
}
