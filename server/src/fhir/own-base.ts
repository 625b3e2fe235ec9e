/**
 * Tells whether a URL may be meant for what is below our base, however it is spelled: letters of another case,
 * characters in percent encoding, dot segments, doubled slashes, another scheme, default ports, numbers written as
 * other numbers.
 *
 * @param base our own base URL without a trailing slash
 */
export function resemblesOwn(text: string, base: string): boolean {
  const plain = decoded(text);
  const withoutScheme = (url: string): string => url.toLowerCase().replace(/^https?:/, '');
  if (withoutScheme(plain).startsWith(`${withoutScheme(base)}/`)) return true;
  const own = spelling(base);
  // A character that is no slash yet may be a part of a name only.
  return [plain, text].map(spelling).some((given) => {
    if (own === undefined || given?.host !== own.host) return false;
    return given.path === own.path || given.path.startsWith(`${own.path}/`);
  });
}

interface Spelling {
  readonly host: string;
  /** Without a slash at its end. */
  readonly path: string;
}

/** Returns what is the same in all spellings of a URL of http or https; undefined for any other. */
function spelling(text: string): Spelling | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const path = decoded(url.pathname).toLowerCase().replace(/[/;]+/g, '/').replace(/\/$/, '');
  return { host: `${url.hostname.replace(/\.$/, '')}:${url.port}`, path };
}

/** Percent signs may be encoded themselves, in turns. */
function decoded(text: string, turns = 4): string {
  const once = text.replace(/%(?:25)*([0-7][0-9a-f])/gi, (_whole, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return once === text || turns === 0 ? once : decoded(once, turns - 1);
}

/**
 * Returns what stands below our base in a URL that begins with it by one of its other names: another scheme, letters of
 * another case in scheme and host, another name of this machine itself. Undefined for any other URL, and for one that is
 * written in a way of its own below the base.
 *
 * @param bases our own base URL and its aliases, without a trailing slash
 */
export function belowOwn(text: string, bases: readonly string[]): string | undefined {
  const given = plainUrl(text);
  if (given === undefined) return undefined;
  for (const base of bases) {
    const own = plainUrl(base);
    if (own?.host !== given.host || !given.path.startsWith(`${own.path}/`)) continue;
    return given.path.slice(own.path.length + 1);
  }
  return undefined;
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function plainUrl(text: string): { readonly host: string; readonly path: string } | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return undefined;
  const { hostname, port, pathname } = url;
  const path = pathname === '/' ? '' : pathname;
  // Nothing of it is written otherwise than it is read.
  if (/^https?:\/\/[^/?#\\]+(.*)$/is.exec(text)?.[1] !== path) return undefined;
  return { host: `${LOOPBACK.test(hostname) ? 'localhost' : hostname}:${port}`, path };
}
