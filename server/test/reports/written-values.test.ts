import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { reportWorld, type ReportWorld } from '../support/report-world.ts';

let world: ReportWorld;
beforeAll(async () => {
  world = await reportWorld();
});
afterAll(() => world.server.close());

const enc = encodeURIComponent;
const idsOf = async (query: string): Promise<readonly string[]> => (await world.find(query)).ids;

// hapifhir/hapi-fhir#192, microsoft/fhir-server#1103, LinuxForHealth/FHIR#3820
describe('what a backslash escapes in a token', () => {
  it('is a comma at the end of a value, and no backslash there', async () => {
    const system = 'urn:ward:badge';
    for (const [id, value] of [
      ['comma', 'B12,'],
      ['plain', 'B12'],
      ['slash', 'B12\\'],
    ] as const) {
      await world.put('Practitioner', id, { identifier: [{ system, value }] });
    }
    const of = (values: string) => idsOf(`Practitioner?identifier=${values}`);
    assert.deepEqual(await of(`${system}|B12\\,`), ['comma']);
    assert.deepEqual(await of(`${system}|B12\\\\`), ['slash']);
    assert.deepEqual(await of(enc(`${system}|B12\\,,${system}|B12`)), ['comma', 'plain']);
  });

  it('is each bar of a value, with a system and without', async () => {
    const system = 'urn:ward:sample';
    await world.put('Patient', 'bars', { identifier: [{ system, value: 'x|y|z' }] });
    assert.deepEqual(await idsOf(`Patient?identifier=${enc('x\\|y\\|z')}`), ['bars']);
    assert.deepEqual(await idsOf(`Patient?identifier=${enc(`${system}|x\\|y\\|z`)}`), ['bars']);
  });

  it('is each backslash, so that two of them ask for one', async () => {
    await world.put('Organization', 'two', { identifier: [{ value: 'LAB\\\\4' }] });
    await world.put('Organization', 'one', { identifier: [{ value: 'LAB\\4' }] });
    assert.deepEqual(await idsOf(`Organization?identifier=${enc('LAB\\\\\\\\4')}`), ['two']);
    assert.deepEqual(await idsOf(`Organization?identifier=${enc('LAB\\\\4')}`), ['one']);
  });
});

// hapifhir/hapi-fhir#360, smart-on-fhir/Swift-SMART#6, FirelyTeam/firely-net-sdk#859
describe('a token with signs that URLs use otherwise', () => {
  it('is found with its space as a plus sign or in percents, and the bar as it is', async () => {
    const system = 'urn:oid:2.16.756.5';
    await world.put('Patient', 'space', { identifier: [{ system, value: 'Haus Süd' }] });
    for (const space of ['+', '%20']) {
      assert.deepEqual(await idsOf(`Patient?identifier=${system}|Haus${space}S%C3%BCd`), ['space']);
    }
  });

  it('is found with carets and ampersands, plus signs, slashes, colons and semicolons', async () => {
    await world.put('Patient', 'hl7v2', { identifier: [{ value: '77^^^&1.3.6&ISO' }] });
    await world.put('Patient', 'signs', { identifier: [{ value: 'a+b/9:8;7' }] });
    assert.deepEqual(await idsOf(`Patient?identifier=${enc('77^^^&1.3.6&ISO')}`), ['hl7v2']);
    assert.deepEqual(await idsOf('Patient?identifier=a%2Bb/9:8;7'), ['signs']);
    const { ids } = await world.findByForm('Patient/_search', `identifier=${enc('a+b/9:8;7')}`);
    assert.deepEqual(ids, ['signs']);
  });
});

