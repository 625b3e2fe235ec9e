import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import type { FabricConnection } from '../../src/ledger/fabric/connection-file.ts';
import { CurrentIdentity } from '../../src/ledger/fabric/identity.ts';
import { newCredential, pemOf } from '../support/credentials.ts';
import { inFolder } from '../support/ledger-samples.ts';

const [old, renewed] = [newCredential(), newCredential()];

function identityIn(folder: string) {
  const files = {
    certificate: join(folder, 'certificate.pem'),
    privateKey: join(folder, 'key.pem'),
  };
  const clock = { now: 0 };
  const identity = { certificate: old.certificate, privateKey: pemOf(old), files };
  const connection = { msp: 'HospitalMSP', identity } as FabricConnection;
  const current = new CurrentIdentity(connection, () => clock.now);
  return {
    files,
    later: () => {
      clock.now += 1_000;
      return Buffer.from(current.get().identity.credentials).toString();
    },
    now: () => Buffer.from(current.get().identity.credentials).toString(),
  };
}

describe('the identity of a server', () => {
  it('is the renewed one a second after the files were replaced', async () => {
    await inFolder((folder) => {
      const { files, later, now } = identityIn(folder);
      writeFileSync(files.certificate, renewed.certificate);
      writeFileSync(files.privateKey, pemOf(renewed));
      assert.equal(now(), old.certificate);
      assert.equal(later(), renewed.certificate);
      return Promise.resolve();
    });
  });

  it('stays while certificate and key do not match, or cannot be read', async () => {
    await inFolder((folder) => {
      const { files, later } = identityIn(folder);
      assert.equal(later(), old.certificate);
      writeFileSync(files.certificate, renewed.certificate);
      writeFileSync(files.privateKey, pemOf(old));
      assert.equal(later(), old.certificate);
      writeFileSync(files.privateKey, pemOf(renewed));
      assert.equal(later(), renewed.certificate);
      return Promise.resolve();
    });
  });
});
