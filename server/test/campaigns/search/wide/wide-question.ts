import type { Compartment } from '../../../oracle/compartments.ts';
import { pathOf } from '../../../oracle/includes.ts';
import type { IncludeAsked } from '../../../oracle/includes.ts';
import type { Criterion, SortKey } from '../../../oracle/question.ts';
import { urlPairs } from '../../../oracle/url-pairs.ts';

/** A search of one type or several, of the whole server or inside of a compartment, with what goes along. */
export interface WideQuestion {
  readonly within?: Compartment;
  /** Undefined: all that may be searched there. */
  readonly types: readonly string[] | undefined;
  /** Whether one type stands in the path and not in `_type`. */
  readonly typeInPath: boolean;
  readonly criteria: readonly Criterion[];
  readonly sort: readonly SortKey[];
  readonly count: number;
  readonly includes: readonly IncludeAsked[];
  readonly total?: 'none' | 'estimate' | 'accurate';
  /** `_summary=count`: the number alone. */
  readonly countOnly: boolean;
  readonly post: boolean;
}

/** The URL's path below the base, without its query. */
export function pathAsked({ within, types, typeInPath }: WideQuestion): string {
  const type = typeInPath ? types?.[0] : undefined;
  if (within === undefined) return type ?? '';
  return `${pathOf(within)}/${type ?? '*'}`;
}

/** Names and values of the query, before percent-encoding. */
export function pairsAsked(question: WideQuestion): readonly (readonly [string, string])[] {
  const { types, typeInPath, includes, total, countOnly } = question;
  return [
    ...(types === undefined || typeInPath ? [] : [['_type', types.join(',')] as const]),
    ...urlPairs({ type: '', ...question }),
    ...includes.map(
      (include) =>
        [
          `_${include.direction === 'to' ? 'include' : 'revinclude'}${include.iterate ? ':iterate' : ''}`,
          includeText(include),
        ] as const,
    ),
    ...(total === undefined ? [] : [['_total', total] as const]),
    ...(countOnly ? [['_summary', 'count'] as const] : []),
  ];
}

/** As one may read it. */
export function questionText(question: WideQuestion): string {
  const pairs = pairsAsked(question).map(([name, value]) => `${name}=${value}`);
  return `${question.post ? 'POST ' : ''}${pathAsked(question)}?${pairs.join('&')}`;
}

function includeText({ source, param, target }: IncludeAsked): string {
  if (source === undefined) return '*';
  return [source, param ?? '*', ...(target === undefined ? [] : [target])].join(':');
}
