import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it, jest } from '@jest/globals';
import { buildBinaries } from '../src/build-binaries.ts';
import { checkTools } from '../src/check-tools.ts';

jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'check-tools-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const network = join(import.meta.dirname, '..');

/** With these variables of the environment, which the real Go reads. */
async function given(variables: Record<string, string>, act: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    await act();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

describe('building Fabric with the Go of this machine', () => {
  it('is possible', () => checkTools(network));

  it('needs no older one', async () => {
    const module = join(scratch, 'module');
    mkdirSync(module);
    writeFileSync(join(module, 'go.mod'), 'module example\n\ngo 1.99\n');
    await given({ GOTOOLCHAIN: 'local' }, () =>
      assert.rejects(checkTools(module), /Go 1\.99 or newer, and this is go1\.\d+/),
    );
    await given({ GOTOOLCHAIN: 'auto', GOPROXY: 'off' }, () =>
      assert.rejects(
        checkTools(module),
        /^ToolMissing: Fabric is built with Go 1\.99 or newer: see/,
      ),
    );
  });

  it('needs a C compiler', async () => {
    await given({ CC: '/nowhere/cc' }, () =>
      assert.rejects(checkTools(network), /\/nowhere\/cc cannot be run: install gcc/),
    );
    await given({ CGO_ENABLED: '0' }, () => assert.rejects(checkTools(network), /CGO_ENABLED=0/));
  });

  it('needs modules, and says what to look at when there are none', () =>
    given({ GOPROXY: 'off', GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }, () =>
      assert.rejects(
        buildBinaries({ cacheDir: join(scratch, 'cache') }),
        /Go modules of github\.com\/hyperledger\/fabric could not be downloaded\. Is a proxy .*GOPROXY/,
      ),
    ));
});
