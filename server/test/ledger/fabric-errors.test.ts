import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import {
  commitInvalid,
  isNoSuchTransaction,
  isOrderedBefore,
  isTransportFailure,
  ownRefusal,
  submitFailure,
  unavailable,
} from '../../src/ledger/fabric/error-mapping.ts';
import { Endorsers } from '../../src/ledger/fabric/endorsers.ts';

const TX = 'ab'.repeat(32);

function gatewayError(
  code: number,
  details: readonly { readonly mspId: string; readonly message: string }[] = [],
): GatewayError {
  return new GatewayError({
    code,
    details: details.map((detail) => ({ address: '10.0.0.1:7051', ...detail })),
    message: `${code} secret-host refused`,
    cause: Object.assign(new Error('cause'), { code, details: '' }) as never,
  });
}

describe('errors of the gateway', () => {
  it("takes a refusal by our own peer as the chaincode's answer, with its code", () => {
    const refused = {
      mspId: 'HospitalMSP',
      message: 'chaincode response 500, size-mismatch: the log holds 3 leaves',
    };
    const error = ownRefusal(gatewayError(status.ABORTED, [refused]), 'HospitalMSP');
    assert.equal(error?.phase, 'endorse');
    assert.equal(error.contractCode, 'size-mismatch');
    assert.doesNotMatch(error.message, /secret|10\.0|leaves/);
  });

  it('takes neither the refusal of another peer alone nor a mismatch as an answer', () => {
    const other = { mspId: 'PharmacyMSP', message: 'chaincode response 500, size-mismatch: 3' };
    const mismatch = { mspId: 'HospitalMSP', message: 'ProposalResponsePayloads do not match' };
    for (const detail of [other, mismatch]) {
      assert.equal(ownRefusal(gatewayError(status.ABORTED, [detail]), 'HospitalMSP'), undefined);
    }
    assert.equal(ownRefusal(new Error('x'), 'HospitalMSP'), undefined);
  });

  it('says that a transaction was not ordered only when no orderer can have seen it', () => {
    for (const code of [
      status.INVALID_ARGUMENT,
      status.PERMISSION_DENIED,
      status.FAILED_PRECONDITION,
    ]) {
      assert.equal(submitFailure(TX, gatewayError(code)).phase, 'submit');
    }
    for (const code of [
      status.UNAVAILABLE,
      status.DEADLINE_EXCEEDED,
      status.ABORTED,
      status.CANCELLED,
    ]) {
      assert.equal(submitFailure(TX, gatewayError(code)).phase, 'commit-unknown');
    }
    assert.equal(submitFailure(TX, new Error('x')).phase, 'commit-unknown');
  });

  it('names the validation code of a transaction without effect', () => {
    const error = commitInvalid(TX, 11);
    assert.equal(error.phase, 'commit-invalid');
    assert.equal(error.validationCode, 'MVCC_READ_CONFLICT');
    assert.equal(error.txId, TX);
  });

  it('tells the connection from what was asked over it', () => {
    assert.equal(isTransportFailure(gatewayError(status.UNAVAILABLE)), true);
    const detail = { mspId: 'PharmacyMSP', message: 'insufficient orderers' };
    assert.equal(isTransportFailure(gatewayError(status.UNAVAILABLE, [detail])), false);
    assert.equal(isTransportFailure(gatewayError(status.ABORTED)), false);
  });

  it('knows what orderers and qscc say about transactions', () => {
    const before =
      'status=SERVICE_UNAVAILABLE, info=failed to submit request: request already processed';
    const none =
      'chaincode response 500, Failed to get transaction, error no such transaction ID [x] in index';
    const said = (message: string): GatewayError =>
      gatewayError(status.UNKNOWN, [{ mspId: 'M', message }]);
    assert.deepEqual([isOrderedBefore(said(before)), isOrderedBefore(said(none))], [true, false]);
    assert.deepEqual(
      [isNoSuchTransaction(said(none)), isNoSuchTransaction(said(before))],
      [true, false],
    );
  });

  it('puts nothing of the network into messages', () => {
    for (const error of [
      unavailable(gatewayError(status.UNAVAILABLE)),
      submitFailure(TX, gatewayError(status.UNAVAILABLE)),
    ]) {
      assert.doesNotMatch(error.message, /secret|\d/);
      assert.ok(error.cause instanceof GatewayError);
    }
  });
});

describe('endorsers', () => {
  const four = { endorsers: ['A', 'B', 'C', 'D'], quorum: 3, auditor: 'D' };
  const asked = (endorsers: Endorsers, ...of: Parameters<Endorsers['ask']>) =>
    endorsers.ask(...of).organisations.join('');

  it('stay with those that work and move on once per failure', () => {
    const endorsers = new Endorsers(four);
    assert.equal(asked(endorsers, 'one-other'), 'AB');
    const failed = endorsers.ask('one-other');
    endorsers.failed(failed);
    endorsers.failed(failed);
    assert.equal(asked(endorsers, 'one-other'), 'AC');
    endorsers.failed(endorsers.ask('one-other'));
    endorsers.failed(endorsers.ask(undefined));
    assert.equal(asked(endorsers, 'one-other'), 'AB');
  });

  it('are as many as a key without a policy asks for, and find those that work whoever does not', () => {
    for (const down of ['B', 'C', 'D']) {
      const endorsers = new Endorsers(four);
      let tries = 1;
      for (; asked(endorsers, undefined).includes(down); tries += 1) {
        endorsers.failed(endorsers.ask(undefined));
      }
      assert.ok(tries <= 3, `${tries} tries without ${down}`);
      assert.match(asked(endorsers, undefined), /^A[BCD]{2}$/);
    }
  });

  it('are the auditor too for our policy, whatever turn it is', () => {
    const endorsers = new Endorsers(four);
    for (const expected of ['ADB', 'ADC', 'ADB']) {
      assert.equal(asked(endorsers, 'auditor'), expected);
      endorsers.failed(endorsers.ask('auditor'));
    }
    const auditors = new Endorsers({ ...four, endorsers: ['D', 'A', 'B', 'C'] });
    assert.equal(asked(auditors, 'auditor'), 'DAB');
    assert.equal(asked(new Endorsers({ ...four, auditor: undefined }), 'auditor'), 'ABCD');
  });

  it('need two organisations', () => {
    assert.throws(() => new Endorsers({ ...four, endorsers: ['A'] }), RangeError);
    assert.doesNotThrow(() => new Endorsers({ ...four, endorsers: ['A', 'B'], quorum: 2 }));
  });
});