// LinuxForHealth/FHIR#4249, ansforge/annuaire-sante-fhir-documentation#239
describe('a name in another script, case or with accents', () => {
  it('is found in Greek whatever its case, accents and form of sigma', async () => {
    for (const [id, family] of [
      ['capital', 'ΓΙΑΝΝΑΚΗΣ'],
      ['small', 'Γιαννάκης'],
      ['longer', 'Γιαννακησίδης'],
    ] as const) {
      await world.put('Patient', id, { name: [{ family }], identifier: [{ value: 'greek' }] });
    }
    const all = ['capital', 'longer', 'small'];
    for (const [parameter, value] of [
      ['family', 'ΓΙΑΝΝΑΚΗΣ'],
      ['family', 'γιαννακης'],
      ['family:contains', 'νάκης'],
      ['family:contains', 'ΝΑΚΗΣ'],
    ] as const) {
      const found = await idsOf(`Patient?identifier=greek&${parameter}=${enc(value)}`);
      assert.deepEqual(found, all, `${parameter} ${value}`);
    }
    const exact = await idsOf(`Patient?identifier=greek&family:exact=${enc('Γιαννάκης')}`);
    assert.deepEqual(exact, ['small']);
  });

  it('is found with accents when stored without, and the other way', async () => {
    const identifier = [{ value: 'accents' }];
    await world.put('Practitioner', 'bare', {
      identifier,
      name: [{ given: ['HELENE'], family: 'BERGER' }],
    });
    await world.put('Practitioner', 'accented', {
      identifier,
      name: [{ given: ['Hélène'], family: 'Berger' }],
    });
    for (const name of ['hélène', 'helene']) {
      const found = await idsOf(`Practitioner?identifier=accents&name=${enc(name)}`);
      assert.deepEqual(found, ['accented', 'bare'], name);
    }
  });

  // awslabs/fhir-works-on-aws-deployment#324, hapifhir/hapi-fhir#60, hapifhir/hapi-fhir#1612, LinuxForHealth/FHIR#170
  it('comes back sign by sign from XML and JSON, and errors name their charset too', async () => {
    const name = '東京病院 Ærø 🏥 & Töchter';
    const body = `<Organization xmlns="http://hl7.org/fhir"><id value="signs"/><name value="${name.replace('&', '&amp;')}"/></Organization>`;
    const headers = { 'content-type': 'application/fhir+xml' };
    const written = await world.ask('PUT', 'Organization/signs', { body, headers });
    assert.equal(written.status, 201, written.text);
    const json = await world.ask('GET', 'Organization/signs');
    assert.equal(json.json()['name'], name);
    assert.match(String(json.headers['content-type']), /charset=utf-8/);
    const xml = await world.ask('GET', 'Organization?_id=signs&_format=xml');
    assert.equal(xml.status, 200);
    assert.ok(xml.text.includes(`<name value="${name.replace('&', '&amp;')}"/>`), xml.text);
    assert.deepEqual(await idsOf(`Organization?_id=signs&name=${enc('東京')}`), ['signs']);
    assert.deepEqual(await idsOf(`Organization?_id=signs&name:contains=${enc('🏥')}`), ['signs']);
    const absent = await world.ask('GET', 'Organization/nobody');
    assert.equal(absent.status, 404);
    assert.match(
      String(absent.headers['content-type']),
      /^application\/fhir\+json; *charset=utf-8/,
    );
  });
});

// hapifhir/hapi-fhir#5029, hapifhir/hapi-fhir#4992, LinuxForHealth/FHIR#4158
describe('a long value', () => {
  it('of an identifier is told from one that is a sign shorter', async () => {
    const value = 'Mandat-Nord~'.repeat(64);
    const identifier = (text: string) => ({
      identifier: [{ system: 'urn:payer', value: text }],
      name: 'payer',
    });
    await world.put('Organization', 'long', {
      ...identifier(value),
      name: 'Erklärung zum Vertrag, zweiter Teil. '.repeat(500).trim(),
    });
    await world.put('Organization', 'shorter', identifier(value.slice(0, -1)));
    const form = `identifier=${enc(`urn:payer|${value}`)}`;
    assert.deepEqual((await world.findByForm('Organization/_search', form)).ids, ['long']);
    const start = 'Erklärung zum Vertrag\\, zweiter Teil. '.repeat(70).trim();
    const byName = `_id=long&name=${enc(start)}`;
    assert.deepEqual((await world.findByForm('Organization/_search', byName)).ids, ['long']);
  });

  it('of a description is stored and searched for without a fault', async () => {
    const description = 'Auswahl von Diagnosen, alphabetisch. '.repeat(500).trim();
    await world.put('ValueSet', 'described', { status: 'draft', description });
    assert.equal((await world.read('ValueSet/described'))['description'], description);
    const form = `_id=described&description=${enc('auswahl von diagnosen\\, alphabetisch')}`;
    assert.deepEqual((await world.findByForm('ValueSet/_search', form)).ids, ['described']);
  });
});

// synthetichealth/synthea#675, vadi2/fhir-formats#3, fhirbase/fhirbase-plv8#108
describe('a decimal', () => {
  const unit = { unit: 'kPa', system: 'http://unitsofmeasure.org', code: 'kPa' };

  it('with an exponent is kept as written, and found and given in XML as that number', async () => {
    const body = `{"resourceType":"Observation","id":"exponent","status":"final","code":{"text":"p"},"valueQuantity":{"value":3.40E+1,"unit":"kPa","system":"${unit.system}","code":"kPa"}}`;
    const written = await world.ask('PUT', 'Observation/exponent', { body });
    assert.equal(written.status, 201);
    assert.match(written.text, /"value":3\.40E\+1,/);
    assert.deepEqual(await idsOf('Observation?_id=exponent&value-quantity=34.0'), ['exponent']);
    const withUnit = `Observation?_id=exponent&value-quantity=${enc('34.00||kPa')}`;
    assert.deepEqual(await idsOf(withUnit), ['exponent']);
    const xml = await world.ask('GET', 'Observation/exponent?_format=xml');
    assert.ok(xml.text.includes('<value value="3.40E+1"'), xml.text);
  });

  it('keeps its zeros at the end, its sign and more digits than a double has', async () => {
    const values = ['0.000', '-0.5000', '987654321098765432.10'];
    const [first, ...parts] = values;
    const component = parts.map(
      (value) => `{"code":{"text":"c"},"valueQuantity":{"value":${value}}}`,
    );
    const body = `{"resourceType":"Observation","id":"zeros","status":"final","code":{"text":"z"},"valueQuantity":{"value":${first ?? ''},"unit":"u"},"component":[${component.join()}]}`;
    assert.equal((await world.ask('PUT', 'Observation/zeros', { body })).status, 201);
    const { text } = await world.ask('GET', 'Observation/zeros');
    for (const value of values) assert.match(text, new RegExp(`"value":${value}[,}]`), value);
  });
});
