import type { FilterTest, Value } from './question.ts';

/** https://hl7.org/fhir/R4/search_filter.html, with every operand in brackets. */
export function filterText(test: FilterTest): string {
  switch (test.kind) {
    case 'and':
    case 'or':
      return test.of.map((part) => `(${filterText(part)})`).join(` ${test.kind} `);
    case 'not':
      return `not (${filterText(test.of)})`;
    case 'test': {
      const { criterion } = test;
      if (criterion.op === 'missing') return `${criterion.code} pr ${String(!criterion.missing)}`;
      const [value] = criterion.values;
      if (value === undefined) throw new RangeError('a test has one value');
      return `${criterion.code} ${said(value, criterion.modifier) ?? ''}`;
    }
  }
}

/** Whether a value can be said in a filter, without what its language cannot quote. */
export function canSay(value: Value, modifier: string | undefined): boolean {
  return said(value, modifier) !== undefined;
}

function said(value: Value, modifier: string | undefined): string | undefined {
  switch (value.kind) {
    case 'token': {
      const { system, code } = value;
      if (modifier !== undefined || system === null || code === undefined) return undefined;
      return plain('eq', system === undefined ? code : `${system}|${code}`);
    }
    case 'text':
      if (modifier === 'contains') return quoted('co', value.text);
      return modifier === undefined ? quoted('sw', value.text) : undefined;
    case 'date':
    case 'number':
      return plain(value.prefix ?? 'eq', value.text);
    default:
      return undefined;
  }
}

function plain(operator: string, value: string): string | undefined {
  return /^[^\s()[\]"\\,$]+$/.test(value) ? `${operator} ${value}` : undefined;
}

function quoted(operator: string, value: string): string | undefined {
  return /^[^\p{Cc}]+$/u.test(value) ? `${operator} ${JSON.stringify(value)}` : undefined;
}
