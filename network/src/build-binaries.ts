import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkTools } from './check-tools.ts';
import { inStep, silent, type OnProgress } from './progress.ts';
import { CommandError, runCommand } from './processes/run-command.ts';
import { writeFileWhole } from './write-file-whole.ts';

/** Folder with Fabric's programs and folder with its sample core.yaml and orderer.yaml. */
export interface Binaries {
  readonly bin: string;
  readonly config: string;
}

const NETWORK = fileURLToPath(new URL('..', import.meta.url));
export const DEFAULT_CACHE = join(NETWORK, '.cache');

interface GoModule {
  readonly title: string;
  readonly folder: string;
  readonly module: string;
  readonly programs: readonly string[];
}
const MODULES: readonly GoModule[] = [
  {
    title: 'Build Fabric from its Go modules',
    folder: NETWORK,
    module: 'github.com/hyperledger/fabric',
    programs: ['peer', 'orderer', 'configtxgen', 'osnadmin'],
  },
  {
    title: 'Build Fabric CA from its Go modules',
    folder: join(NETWORK, 'ca'),
    module: 'github.com/hyperledger/fabric-ca',
    programs: ['fabric-ca-server', 'fabric-ca-client'],
  },
];

/**
 * Builds what is missing or was built from other go.mod or go.sum files.
 * @throws ToolMissing when Go or a C compiler (for Fabric CA's SQLite) is missing; CommandError when a build fails.
 */
export async function buildBinaries(
  options: { readonly onProgress?: OnProgress; readonly cacheDir?: string } = {},
): Promise<Binaries> {
  const cache = options.cacheDir ?? DEFAULT_CACHE;
  const binaries = { bin: join(cache, 'bin'), config: join(cache, 'config') };
  for (const module of MODULES) {
    const stamp = join(binaries.bin, `.${module.module.split('/').at(-1) ?? ''}`);
    const fingerprint = sourceFingerprint(module);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) continue;
    await checkTools(module.folder);
    await inStep(options.onProgress ?? silent, module.title, async (note) => {
      note('downloading modules');
      await download(module);
      await goBuild(module, binaries.bin, note);
      if (module.module.endsWith('/fabric')) await copySampleConfig(module, binaries.config);
      writeFileWhole(stamp, fingerprint);
    });
  }
  return binaries;
}

async function download({ folder, module }: GoModule): Promise<void> {
  try {
    await runCommand('go', ['mod', 'download'], { cwd: folder });
  } catch (error) {
    throw new Error(
      `The Go modules of ${module} could not be downloaded. Is a proxy for modules reachable (go env GOPROXY), and is there room on the disk?\n${(error as Error).message}`,
      { cause: error },
    );
  }
}

function sourceFingerprint(module: GoModule): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module.folder, file)));
  return hash.update(module.programs.join()).digest('hex');
}

/** Programs appear under their final name only once linked, so an interrupted build leaves none half-written. */
async function goBuild(module: GoModule, bin: string, note: (text: string) => void): Promise<void> {
  const fresh = join(bin, '.new');
  mkdirSync(fresh, { recursive: true });
  const packages = module.programs.map((program) => `${module.module}/cmd/${program}`);
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-o', `${fresh}/`, ...packages];
  await new Promise<void>((resolve, reject) => {
    const child = spawn('go', args, { cwd: module.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    let compiled = 0;
    child.stderr.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      output = (output + text).slice(-10_000);
      compiled += text.split('\n').length - 1;
      note(`${compiled} packages compiled`);
    });
    child.on('error', (error) => reject(new CommandError('go build', error.message, output)));
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new CommandError('go build', `failed with code ${code ?? '?'}`, output));
    });
  });
  for (const program of module.programs) renameSync(join(fresh, program), join(bin, program));
  rmSync(fresh, { recursive: true });
}

async function copySampleConfig(module: GoModule, config: string): Promise<void> {
  const list = ['list', '-m', '-f', '{{.Dir}}', module.module];
  const source = (await runCommand('go', list, { cwd: module.folder })).trim();
  mkdirSync(config, { recursive: true });
  for (const file of ['core.yaml', 'orderer.yaml']) {
    const target = join(config, file);
    rmSync(target, { force: true });
    copyFileSync(join(source, 'sampleconfig', file), target);
    chmodSync(target, 0o644);
  }
}
