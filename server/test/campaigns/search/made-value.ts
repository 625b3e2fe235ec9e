/** Something of a FHIR type that a search parameter can find; references go to a type of the caller's choice. */
export function madeValue(type: string, target: string): unknown {
  const make = VALUES[type];
  if (make === undefined) throw new RangeError(`no value of type ${type} is known`);
  return make(target);
}

const SYSTEM = 'http://example.org/made-system';
const CODING = { system: SYSTEM, code: 'made-code', display: 'Made code' };
const QUANTITY = { value: 5.4, unit: 'mg', system: 'http://unitsofmeasure.org', code: 'mg' };

const same =
  (value: unknown): (() => unknown) =>
  () =>
    value;

const VALUES: Readonly<Record<string, (target: string) => unknown>> = {
  boolean: same(true),
  code: same('made-code'),
  id: same('made-id'),
  string: same('Made text'),
  markdown: same('Made text'),
  uri: same('http://example.org/made'),
  url: same('http://example.org/made'),
  oid: same('urn:oid:1.2.3'),
  canonical: same('http://example.org/made'),
  date: same('2011-03-05'),
  dateTime: same('2011-03-05'),
  instant: same('2011-03-05T10:00:00Z'),
  decimal: same(0.5),
  integer: same(3),
  positiveInt: same(3),
  unsignedInt: same(3),
  'http://hl7.org/fhirpath/System.String': same('made-id'),
  Period: same({ start: '2011-03-05', end: '2011-03-06' }),
  Timing: same({ event: ['2011-03-05'] }),
  Quantity: same(QUANTITY),
  Age: same({ ...QUANTITY, unit: 'a', code: 'a' }),
  Duration: same({ ...QUANTITY, unit: 'h', code: 'h' }),
  Range: same({ low: QUANTITY, high: { ...QUANTITY, value: 6.4 } }),
  Money: same({ value: 12.5, currency: 'EUR' }),
  Coding: same(CODING),
  CodeableConcept: same({ coding: [CODING], text: 'Made concept' }),
  Identifier: same({ system: SYSTEM, value: 'made-value', type: { coding: [CODING] } }),
  ContactPoint: same({ system: 'phone', value: '555 0100' }),
  HumanName: same({ family: 'Madename', given: ['Made'] }),
  Address: same({ line: ['1 Made Street'], city: 'Madeville', postalCode: '12345' }),
  Reference: (target) => ({ reference: `${target}/made-target` }),
  Resource: (target) => ({ resourceType: target, id: 'made-target' }),
};
