import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** All that a new contract is: its own files, and a line in each of the two registries. */
const OWN_FILES = {
  'chaincode/src/sample/contract.ts': `
    import { Contract, type Context } from '../transaction/contract-api.ts';
    import { onlyArgument } from '../transaction/read-arguments.ts';
    import { canonical } from '../transaction/world-state.ts';
    import { sampleArguments } from './arguments.ts';

    export class SampleContract extends Contract {
      constructor() {
        super('sample');
      }

      async double(ctx: Context): Promise<string> {
        const { amount } = onlyArgument(ctx, sampleArguments);
        return canonical({ amount: 2 * amount });
      }
    }`,
  'chaincode/src/sample/arguments.ts': `
    import { count, object } from '@chartseal/evidence/shape';

    export const sampleArguments = object({ amount: count });`,
  'chaincode/src/sample/public.ts': `
    export { sampleArguments } from './arguments.ts';`,
  'server/src/ledger/contracts/sample-ledger.ts': `
    import { sampleArguments } from '@chartseal/chaincode/sample';
    import type { Channel } from '../channel.ts';
    import { callOf, evaluate, json } from './call.ts';

    export class SampleLedger {
      readonly #channel: Channel;

      constructor(channel: Channel) {
        this.#channel = channel;
      }

      double(amount: number): Promise<{ amount: number } | undefined> {
        return evaluate(this.#channel, callOf('sample', 'double', [json({ amount })]), sampleArguments);
      }
    }`,
} as const;

const REGISTRIES = [
  ['chaincode/src/contracts.ts', 'CONTRACT_CLASSES', 'SampleContract', './sample/contract.ts'],
  ['server/src/ledger/contracts/ledgers.ts', 'CLIENTS', 'SampleLedger', './sample-ledger.ts'],
] as const;

/** Calls the contract as the server does, over the embedded ledger, and asks the shim for its contracts. */
const PROGRAM = `
  import { randomBytes } from 'node:crypto';
  import { newChaincode } from '../../chaincode/dist/serve.js';
  import { ledgersOf } from './ledger/contracts/ledgers.ts';
  import { openEmbeddedChannel } from './ledger/embedded/embedded-channel.ts';

  const channel = await openEmbeddedChannel({
    folder: process.argv[2] ?? '',
    msp: 'HospitalMSP',
    now: Date.now,
    random: randomBytes,
  });
  const doubled = await ledgersOf(channel).sample.double(21);
  await channel.close();
  const { contracts } = (newChaincode({ organisations: ['HospitalMSP', 'AuditorMSP'], auditor: 'AuditorMSP' }) as unknown as { metadata: { contracts: object } }).metadata;
  process.stdout.write(JSON.stringify({ doubled, served: 'sample' in contracts }));
`;

describe('a new contract', () => {
  const house = realpathSync(mkdtempSync(join(tmpdir(), 'added-contract-')));
  const inHouse = (path: string): string => join(house, path);
  afterAll(() => {
    rmSync(house, { recursive: true });
  });

  /** Type-checks and builds one folder of the copy. */
  function build(folder: string): void {
    try {
      execFileSync(process.execPath, [join(ROOT, 'node_modules/.bin/tsc'), '-p', inHouse(folder)]);
    } catch (error) {
      throw new Error(String((error as { stdout: Buffer }).stdout), { cause: error });
    }
  }

  beforeAll(() => {
    for (const path of ['chaincode/src', 'chaincode/package.json', 'server/src/ledger'])
      cpSync(join(ROOT, path), inHouse(path), { recursive: true });
    rmSync(inHouse('server/src/ledger/fabric'), { recursive: true });
    writeFileSync(inHouse('server/package.json'), '{ "type": "module" }');
    mkdirSync(inHouse('node_modules/@chartseal'), { recursive: true });
    symlinkSync(inHouse('chaincode'), inHouse('node_modules/@chartseal/chaincode'));
    for (const name of ['@chartseal/evidence', '@types', 'fabric-contract-api', 'fabric-shim'])
      symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), inHouse(`node_modules/${name}`));
    for (const name of ['chaincode', 'server'])
      writeFileSync(
        inHouse(`${name}/tsconfig.json`),
        JSON.stringify({
          extends: join(ROOT, 'tsconfig.base.json'),
          compilerOptions: { rootDir: 'src', outDir: 'dist' },
          include: ['src'],
        }),
      );
  });

  it('is its own files and one line in each registry', () => {
    for (const [path, text] of Object.entries(OWN_FILES)) {
      mkdirSync(dirname(inHouse(path)), { recursive: true });
      writeFileSync(inHouse(path), text);
    }
    for (const [path, table, name, from] of REGISTRIES) {
      const before = readFileSync(inHouse(path), 'utf8');
      const after = before.replace(`${table} = {\n`, `$&  sample: ${name},\n`);
      assert.notEqual(after, before);
      writeFileSync(inHouse(path), `import { ${name} } from '${from}';\n${after}`);
    }
    writeFileSync(inHouse('server/src/program.ts'), PROGRAM);
    build('chaincode');
    build('server');
    const said = execFileSync(process.execPath, [inHouse('server/src/program.ts'), house]);
    assert.deepEqual(JSON.parse(String(said)), { doubled: { amount: 42 }, served: true });
  });

  it('is refused by the build when the server has no client for it', () => {
    const [, [path, , name]] = REGISTRIES;
    const whole = readFileSync(inHouse(path), 'utf8');
    writeFileSync(inHouse(path), whole.replace(`  sample: ${name},\n`, ''));
    assert.throws(() => {
      build('server');
    }, /'sample' is missing/);
  });
});
