/** A SMART App Launch scope that bounds what a client may ask: `system/Observation.rs`, `patient/*.read`. */
export interface Scope {
  readonly context: 'patient' | 'user' | 'system';
  /** Resource type or `*`. */
  readonly type: string;
  /** Subset of `cruds`. */
  readonly permissions: ReadonlySet<Permission>;
  /** v2 query restriction (`category=laboratory`), kept verbatim; empty when there is none. */
  readonly query: string;
}

/** create; read, vread and instance history; update and patch; delete; search and type or system history. */
export type Permission = 'c' | 'r' | 'u' | 'd' | 's';

const FORM =
  /^(patient|user|system)\/(\*|[A-Z][A-Za-z]{0,63})\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?(.*))?)$/s;
const PAIR = /^[^=&?#\s]+=[^=&?#\s]+$/;

const v1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };

/**
 * Reads the resource scopes of SMART App Launch 2.2, v1 and v2, out of a `scope` value. Everything else (`openid`,
 * `launch/patient`, letters out of order, an empty or broken query) gives nothing: a malformed scope never widens.
 *
 * @rule SMART scopes
 */
export function parseScopes(text: string): readonly Scope[] {
  return text.split(' ').flatMap((word) => {
    const scope = parseScope(word);
    return scope === undefined ? [] : [scope];
  });
}

/** One resource scope; undefined when the word is none. */
export function parseScope(word: string): Scope | undefined {
  const [, context, type, old, letters = '', query] = FORM.exec(word) ?? [];
  if (context === undefined || type === undefined) return undefined;
  const permissions = old === undefined ? letters : (v1[old] ?? '');
  if (permissions === '') return undefined;
  if (query !== undefined && !query.split('&').every((pair) => PAIR.test(pair))) return undefined;
  return {
    context: context as Scope['context'],
    type,
    permissions: new Set(permissions as Iterable<Permission>),
    query: query ?? '',
  };
}

/** True when everything `asked` allows is allowed by `granted` too, as far as their texts tell. */
export function covers(granted: Scope, asked: Scope): boolean {
  const criteria = new Set(asked.query.split('&'));
  return (
    granted.context === asked.context &&
    (granted.type === '*' || granted.type === asked.type) &&
    asked.permissions.isSubsetOf(granted.permissions) &&
    (granted.query === '' || granted.query.split('&').every((pair) => criteria.has(pair)))
  );
}
