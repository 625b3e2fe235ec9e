import type { ClientSession, Document } from 'mongodb';
import type { SearchQuery } from '../../search/query.ts';
import { boundFilter } from '../bound-filter.ts';
import type { Explanation } from '../explanation.ts';
import { Links } from './chains.ts';
import type { Connection } from './connect.ts';
import { insideLookup, insidePipeline } from './inside-rows.ts';
import { lookup } from './lookup.ts';
import type { Lookup } from './lookup.ts';
import { pagePipeline } from './page-pipeline.ts';
import { sourcesOf } from './sources.ts';
import type { Source } from './sources.ts';
import { Walk } from './walk.ts';

/** MongoDB's own plan of the first page, without what stands in it of values. @throws SearchTooCostly, RangeError */
export async function explain(
  { collections }: Pick<Connection, 'collections'>,
  session: ClientSession,
  { others = [], ...query }: SearchQuery,
  mostSorted: number,
): Promise<readonly Explanation[]> {
  boundFilter({ ...query, others });
  const sources = sourcesOf(collections, undefined);
  const [source] = sources;
  if (source === undefined) throw new Error('there is always what is current');
  const links = new Links(sources, session);
  const found: Explanation[] = [];
  for (const { type, filter, inside } of [query, ...others]) {
    const one = { ...query, type, filter, ...(inside && { inside }) };
    const { pipeline, asked } = await pipelineOf(one, links, { source, sources });
    const by = { source, sources, place: undefined, session, mostSorted };
    const walked = others.length > 0 || inside ? undefined : await new Walk(one, asked, by).plan();
    const plan =
      walked ??
      (await source.collection
        .aggregate(pipeline, asked.hint && { hint: asked.hint })
        .explain('queryPlanner'));
    const steps = stepsOf(plan);
    const indexes = steps.filter((step) => step.startsWith('IXSCAN'));
    const criterion = indexes.some((step) => /\b[ercgi]\.|\bo_1|\b_id_\b/.test(step));
    found.push({
      type,
      looksAt: criterion && !walked ? 'criterion' : 'type',
      statements: [{ text: JSON.stringify(shapeOf(pipeline)), steps }],
    });
  }
  return found;
}

async function pipelineOf(
  one: SearchQuery,
  links: Links,
  from: { readonly source: Source; readonly sources: readonly Source[] },
): Promise<{ readonly pipeline: Document[]; readonly asked: Lookup }> {
  const by = { ...from, place: undefined };
  if (one.inside) {
    const listing = { inside: one.inside, parts: [one] };
    const asked = await insideLookup(listing, links, from.source);
    return { pipeline: insidePipeline(one, asked, by), asked };
  }
  const asked = await lookup([one], links, from.source);
  return { pipeline: pagePipeline(one, asked, by), asked };
}

const VALUES = new Set(['rejectedPlans', 'filter', 'indexBounds', 'parsedQuery', 'command']);

/** Stages of the winning plan with their indexes; bounds and filters, which hold values, are left out. */
function stepsOf(part: unknown): readonly string[] {
  if (Array.isArray(part)) return part.flatMap(stepsOf);
  if (typeof part !== 'object' || part === null) return [];
  const { stage, indexName } = part as Document;
  const inner = Object.entries(part).flatMap(([key, value]) =>
    VALUES.has(key) ? [] : stepsOf(value),
  );
  const own =
    typeof stage === 'string'
      ? [typeof indexName === 'string' ? `${stage} ${indexName}` : stage]
      : [];
  return [...own, ...inner];
}

/** The same with `?` for every value. */
function shapeOf(part: unknown): unknown {
  if (Array.isArray(part)) {
    const shapes = part.map(shapeOf);
    return shapes.every((shape) => shape === '?') ? ['?'] : shapes;
  }
  if (typeof part !== 'object' || part === null || Buffer.isBuffer(part)) return '?';
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shapeOf(value)]));
}
