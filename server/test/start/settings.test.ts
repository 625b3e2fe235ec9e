import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { readConfig } from '../../src/config.ts';

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
    'REFERENCES',
    'CONDITIONAL_DELETE',
    'ASYNC_KEEP',
    'MAX_BODY',
    'MAX_BUNDLE',
    'CORS_ORIGINS',
    'PAGE_LINKS',
    'LOG_LEVEL',
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
});
