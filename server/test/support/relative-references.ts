import fc from 'fast-check';

/** What parsers of references meet in national prescriptions, and what looks nearly like a patient. */
const SEEN = [
  'c757873d-ec9a-4326-a141-556f43239520',
  'Task/160.000.033.491.280.78/$accept?ac=777bea0e13cc9c42ceec14aec3ddee2263325dc2c6c699db115f58fe423607ea',
  ...['Patient/a/', '/Patient/a', '../Patient/a', './Patient/a', 'Patient/a#x', 'Patient//a'],
  ...['Patient/a?x=1', 'Patient/a/_history/', 'Patient/a_b', 'patient/a', 'Patient', '?id=a', '/'],
  ...['Patient/a/_history/1/', 'fhir/Patient/a', 'Patient/%61', `Patient/${'a'.repeat(65)}`, 'ä'],
];
const CHARACTERS = Array.from('abcPXx019-._~/?=&%$,;()+!*@é');

/** Relative URLs that are neither `Type/id` in any of its forms, nor a fragment, nor what a transaction resolves. */
export const relativeReference: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SEEN),
  fc
    .string({ unit: fc.constantFrom(...CHARACTERS), minLength: 1, maxLength: 60 })
    .filter(
      (text) =>
        !/^[A-Z][A-Za-z]{1,63}(\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?$|\?.)/.test(
          text,
        ),
    ),
);
