import type { JsonNode } from './json-tree.ts';

/** Equality of RFC 6902, section 4.6: numbers by value, strings by characters, objects in any order. */
export function jsonEqual(a: JsonNode, b: JsonNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && scalarEqual(a.text, b.text);
  if (a.kind === 'array') {
    return (
      b.kind === 'array' &&
      a.entries.length === b.entries.length &&
      a.entries.every(({ value }, index) => {
        const other = b.entries[index];
        return other !== undefined && jsonEqual(value, other.value);
      })
    );
  }
  if (b.kind !== 'object' || a.entries.length !== b.entries.length) return false;
  const others = new Map(b.entries.map(({ name, value }) => [name, value]));
  return a.entries.every(({ name, value }) => {
    const other = others.get(name);
    return other !== undefined && jsonEqual(value, other);
  });
}

function scalarEqual(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.startsWith('"') && b.startsWith('"')) return JSON.parse(a) === JSON.parse(b);
  const number = decimal(a);
  return number !== undefined && number === decimal(b);
}

/** The exact value of a number, written in one way only. A double would hold different decimals for equal. */
function decimal(text: string): string | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
