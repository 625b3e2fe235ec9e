import { scanElements, type JsonElement } from '@chartseal/evidence';

/** One of the resources that another one contains. */
export interface ContainedResource {
  /** As it stands in the text, in UTF-8. */
  readonly body: Uint8Array;
  /** Its own, without `#`; undefined where it has none. */
  readonly id: string | undefined;
}

/** Returns what a stored resource contains, by place. */
export function containedResources(body: Uint8Array): readonly ContainedResource[] {
  const text = Buffer.from(body).toString('utf8');
  const elements: JsonElement[] = [];
  const scan = scanElements(text, 'contained');
  for (let next = scan.next(); next.done !== true; next = scan.next()) elements.push(next.value);
  return elements.map(({ start, end, members }) => {
    const own = members?.find(({ name }) => name === 'id');
    const id: unknown = own && JSON.parse(text.slice(own.valueStart, own.valueEnd));
    return {
      body: Buffer.from(text.slice(start, end), 'utf8'),
      id: typeof id === 'string' ? id : undefined,
    };
  });
}
