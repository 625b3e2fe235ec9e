import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds; the command is killed afterwards. */
  readonly timeout?: number;
}

/** A command that failed, with the last lines it wrote. */
export class CommandError extends Error {
  readonly output: string;

  constructor(command: string, outcome: string, output: string) {
    super(`${command} ${outcome}\n${lastLines(output)}`);
    this.name = 'CommandError';
    this.output = output;
  }
}

/** Runs one command to its end and returns its standard output. Secrets go into `env`, never into `args`. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const shown = [command.split('/').at(-1), ...args.slice(0, 4)].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.timeout === undefined ? {} : { timeout: options.timeout * 1000 }),
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    const all: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void (out.push(chunk), all.push(chunk)));
    child.stderr.on('data', (chunk: Buffer) => void all.push(chunk));
    child.on('error', (error) =>
      reject(new CommandError(shown, `did not start: ${error.message}`, '')),
    );
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else {
        const outcome =
          signal === null ? `failed with code ${code ?? '?'}` : `was stopped by ${signal}`;
        reject(new CommandError(shown, outcome, Buffer.concat(all).toString()));
      }
    });
  });
}

function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-12).join('\n');
}
