import type { Corpus } from './corpus.ts';
import { objects, text } from './official.ts';
import type { Json } from './official.ts';
import { parametersOf } from './parameters.ts';
import type { Criterion, Named, Prefix, Value } from './question.ts';

/** What a definition in the corpus says that a query stands for; what one of its criteria lacks leaves it out. */
export function criteriaOf(corpus: Corpus, type: string, { name, values }: Named): Criterion[] {
  const definition = corpus.of('OperationDefinition').find(({ resource }) => {
    return resource['kind'] === 'query' && resource['code'] === name;
  });
  const [extension] = objects(definition?.resource['extension']);
  const { expression } = (extension?.['valueExpression'] ?? {}) as Json;
  const query = (text(expression) ?? '').replace(/^\w*\?/, '');
  return query
    .split('&')
    .filter((part) => namesIn(part).every((each) => values[each] !== undefined))
    .map((part) => {
      const [code = '', template = ''] = part.split('=');
      const alternatives = namesIn(template)
        .reduce((so, each) => so.replace(`{{%${each}}}`, values[each] ?? ''), template)
        .split(',');
      const kind = parametersOf(type).get(code)?.type;
      return {
        op: 'value',
        code,
        values: alternatives.map((each) => valueOf(kind ?? 'string', each)),
      };
    });
}

function namesIn(part: string): readonly string[] {
  return [...part.matchAll(/\{\{%(\w+)\}\}/g)].map(([, name = '']) => name);
}

/** Of values that need no escapes. */
function valueOf(kind: string, value: string): Value {
  if (kind === 'date') {
    const [, prefix, rest = ''] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)$/.exec(value) ?? [];
    return { kind: 'date', text: rest, ...(prefix && { prefix: prefix as Prefix }) };
  }
  if (kind !== 'token') return { kind: 'text', text: value };
  const [system, code] = value.split('|');
  return code === undefined
    ? { kind: 'token', code: value }
    : { kind: 'token', system: system === '' ? null : (system ?? ''), code };
}
