import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { contextOf } from '../../src/access/context-of.ts';
import { securityContext } from '../../src/fhir/security-context.ts';
import { BASE } from '../support/r4.ts';

const seed = randomInt(2 ** 31);
console.log(`access/context-of: seed ${seed}`);

const outcome = (find: () => unknown): unknown => {
  try {
    return find();
  } catch (error) {
    return (error as Error).name;
  }
};
const found = (json: string): unknown =>
  outcome(() => contextOf({ body: Buffer.from(json, 'utf8') }, BASE));
/** As it was found before only the members in question were read. */
const foundInWhole = (json: string): unknown =>
  outcome(() => securityContext(JSON.parse(json) as object, BASE));

/** A JSON string in which some characters are written as escapes. */
const spelled = (text: string): fc.Arbitrary<string> =>
  fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }).map((escaped) => {
    const characters = Array.from(text, (character, i) =>
      escaped[i] === true
        ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(character).slice(1, -1),
    );
    return `"${characters.join('')}"`;
  });
const reference = fc
  .constantFrom(
    ...['Patient/a', `${BASE}/DocumentReference/b`, 'https://elsewhere/fhir/Patient/c'],
    ...['#d', '', 'Patient?identifier=e', 'Patient/a/_history/2', '","securityContext":{"'],
  )
  .chain(spelled);
const context = reference.map((text) => `{"display":"}\\"{","reference": ${text} }`);
const odd = fc.constantFrom(
  ...['null', '5', '"Patient/a"', '[]', '{}', '[{"reference":"Patient/a"}]'],
  ...['{"reference":5}', '{"identifier":{"reference":"Patient/z"}}', '{"reference":null}'],
);
const member = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(spelled(name), value).map(([key, text]) => `${key} :\n${text}`);
const inside = '{"reference":"Patient/inside"}';
const others = fc.shuffledSubarray([
  '"contentType":"image/png"',
  `"data":${JSON.stringify(`","securityContext":${inside},"resourceType":"Patient`)}`,
  '"data":"QUJD\\\\"',
  `"meta":{"securityContext":${inside},"resourceType":"Patient","tag":[{"code":"]}"}]}`,
  `"contained":[{"resourceType":"Patient","securityContext":${inside}}]`,
  '"language":"ü😀\\ud83d\\ude00"',
  '"extension":[1,-2.5e3,null,true,[[]],{}]',
  '"id":"securityContext"',
]);
const type = fc.oneof(
  { weight: 8, arbitrary: spelled('Binary') },
  fc.constantFrom('"Patient"', '"binary"', 'null', '["Binary"]'),
);
const maybe = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.array(arbitrary, { maxLength: 1 });
const binary = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: member('resourceType', type).map((one) => [one]) },
      fc.constant([]),
    ),
    maybe(member('securityContext', fc.oneof({ weight: 4, arbitrary: context }, odd))),
    others,
  )
  .chain((parts) => fc.shuffledSubarray(parts.flat(), { minLength: parts.flat().length }))
  .map((members) => ` {\t${members.join(' ,\r\n')} } `);

describe('what stands for a Binary', () => {
  it('is found as in the whole resource, however that is written', () => {
    let named = 0;
    fc.assert(
      fc.property(binary, (json) => {
        const expected = foundInWhole(json);
        assert.deepEqual(found(json), expected);
        if (typeof expected === 'object') named += 1;
      }),
      { numRuns: 2_000, seed },
    );
    assert.ok(named > 100, `only ${named} samples named a resource of this server`);
  });

  it('is nothing where no body is, and none that stands inside something else', () => {
    const around = (member: string): string => `{"resourceType":"Binary",${member}}`;
    assert.equal(contextOf({ body: new Uint8Array() }, BASE), undefined);
    assert.equal(found(around(`"meta":{"securityContext":${inside}}`)), undefined);
    const own = found(around(`"security\\u0043ontext":${inside}`));
    assert.deepEqual(own, { type: 'Patient', id: 'inside' });
  });
});
