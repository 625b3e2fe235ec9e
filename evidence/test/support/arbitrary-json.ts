import fc from 'fast-check';

const space = fc.constantFrom('', '', '', ' ', '\n', '\t\r\n  ');
const lexeme = fc.oneof(
  fc.constantFrom(
    'true',
    'false',
    'null',
    '1.00',
    '1E-22',
    '-0',
    '0.10e+1',
    '12345678901234567890.12',
    '"\\u0041\\/\\ud83d\\ude00"',
    '"id"',
    '"meta"',
  ),
  fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value)),
  fc.integer().map(String),
);
const name = fc.oneof(
  fc.constantFrom('id', 'meta', 'resourceType', 'a', 'b', '__proto__', 'versionId'),
  fc
    .string({ maxLength: 5 })
    .map((value) => JSON.stringify(value).slice(1, -1))
    // Names that need an escape are refused.
    .filter((raw) => !raw.includes('\\')),
);

/** An object as text with odd spacing and lexemes; `members` are its direct members (raw name, raw value). */
export interface SpacedJson {
  readonly text: string;
}

const { value } = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    lexeme,
    tie('object'),
    fc
      .tuple(space, fc.array(fc.tuple(tie('value'), space), { maxLength: 4 }))
      .map(([inner, items]) => `[${inner}${items.map((item) => item.join('')).join(',')}]`),
  ),
  object: object(tie('value')),
}));

function object(
  values: fc.Arbitrary<string>,
  first?: fc.Arbitrary<string[]>,
): fc.Arbitrary<string> {
  const member = fc
    .tuple(space, name, space, space, values, space)
    .map(([a, key, b, c, item, d]) => ({
      key: JSON.parse(`"${key}"`) as string,
      text: `${a}"${key}"${b}:${c}${item}${d}`,
    }));
  return fc
    .tuple(
      space,
      first ?? fc.constant([]),
      fc.uniqueArray(member, { maxLength: 16, selector: ({ key }) => key }),
    )
    .map(([inner, given, members]) => {
      const own = members.filter(({ key }) => first === undefined || !RESERVED.has(key));
      const all = [...given, ...own.map(({ text }) => text)];
      return `{${all.length === 0 ? inner : all.join(',')}}`;
    });
}

const RESERVED = new Set(['resourceType', 'id', 'meta']);

/** Any JSON object. */
export const spacedJson: fc.Arbitrary<SpacedJson> = fc
  .tuple(space, object(value), space)
  .map((parts) => ({ text: parts.join('') }));

const meta = object(value);
/** A resource: `resourceType`, `id` and `meta` may be there or not, in any order, among any members. */
export const spacedResource: fc.Arbitrary<SpacedJson> = fc
  .tuple(
    fc.option(fc.constant('"resourceType" : "Patient" '), { nil: '' }),
    fc.option(fc.constantFrom('"id":"client"', ' "id" :\n"x"', '"id":12'), { nil: '' }),
    fc.option(
      meta.map((inner) => `"meta" : ${inner}`),
      { nil: '' },
    ),
  )
  .chain((given) => fc.shuffledSubarray(given.filter((text) => text !== '')))
  .chain((given) => object(value, fc.constant(given)))
  .map((text) => ({ text }));
