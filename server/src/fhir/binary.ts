import { parseMediaType } from './media-type.ts';

/** Holds what a Binary holds (R4 binary.html). */
export interface BinaryContent {
  /** Fit for a header. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A Binary resource as JSON text, made of content in its own form. */
export function binaryResource(of: {
  readonly id?: string;
  readonly contentType: string;
  /** Reference to the resource that stands for it where access is decided. */
  readonly securityContext: string | undefined;
  readonly bytes: Uint8Array;
}): string {
  const { id, contentType, securityContext, bytes } = of;
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return JSON.stringify({
    resourceType: 'Binary',
    ...(id === undefined ? {} : { id }),
    contentType: contentType.trim().replace(/\s+/g, ' '),
    ...(securityContext === undefined ? {} : { securityContext: { reference: securityContext } }),
    ...(data === '' ? {} : { data }),
  });
}

/** The content of a stored Binary. */
export function binaryContent(body: Uint8Array): BinaryContent {
  const { contentType = '', data = '' } = JSON.parse(Buffer.from(body).toString('utf8')) as {
    readonly contentType?: string;
    readonly data?: string;
  };
  const isType = parseMediaType(contentType).name !== '' && /^[\x20-\x7e]+$/.test(contentType);
  return {
    contentType: isType ? contentType : 'application/octet-stream',
    bytes: Buffer.from(data, 'base64'),
  };
}

/** Tells whether JSON text is a Binary resource. @throws SyntaxError for what is no JSON */
export function isBinaryResource(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return (value as { readonly resourceType?: unknown } | null)?.resourceType === 'Binary';
}
