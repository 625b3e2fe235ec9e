import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Client } from './client.ts';
import { measurePhase } from './measure-phase.ts';
import { round } from './phase.ts';
import { tableOf, type PhaseReport, type Report } from './report.ts';
import { untilAnchored } from './server-metrics.ts';
import { processUse } from './stack-processes.ts';
import { Workload } from './workload.ts';

const root = join(import.meta.dirname, '..', '..');
const help = `Measures a running stack (npm start): creates, updates, strict reads and searches, every answer checked.

  npm run bench -- [options]

  --data <folder>     data folder of the running stack (default .data)
  --start             start a stack of its own, on --data .cache/bench and port 28080, and stop it afterwards
  --clients 1,16,64   requests in flight, one round each
  --seconds 5         length of each phase
  --patients 200      patients written first
  --seed 1            the same seed writes the same resources
  --json <file>       keep the figures
  --help

Ends with 1 when an answer was wrong.`;

class NoStack extends Error {}

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    start: { type: 'boolean', default: false },
    clients: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '5' },
    patients: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const dataDir = resolve(root, values.data ?? (values.start ? '.cache/bench' : '.data'));

/** Returns what `npm start` tells of the stack that runs on the data folder. */
function readyStack(): { organisations: { name: string; fhir: string }[]; ledger: string } {
  const file = join(dataDir, 'ready.json');
  if (!existsSync(file)) {
    throw new NoStack(
      `No servers run on ${dataDir}. Start them (npm start) and leave them running, name their data folder with --data, or let the benchmark start its own: npm run bench -- --start`,
    );
  }
  return JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof readyStack>;
}

async function measure(): Promise<boolean> {
  const ready = readyStack();
  const fhir = ready.organisations.find(({ name }) => name === 'hospital')?.fhir ?? '';
  const rounds = values.clients.split(',').map(Number);
  const client = new Client(fhir, Math.max(16, ...rounds), tokenOfSystem);
  const workload = new Workload(Number(values.seed));
  const started = new Date().toISOString();
  await workload.prepare(client, Number(values.patients));
  await untilAnchored(fhir);

  const phases: PhaseReport[] = [];
  for (const clients of rounds) {
    const load = { clients, seconds: Number(values.seconds) };
    for (const [name, next] of [
      ['create', () => workload.create()],
      ['update', () => workload.update()],
      ['read', () => workload.read()],
      ['search', () => workload.search()],
    ] as const) {
      await client.refreshToken();
      const report = await measurePhase({ client, fhir, dataDir }, name, { ...load, next });
      phases.push(report);
      console.error(`${name}, ${clients} clients: ${report.perSecond}/s, p50 ${report.p50} ms`);
      for (const reason of report.reasons) console.error(`  wrong: ${reason}`);
    }
  }
  client.close();
  const report: Report = {
    started,
    ledger: ready.ledger,
    machine: { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version },
    phases,
    memory: Object.fromEntries(
      [...processUse(dataDir)].map(([name, use]) => [name, round(use.memory, 0)]),
    ),
  };
  console.log(tableOf(report));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  return phases.every((phase) => phase.wrong === 0);
}

async function tokenOfSystem(): Promise<string> {
  const program = join(root, 'demo', 'src', 'token.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    'system',
    '--data',
    dataDir,
  ]);
  return stdout.trim();
}

/** Starts a stack, runs `act`, stops the stack. */
async function onOwnStack<T>(act: () => Promise<T>): Promise<T> {
  const program = join(root, 'scripts', 'start.mjs');
  const stack = spawn(
    process.execPath,
    [program, '--fresh', '--data', dataDir, '--port', '28080'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = new Promise<void>((done) => stack.once('exit', () => done()));
  try {
    await new Promise<void>((done, failed) => {
      let output = '';
      stack.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.split('\n').includes('chartseal ready')) done();
      });
      void ended.then(() => failed(new Error(`the stack did not start:\n${output}`)));
    });
    return await act();
  } finally {
    stack.kill('SIGINT');
    await ended;
  }
}

if (values.help) {
  console.log(help);
} else {
  try {
    const right = await (values.start ? onOwnStack(measure) : measure());
    process.exitCode = right ? 0 : 1;
  } catch (error) {
    if (!(error instanceof NoStack)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
