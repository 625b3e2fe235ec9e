import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, runCommand } from './processes/run-command.ts';

/** A program of the machine that building needs; the message says what to do. */
class ToolMissing extends Error {
  override readonly name = 'ToolMissing';
}

const OTHERWISE = 'Without it there is the embedded ledger: npm start -- --ledger embedded.';

/** @throws ToolMissing unless Go, as new as the go.mod in this folder asks for, and a C compiler can be run */
export async function checkTools(folder: string): Promise<void> {
  const [needed = ''] =
    /(?<=^go )\d+\.\d+/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8')) ?? [];
  const [version = '', compiler = '', cgo = ''] = await goSettings(folder, needed);
  if (isOlder(version, needed)) {
    throw new ToolMissing(
      `Fabric is built with Go ${needed} or newer, and this is ${version}: see https://go.dev/dl/. ${OTHERWISE}`,
    );
  }
  if (cgo === '0') {
    throw new ToolMissing(
      `Fabric CA is built with a C compiler, which CGO_ENABLED=0 forbids: unset it.`,
    );
  }
  const [program = 'gcc', ...args] = compiler.split(' ');
  await runCommand(program, [...args, '--version']).catch((cause: unknown) => {
    throw new ToolMissing(
      `Fabric CA is built with a C compiler, and ${program} cannot be run: install gcc and the headers of the C library (libc6-dev), or name another compiler in CC. ${OTHERWISE}`,
      { cause },
    );
  });
}

async function goSettings(folder: string, needed: string): Promise<readonly string[]> {
  try {
    const out = await runCommand('go', ['env', 'GOVERSION', 'CC', 'CGO_ENABLED'], { cwd: folder });
    return out.trimEnd().split('\n');
  } catch (cause) {
    const said = cause instanceof CommandError ? cause.output.trim().split('\n').at(-1) : '';
    const detail = said === '' || said === undefined ? 'it cannot be run' : said;
    throw new ToolMissing(
      `Fabric is built with Go ${needed} or newer: see https://go.dev/dl/ (${detail}). ${OTHERWISE}`,
      { cause },
    );
  }
}

/** `go1.9.7` is older than `1.24`; a version that cannot be read is left to Go. */
function isOlder(version: string, needed: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  const [wantedMajor = 0, wantedMinor = 0] = needed.split('.').map(Number);
  if (major === undefined || minor === undefined) return false;
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
