/** A media type or range; names and parameter names in lower case. */
export interface MediaType {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** As in `Content-Type` or one element of `Accept` (RFC 9110, section 8.3.1). What is none has an empty name. */
export function parseMediaType(text: string): MediaType {
  const [name = '', ...rest] = text.split(';');
  const parameters = rest.map((each): [string, string] => {
    const [key = '', ...value] = each.split('=');
    return [
      key.trim().toLowerCase(),
      value
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
    ];
  });
  const found = name.trim().toLowerCase();
  return {
    name: /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(found) ? found : '',
    parameters: new Map(parameters),
  };
}
