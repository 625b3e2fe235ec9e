import { walkPath } from './element-path.ts';
import { convert } from './index-converters.ts';
import type { IndexEntry } from './query.ts';
import type { Registry, SearchParameter } from './registry.ts';

/**
 * What a resource contributes to the index, for every parameter of kinds token, string, date, reference, uri,
 * number and quantity. Identifiers inside references are tokens under `<code>:identifier`.
 * @param resource the parsed JSON object
 */
export function indexEntries(
  resource: object,
  registry: Registry,
  { baseUrl }: { readonly baseUrl: string },
): IndexEntry[] {
  const { resourceType: type } = resource as { readonly resourceType?: unknown };
  if (typeof type !== 'string') return [];
  const entries: IndexEntry[] = [];
  for (const parameter of registry.parameters(type).values()) {
    collect(parameter, resource, { baseUrl, entries });
  }
  return entries;
}

const FEW = 16;

function collect(
  parameter: SearchParameter,
  resource: unknown,
  into: { readonly baseUrl: string; readonly entries: IndexEntry[] },
): void {
  const { entries, baseUrl } = into;
  const start = entries.length;
  // Few values are compared one by one; many, which only a hostile resource has, by their text.
  let texts: Set<string> | undefined;
  const emit = (entry: IndexEntry): void => {
    if (!texts && entries.length - start >= FEW) {
      texts = new Set(entries.slice(start).map((other) => JSON.stringify(other)));
    }
    if (texts) {
      const text = JSON.stringify(entry);
      if (texts.has(text)) return;
      texts.add(text);
    } else {
      for (let at = start; at < entries.length; at++) if (same(entries[at], entry)) return;
    }
    entries.push(entry);
  };
  const visit = (value: unknown, leaf: string, target: string | undefined): void =>
    convert(
      { parameter: parameter.type, leaf },
      { param: parameter.code, value, target, baseUrl },
      emit,
    );
  for (const path of parameter.paths) walkPath(path, resource, visit);
}

/** Entries of one parameter have the same members. */
function same(a: IndexEntry | undefined, b: IndexEntry): boolean {
  for (const key in b) {
    if (a?.[key as keyof IndexEntry] !== b[key as keyof IndexEntry]) return false;
  }
  return a?.kind === b.kind;
}
