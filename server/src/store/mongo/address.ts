/**
 * An address of MongoDB as it may be shown: `mongodb://hosts/database`. Nothing before the last `@` stays, because a
 * password may hold characters that should have been encoded; options go too.
 */
export function withoutCredentials(url: string): string {
  const [, scheme = '', rest = ''] = /^([a-z+]+:\/\/)?(.*)$/s.exec(url) ?? [];
  return `${scheme}${rest.slice(rest.lastIndexOf('@') + 1).replace(/[?#].*$/s, '')}`;
}
