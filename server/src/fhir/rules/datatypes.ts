import { createHash } from 'node:crypto';
import type { ProseRule } from './prose-rule.ts';

/** http://hl7.org/fhir/R4/datatypes.html#Attachment: `size` and `hash` (SHA-1) are those of the bytes of `data`. */
export const checkAttachment: ProseRule = ({ data, size, hash }, { report }) => {
  if (typeof data !== 'string') return;
  const bytes = Buffer.from(data, 'base64');
  if (typeof size === 'number' && bytes.length !== size) {
    report('value', `size is ${size}, but data has ${bytes.length} bytes`, '.size');
  }
  if (typeof hash !== 'string') return;
  const digest = createHash('sha1').update(bytes).digest('base64');
  if (hash !== digest) report('value', `data has the hash ${digest}`, '.hash');
};

/** http://hl7.org/fhir/R4/datatypes.html#Identifier: with this system the value is a whole URI. */
export const checkIdentifier: ProseRule = ({ system, value }, { report }) => {
  if (system !== 'urn:ietf:rfc:3986' || typeof value !== 'string') return;
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(value)) {
    report('value', 'With the system urn:ietf:rfc:3986 the value is a whole URI', '.value');
  }
};

/** http://hl7.org/fhir/R4/extensibility.html: only an extension inside of another may have a relative URL. */
export const checkExtensionUrl: ProseRule = ({ url }, { path, report }) => {
  if (typeof url !== 'string' || isAbsolute(url)) return;
  if (/\.(?:e|modifierE)xtension\[\d+\]\.(?:e|modifierE)xtension\[\d+\]$/.test(path)) return;
  report('value', 'The URL of an extension is absolute', '.url');
};

export function isAbsolute(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(url);
}
