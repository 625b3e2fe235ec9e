import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { wrongNames } from '../../src/setting-names.ts';

const GOOD = {
  CHARTSEAL_ORGANISATION_NAME: 'hospital',
  CHARTSEAL_MSP: 'HospitalMSP',
  CHARTSEAL_ORGANISATION_REFERENCE: 'Organization/hospital',
  CHARTSEAL_STORE: 'sqlite:/data/store.sqlite',
  CHARTSEAL_LEDGER: 'embedded:/data/ledger',
  CHARTSEAL_TRUST: '/data/trust.json',
  CHARTSEAL_DIRECTORY: '/data/directory.json',
  CHARTSEAL_KEYS: '/data/keys',
};

/** Settings that go together with the good ones, with the lines that refuse them. */
function refused(changes: Record<string, string>, ...lines: string[]): void {
  assert.throws(() => readConfig({ ...GOOD, ...changes }), {
    message: ['The configuration is not usable:', ...lines.map((line) => `  ${line}`)].join('\n'),
  });
}

const DEFAULTED = [
  'HOST',
  'PORT',
  ...[
    'PUBLIC_URL',
    'DEFINITIONS',
    'PACKAGES',
    'DEVELOPMENT',
    'POLICY',
    'CONSENT_EVIDENCE',
    'REFERENCES',
    'UNASSIGNED',
    'PATIENT_IDENTIFIER_SYSTEMS',
    'BASE_ALIASES',
    'CONDITIONAL_DELETE',
    'ASYNC_KEEP',
    'MAX_BODY',
    'MAX_BUNDLE',
    'CORS_ORIGINS',
    'PAGE_LINKS',
    'LOG_LEVEL',
    'METRICS_TOKEN',
  ].map((name) => `CHARTSEAL_${name}`),
];

