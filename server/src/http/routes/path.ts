/**
 * Says what the placeholders of a row's path stand for. Names of interactions and operations (`_history`, `$meta`) are
 * never taken for a type or an id, so that a path that no row has is known not to be there.
 */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  type: '^(?!metadata$)[^$_.].*$',
  id: '^[^$_].*$',
  inside: '^[^$_].*$',
};

/** A row's path as the framework's router takes it, with what each placeholder may be. */
export function routerPath(path: string): string {
  return path.replaceAll(/:(\w+)/g, (placeholder, name: string) => {
    const pattern = PLACEHOLDERS[name];
    return pattern === undefined ? placeholder : `${placeholder}(${pattern})`;
  });
}

/** Returns what the placeholders of a row's path are in a path, both below the base; undefined where it is another one. */
export function matchPath(
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = segments(pattern);
  const found = segments(path);
  if (wanted.length !== found.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    const value = found[i] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== value) return undefined;
      continue;
    }
    const name = segment.slice(1);
    if (value === '' || !new RegExp(PLACEHOLDERS[name] ?? '').test(value)) return undefined;
    values[name] = value;
  }
  return values;
}

/** The name of the operation in a path, else that of an interaction, if there is one: `$meta`, `_history`. */
export function nameIn(path: string): string | undefined {
  const names = segments(path).filter((segment) => /^[$_]/.test(segment));
  return names.find((name) => name.startsWith('$')) ?? names.at(-1);
}

/** A row's path for people: `[type]/[id]/$meta`. */
export function shownPath(path: string): string {
  return path.replace(/^\//, '').replaceAll(/:(\w+)/g, '[$1]');
}

/** A slash at the end is no slash; two are a segment without a name. */
function segments(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decoded);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
