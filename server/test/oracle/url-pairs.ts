import { filterText } from './filter-text.ts';
import type { Criterion, Question, Value } from './question.ts';

/** Names and values of the URL's query, before percent-encoding. */
export function urlPairs({
  criteria,
  sort,
  count,
  contained,
  query,
}: Question): [string, string][] {
  const pairs = criteria.map(criterionPair);
  if (query) pairs.unshift(['_query', query.name], ...Object.entries(query.values));
  if (sort.length > 0) {
    const keys = sort.map(({ code, descending, through = [] }) => {
      const links = through.map((link) => `${link.code}:${link.type}.`).join('');
      return `${descending ? '-' : ''}${links}${code}`;
    });
    pairs.push(['_sort', keys.join(',')]);
  }
  if (contained) pairs.push(['_contained', contained.which]);
  if (contained?.shown) pairs.push(['_containedType', contained.shown]);
  pairs.push(['_count', String(count)]);
  return pairs;
}

function criterionPair(criterion: Criterion): [string, string] {
  switch (criterion.op) {
    case 'value': {
      const { code, modifier, values } = criterion;
      const name = modifier === undefined ? code : `${code}:${modifier}`;
      return [name, values.map(valueText).join(',')];
    }
    case 'filter':
      return ['_filter', filterText(criterion.test)];
    case 'list':
      return ['_list', criterion.lists.join(',')];
    case 'missing':
      return [`${criterion.code}:missing`, String(criterion.missing)];
    case 'chain': {
      const [name, value] = criterionPair(criterion.then);
      return [`${criterion.code}:${criterion.type}.${name}`, value];
    }
    case 'has': {
      const [name, value] = criterionPair(criterion.then);
      return [`_has:${criterion.type}:${criterion.code}:${name}`, value];
    }
  }
}

function valueText(value: Value): string {
  switch (value.kind) {
    case 'token': {
      const { system, code = '' } = value;
      return system === undefined ? escaped(code) : `${escaped(system ?? '')}|${escaped(code)}`;
    }
    case 'text':
      return escaped(value.text);
    case 'date':
    case 'number':
      return `${value.prefix ?? ''}${value.text}`;
    case 'quantity':
      return quantityText(value);
    case 'of-type':
      return [value.system, value.code, value.value].map(escaped).join('|');
    case 'near':
      return [value.latitude, value.longitude, value.kilometres, 'km'].join('|');
    case 'composite':
      return value.parts.map(valueText).join('$');
  }
}

function quantityText(value: Extract<Value, { kind: 'quantity' }>): string {
  const { prefix = '', text, system, code } = value;
  if (system === undefined && code === undefined) return `${prefix}${text}`;
  return `${prefix}${text}|${escaped(system ?? '')}|${escaped(code ?? '')}`;
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escaped(text: string): string {
  return text.replace(/[\\,|$]/g, String.raw`\$&`);
}