describe('settings of a server', () => {
  it('that are empty are not given: the default counts, and a required one is not set', () => {
    const plain = readConfig(GOOD);
    for (const name of DEFAULTED) {
      for (const value of ['', ' ']) {
        assert.deepEqual(readConfig({ ...GOOD, [name]: value }), plain, name);
      }
    }
    refused({ CHARTSEAL_MSP: '' }, 'CHARTSEAL_MSP is not set');
    refused({ CHARTSEAL_ORGANISATION_NAME: ' ' }, 'CHARTSEAL_ORGANISATION_NAME is not set');
  });

  it('that are numbers are digits only', () => {
    const MAX = 'CHARTSEAL_MAX_BODY';
    const line = `${MAX} must be a whole number from 1024 to 268435456`;
    for (const value of ['1e6', '0x10000', ' 4096', '4096 ', '+4096', '4096.0', '-1', '1023'])
      refused({ [MAX]: value }, line);
    assert.equal(readConfig({ ...GOOD, [MAX]: '4096' }).maxBody, 4096);
    refused(
      { CHARTSEAL_PAGE_LINKS: ' 900', PORT: 'http' },
      'PORT must be a whole number from 1 to 65535',
      'CHARTSEAL_PAGE_LINKS must be a whole number from 1 to 86400',
    );
  });

  it('of what operators see are closed but with a token, or in development', () => {
    const TOKEN = 'CHARTSEAL_METRICS_TOKEN';
    const token = 'x'.repeat(32);
    const DEVELOPMENT = { CHARTSEAL_DEVELOPMENT: 'true' };
    assert.equal(readConfig(GOOD).operators, 'nobody');
    assert.equal(readConfig({ ...GOOD, ...DEVELOPMENT }).operators, 'everybody');
    assert.deepEqual(readConfig({ ...GOOD, ...DEVELOPMENT, [TOKEN]: token }).operators, { token });
    for (const value of ['short', `${token} `, 'ü'.repeat(32)])
      refused({ [TOKEN]: value }, `${TOKEN} must be 32 or more letters, digits and -._~+/`);
  });

  it('that refer to the organisation are a reference of R4 to one', () => {
    const NAME = 'CHARTSEAL_ORGANISATION_REFERENCE';
    const line = `${NAME} must be Organization/<id>`;
    for (const value of [
      'hospital',
      'Organization/',
      'Organization/a b',
      'organization/hospital',
      'Practitioner/hospital',
      'Organization/hospital/_history/1',
      'http://127.0.0.1:8080/fhir/Organization/hospital',
      `Organization/${'a'.repeat(65)}`,
    ])
      refused({ [NAME]: value }, line);
    const good = 'Organization/H-1.a';
    assert.equal(readConfig({ ...GOOD, [NAME]: good }).organisation.reference, good);
  });

  it('that are aliases of the base are base URLs, with a slash at the end or without', () => {
    const NAME = 'CHARTSEAL_BASE_ALIASES';
    const line = `${NAME} must be base URLs such as https://fhir.example/r4, separated by commas`;
    for (const value of [
      'fhir.example/r4',
      'ftp://a/b',
      'https://a/b?x=1',
      'https://a/b#c',
      'https://a,b',
    ])
      refused({ [NAME]: value }, line);
    const { baseAliases } = readConfig({ ...GOOD, [NAME]: 'https://a/r4/, http://b:8080/fhir' });
    assert.deepEqual(baseAliases, ['https://a/r4', 'http://b:8080/fhir']);
    const systems = { CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS: 'urn:oid:1.2, https://a/mrn' };
    assert.deepEqual(readConfig({ ...GOOD, ...systems }).identifierSystems, [
      'urn:oid:1.2',
      'https://a/mrn',
    ]);
    refused(
      { CHARTSEAL_UNASSIGNED: 'open' },
      'CHARTSEAL_UNASSIGNED must be one of quarantine, refuse',
    );
  });

  it('that are origins have a scheme and a host, and nothing more', () => {
    const NAME = 'CHARTSEAL_CORS_ORIGINS';
    const line = `${NAME} must be *, none or origins such as https://portal.example`;
    for (const value of [
      'foo',
      'https://portal.test, foo',
      'https://portal.test/app',
      'https://',
      'https://a:x',
      'null',
      'none, https://portal.test',
      '*, https://portal.test',
      ',',
    ])
      refused({ [NAME]: value }, line);
    for (const [value, origins] of [
      ['*', ['*']],
      ['none', []],
      [
        'https://portal.test, http://127.0.0.1:3000/ ,capacitor://localhost',
        ['https://portal.test', 'http://127.0.0.1:3000', 'capacitor://localhost'],
      ],
    ] as const)
      assert.deepEqual(readConfig({ ...GOOD, [NAME]: value }).corsOrigins, origins);
  });

  it('that name the public address give a URL, without /fhir', () => {
    const NAME = 'CHARTSEAL_PUBLIC_URL';
    const line = `${NAME} must be an http or https URL without /fhir, such as https://fhir.example`;
    for (const value of [
      'nonsense',
      'localhost:8080',
      'ftp://fhir.test',
      'https://',
      'https://fhir.test/fhir',
      'https://fhir.test/fhir/',
      'https://fhir.test/base/fhir//',
      'https://fhir.test/?a=b',
      'https://fhir.test/#a',
      'https://nurse:secret@fhir.test',
      ' https://fhir.test',
    ])
      refused({ [NAME]: value }, line);
    for (const [value, url] of [
      ['https://fhir.test/', 'https://fhir.test'],
      ['https://fhir.test/base', 'https://fhir.test/base'],
      ['http://[::1]:8080', 'http://[::1]:8080'],
      ['https://fhir.test/fhir-r4', 'https://fhir.test/fhir-r4'],
    ] as const)
      assert.equal(readConfig({ ...GOOD, [NAME]: value }).publicUrl, url);
    assert.equal(readConfig({ ...GOOD, HOST: '::1' }).publicUrl, 'http://[::1]:8080');
  });

  it('that nobody knows are refused, with the name that is meant', () => {
    refused(
      { CHARTSEAL_POLCY: 'deny', CHARTSEAL_PORT: '8081', CHARTSEAL_: '' },
      'CHARTSEAL_POLCY is no setting: is CHARTSEAL_POLICY meant?',
      'CHARTSEAL_PORT is no setting',
      'CHARTSEAL_ is no setting',
    );
    refused(
      { CHARTSEAL_REFERENCE: 'write', CHARTSEAL_BREAK_GLASS: 'true' },
      'CHARTSEAL_REFERENCE is no setting: is CHARTSEAL_REFERENCES meant?',
      'CHARTSEAL_BREAK_GLASS is no setting',
    );
  });

  it('are told from what other programs read, and from what Kubernetes sets', () => {
    const others = {
      CHARTSEAL_DATA: '.data',
      CHARTSEAL_TEST_NETWORK: '/tmp/network',
      CHARTSEAL_HOSPITAL_SERVICE_HOST: '10.0.0.1',
      CHARTSEAL_HOSPITAL_SERVICE_PORT: '8080',
      CHARTSEAL_HOSPITAL_SERVICE_PORT_HTTP: '8080',
      CHARTSEAL_HOSPITAL_PORT: 'tcp://10.0.0.1:8080',
      CHARTSEAL_HOSPITAL_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
      CHARTSEAL_HOSPITAL_PORT_8080_TCP_ADDR: '10.0.0.1',
    };
    assert.deepEqual(readConfig({ ...GOOD, ...others }), readConfig(GOOD));
  });

  it('are all read: a name that is known and passed over would be a setting without effect', () => {
    const read = new Set<string>();
    readConfig(
      new Proxy<Record<string, string>>(GOOD, {
        get: (target, name: string) => {
          read.add(name);
          return target[name];
        },
      }),
    );
    const names = [...DEFAULTED, ...Object.keys(GOOD)];
    assert.deepEqual(
      names.filter((name) => !read.has(name)),
      [],
    );
    for (const name of read) assert.ok([...names, 'NODE_ENV'].includes(name), name);
    const unread = wrongNames(Object.fromEntries(names.map((name) => [name, ''])));
    assert.deepEqual(unread, []);
  });
});
