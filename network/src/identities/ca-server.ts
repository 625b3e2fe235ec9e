import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { untilListening } from '../processes/listening.ts';
import { forgetProcess, selfRecording } from '../processes/pid-record.ts';
import { CommandError } from '../processes/run-command.ts';
import { stopProcess } from '../processes/stop-process.ts';
import type { Organisation, Topology } from '../topology/topology.ts';

/** Runs an organisation's Fabric CA in `home` for as long as `use` takes; `use` gets its address. */
export async function withCaServer(
  options: {
    readonly topology: Topology;
    readonly organisation: Organisation;
    readonly bin: string;
    readonly home: string;
    /** Folder of process records: a server left by a killed run is found there and ended. */
    readonly run: string;
  },
  use: (url: string) => Promise<void>,
): Promise<void> {
  const port = options.organisation.ports.ca;
  const name = `ca.${options.organisation.name}`;
  await stopProcess(options.run, name, options.topology.timeouts.stop);
  // Made anew at every start, so that it cannot have expired since the last one.
  rmSync(join(options.home, 'tls-cert.pem'), { force: true });
  const line = [join(options.bin, 'fabric-ca-server'), 'start', '--loglevel', 'warning'];
  const [command, args] = selfRecording(options.run, name, line);
  const server = spawn(command, args, {
    cwd: options.home,
    env: { ...process.env, FABRIC_CA_SERVER_HOME: options.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => void (output = (output + chunk.toString()).slice(-10_000));
  server.stdout.on('data', keep);
  server.stderr.on('data', keep);
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  try {
    await untilListening('127.0.0.1', port, options.topology.timeouts.ready, () => {
      if (server.exitCode !== null) {
        throw new CommandError('fabric-ca-server', `ended with code ${server.exitCode}`, output);
      }
      // The port may be another program's until our server has written its certificates.
      return existsSync(join(options.home, 'tls', 'ca-cert.pem'));
    });
    await use(`https://127.0.0.1:${port}`);
  } finally {
    server.kill('SIGTERM');
    const killer = setTimeout(() => server.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(killer);
    forgetProcess(options.run, name);
  }
}
