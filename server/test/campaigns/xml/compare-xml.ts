import { readXml, type XmlElement } from '../patch/read-xml.ts';

/**
 * The first difference of two documents as XML sees them: comments, instructions and white space between FHIR's elements
 * do not count, narrative counts character by character.
 */
export function xmlDifference(a: string, b: string): string | undefined {
  return compare(readXml(a.replace(/^\uFEFF/, '')), readXml(b), '');
}

function compare(a: XmlElement, b: XmlElement, path: string): string | undefined {
  const here = `${path}/${a.name}`;
  if (a.name !== b.name) return `${here}: ${b.name} instead`;
  const inNarrative = path.includes('/div') || a.name === 'div';
  const names = new Set([...a.attributes.keys(), ...b.attributes.keys()]);
  for (const name of names) {
    if (a.attributes.get(name) !== b.attributes.get(name)) {
      return `${here}@${name}: ${a.attributes.get(name) ?? 'nothing'} and ${b.attributes.get(name) ?? 'nothing'}`;
    }
  }
  const left = childrenOf(a, inNarrative);
  const right = childrenOf(b, inNarrative);
  if (left.length !== right.length) {
    return `${here}: ${left.length} and ${right.length} children`;
  }
  for (const [index, child] of left.entries()) {
    const other = right[index];
    const found =
      typeof child === 'string' || typeof other === 'string' || other === undefined
        ? child === other
          ? undefined
          : `${here}: other text`
        : compare(child, other, here);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(
  { children }: XmlElement,
  inNarrative: boolean,
): readonly (XmlElement | string)[] {
  return inNarrative ? children : children.filter((child) => typeof child !== 'string');
}
