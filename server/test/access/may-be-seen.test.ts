import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { ResidualRule } from '@chartseal/chaincode';
import { mayBeSeen, type Seeing } from '../../src/access/may-be-seen.ts';
import { parseScopeQuery } from '../../src/auth/scope-query.ts';
import type { StoredVersion } from '../../src/store/version-store.ts';
import { BASE, r4 } from '../support/r4.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

type Decision = NonNullable<ReturnType<Seeing['decisionOf']>>;

/** Lets out what has this label, and nothing else. */
const labelled = (code: string): ResidualRule => ({
  effect: 'deny',
  exceptions: [
    {
      effect: 'permit',
      when: { labels: [{ system: CONFIDENTIALITY, code }] },
      exceptions: [],
    },
  ],
});
const permit: Decision = { outcome: 'permit', residual: [] };
const deny: Decision = { outcome: 'deny', residual: [] };
const permitOnly = (code: string): Decision => ({ outcome: 'permit', residual: [labelled(code)] });

const body = (security: string | undefined): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      resourceType: 'Observation',
      id: 'o',
      ...(security && { meta: { security: [{ system: CONFIDENTIALITY, code: security }] } }),
      status: 'final',
      category: [{ coding: [{ code: 'laboratory' }] }],
      code: { text: 'x' },
    }),
  );

interface Row {
  readonly patients: readonly string[];
  readonly decisions?: Readonly<Record<string, Decision>>;
  readonly patientOnly?: string;
  readonly scopes?: readonly string[];
  /** Its security label; undefined: none. */
  readonly label?: string;
  readonly deleted?: true;
  /** The label that may be taken off. */
  readonly lifted?: string;
}

function judge(row: Row): boolean {
  const { patients, decisions = {}, patientOnly, scopes = [], label, deleted = false } = row;
  const version: StoredVersion = {
    ...{ type: 'Observation', id: 'o', version: 1, deleted, lastUpdated: 0, method: 'PUT' },
    body: deleted ? new Uint8Array() : body(label),
    patients,
    leaf: 'leaf',
  };
  return mayBeSeen({ r4, base: BASE }, version, {
    bounds: { patientOnly, queries: scopes.map(parseScopeQuery) },
    decisionOf: (patient) => decisions[patient],
    ...(row.lifted && { lifting: ({ code }) => code === row.lifted }),
  });
}

const SEEN: Readonly<Record<string, Row>> = {
  'it concerns nobody': { patients: [] },
  'it concerns nobody, to a token of one patient': { patients: [], patientOnly: 'a' },
  'its patient is permitted': { patients: ['a'], decisions: { a: permit } },
  'each of its patients is permitted': {
    patients: ['a', 'b'],
    decisions: { a: permit, b: permit },
  },
  'others are denied whom it does not concern': {
    patients: ['a'],
    decisions: { a: permit, b: deny },
  },
  'the residual rules let its label out': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'N',
  },
  'the residual rules of each patient let it out': {
    patients: ['a', 'b'],
    decisions: { a: permitOnly('N'), b: permitOnly('N') },
    label: 'N',
  },
  'it is of the only patient of the token': {
    patients: ['a'],
    patientOnly: 'a',
    decisions: { a: permit },
  },
  'the queries of the scopes leave it': {
    patients: ['a'],
    decisions: { a: permit },
    scopes: ['category=laboratory', 'status=final,amended'],
  },
  'residual rules keep a label that may be taken off': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'R',
    lifted: 'R',
  },
  'scopes name its own label, which may be taken off': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'R',
    lifted: 'R',
    scopes: [`_security=${CONFIDENTIALITY}|R`],
  },
  'it is gone, and its patient is permitted': {
    patients: ['a'],
    decisions: { a: permit },
    deleted: true,
  },
};

const HIDDEN: Readonly<Record<string, Row>> = {
  'its patient is denied': { patients: ['a'], decisions: { a: deny } },
  'nobody was asked about its patient': { patients: ['a'] },
  'one of its patients is denied': { patients: ['a', 'b'], decisions: { a: permit, b: deny } },
  'nobody was asked about one of its patients': { patients: ['a', 'b'], decisions: { a: permit } },
  'a denial has residual rules that would let it out': {
    patients: ['a'],
    decisions: { a: { outcome: 'deny', residual: [labelled('N')] } },
    label: 'N',
  },
  'the residual rules keep its label': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'R',
  },
  'the residual rules of one patient keep it': {
    patients: ['a', 'b'],
    decisions: { a: permitOnly('N'), b: permitOnly('U') },
    label: 'N',
  },
  'it is of another patient than that of the token': {
    patients: ['b'],
    patientOnly: 'a',
    decisions: { a: permit, b: permit },
  },
  'it is of another patient besides that of the token': {
    patients: ['a', 'b'],
    patientOnly: 'a',
    decisions: { a: permit, b: permit },
  },
  'the queries of the scopes leave it out': {
    patients: ['a'],
    decisions: { a: permit },
    scopes: ['category=vital-signs'],
  },
  'one of several queries leaves it out': {
    patients: ['a'],
    decisions: { a: permit },
    scopes: ['category=laboratory', 'status=amended'],
  },
  'it concerns nobody, and the queries leave it out': {
    patients: [],
    scopes: ['category=vital-signs'],
  },
  'residual rules keep it without the label that may be taken off': {
    patients: ['a'],
    decisions: { a: permitOnly('U') },
    label: 'R',
    lifted: 'R',
  },
  'another label than its own may be taken off': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'V',
    lifted: 'R',
  },
  'scopes name another label than that which may be taken off': {
    patients: ['a'],
    decisions: { a: permitOnly('N') },
    label: 'R',
    lifted: 'R',
    scopes: [`_security=${CONFIDENTIALITY}|N`],
  },
  'it is gone, and nothing is left of it for the queries': {
    patients: ['a'],
    decisions: { a: permit },
    deleted: true,
    scopes: ['category=laboratory'],
  },
};

describe('mayBeSeen', () => {
  for (const [when, row] of Object.entries(SEEN)) {
    it(`shows a version when ${when}`, () => assert.equal(judge(row), true));
  }
  for (const [when, row] of Object.entries(HIDDEN)) {
    it(`hides a version when ${when}`, () => assert.equal(judge(row), false));
  }
});
