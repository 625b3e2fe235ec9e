import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Mutant } from './mutate.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const MINUTES = 60_000;

/** What became of a mutant. */
export type Fate =
  /** It does not compile: it tells nothing. */
  'no program' | { readonly killedBy: string } | 'survived';

/** A copy of the project in which one mutant at a time lives. */
export class Workshop {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'mutants-'));
    const bin = join(this.#folder, 'node_modules', '.bin');
    this.#environment = { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const tracked = spawnSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        maxBuffer: 1e8,
      },
    ).stdout;
    for (const file of tracked.split('\0').filter((name) => name !== '')) this.#copy(file);
    // Hard links: packages of the workspaces are links to where they lie in the copy.
    this.#run('cp', ['-al', join(ROOT, 'node_modules'), join(this.#folder, 'node_modules')]);
    this.#run('cp', ['-a', join(ROOT, 'server', 'definitions'), join(this.#folder, 'server')]);
    this.#run(join(bin, 'tsc'), ['-b', 'chaincode', 'fhirpath'], 10 * MINUTES);
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  /** What notices something where nothing is changed: then nothing that it says of mutants counts. */
  falseAlarm(checks: readonly (readonly string[])[]): readonly string[] | undefined {
    return checks.find((check) => !this.#succeeds(check));
  }

  /** Lets the mutant live, and looks who notices. */
  judge(mutant: Mutant, checks: readonly (readonly string[])[]): Fate {
    const original = this.read(mutant.file);
    const inChaincode = mutant.file.startsWith('chaincode/');
    writeFileSync(join(this.#folder, mutant.file), mutant.text);
    try {
      // The server runs from its source; what does not compile is killed by nobody.
      if (inChaincode && !this.#succeeds(['tsc', '-b', 'chaincode'])) return 'no program';
      for (const check of checks) {
        if (!this.#succeeds(check)) return { killedBy: check.slice(0, 3).join(' ') };
      }
      return 'survived';
    } finally {
      writeFileSync(join(this.#folder, mutant.file), original);
      if (inChaincode) this.#succeeds(['tsc', '-b', 'chaincode']);
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #copy(file: string): void {
    const to = join(this.#folder, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, readFileSync(join(ROOT, file)));
  }

  #succeeds([command = '', ...args]: readonly string[]): boolean {
    const program = join(this.#folder, 'node_modules', '.bin', command);
    const { status } = spawnSync(program, args, {
      cwd: this.#folder,
      env: this.#environment,
      stdio: 'ignore',
      timeout: 5 * MINUTES,
    });
    return status === 0;
  }

  #run(command: string, args: readonly string[], timeout = MINUTES): void {
    const { status, stderr } = spawnSync(command, args, {
      cwd: this.#folder,
      env: this.#environment,
      encoding: 'utf8',
      timeout,
    });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  }
}
