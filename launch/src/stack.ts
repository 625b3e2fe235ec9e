import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutCredentials } from '@chartseal/server/mongo-address';
import { compile } from './compile.ts';
import type { Demonstration } from './demonstration.ts';
import { greeting, writeReadyFile } from './greeting.ts';
import { planServers, type LaunchOptions, type ServerPlan } from './launch-plan.ts';
import { ledgerNetwork, type LedgerNetwork } from './ledger-network.ts';
import { adviceOnPorts, portsNeeded } from './needed-ports.ts';
import { checkPortsFree } from './ports.ts';
import { runSteps, type Step } from './progress.ts';
import { serverProcesses, stopRecordedServers, type ServerProcesses } from './server-processes.ts';

type Say = (line: string) => void;

/** Network, servers and demonstration of one data folder, from nothing to ready and back. */
export class Stack {
  readonly #options: LaunchOptions;
  readonly #demonstration: Demonstration;
  readonly #say: Say;
  readonly #plans: readonly ServerPlan[];
  readonly #network: LedgerNetwork | undefined;
  readonly #servers: ServerProcesses;

  constructor(options: LaunchOptions, demonstration: Demonstration, say: Say) {
    this.#options = options;
    this.#demonstration = demonstration;
    this.#say = say;
    this.#plans = planServers(options);
    this.#network =
      options.ledger === 'fabric' ? ledgerNetwork(options.dataDir, options.port) : undefined;
    this.#servers = serverProcesses(options.root, options.dataDir, (plan, how) =>
      this.#mourn(`The ${plan.organisation.name}'s server`, how),
    );
  }

  /** Ends what a killed launcher left running, then makes sure that nobody else holds our ports. */
  async clearLeftovers(): Promise<void> {
    const { dataDir } = this.#options;
    rmSync(join(dataDir, 'ready.json'), { force: true });
    // Also when the embedded ledger is chosen now: the last start may have had Fabric.
    const network = this.#network ?? ledgerNetwork(dataDir, this.#options.port);
    const left = (await stopRecordedServers(dataDir)) + (await network.down());
    if (left > 0) this.#say(`Stopped ${left} processes that an earlier start had left behind.`);
    await checkPortsFree(portsNeeded(this.#options, this.#network), () =>
      adviceOnPorts(this.#options, this.#network),
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    const { root, dataDir } = this.#options;
    const network = this.#network;
    const onFabric = (title: string, act: keyof Pick<LedgerNetwork, 'build' | 'up'>): Step[] =>
      network === undefined ? [] : [{ title, run: (report) => network[act](report, signal) }];
    const steps: Step[][] = [
      [
        { title: 'Compile the servers', run: () => compile(root, signal) },
        ...onFabric('Build Fabric and Fabric CA', 'build'),
      ],
      [
        ...onFabric('Start the Fabric network', 'up'),
        {
          title: 'Prepare keys and personas',
          run: () => this.#demonstration.prepare(dataDir).then(() => undefined),
        },
      ],
      [{ title: 'Start the servers', run: () => this.#startServers(signal) }],
      [{ title: 'Write the demonstration data', run: () => this.#seed(signal) }],
    ];
    await abortable(runSteps(steps, this.#say), signal);
    this.#say(greeting(this.#options, this.#plans, this.#demonstration));
    writeReadyFile(this.#options, this.#plans, this.#demonstration.personas);
    network?.watch(signal, (name, end) => {
      if (end === 'died') this.#mourn(name, 'its log is in network/logs of the data folder');
      else this.#noteStop(name);
    });
    this.#say('chartseal ready');
  }

  #mourn(what: string, how: string): void {
    const folder = this.#ownFolder() ? '' : ` -- --data ${this.#options.dataDir}`;
    this.#say(`${what} has stopped unexpectedly (${how}). Everything else keeps running.`);
    this.#say(`Start it again with: npm run revive${folder}`);
  }

  #noteStop(what: string): void {
    const folder = this.#ownFolder() ? '' : ` --data ${this.#options.dataDir}`;
    this.#say(
      `${what} was stopped on request. Start it again with: npm run network -- up${folder}`,
    );
  }

  #ownFolder(): boolean {
    return this.#options.dataDir === join(this.#options.root, '.data');
  }

  /** Starts again what has died. */
  async revive(signal: AbortSignal): Promise<void> {
    try {
      await this.#network?.up((state) => this.#say(state), signal);
      await this.#startServers(signal);
      this.#say('everything runs again');
    } catch (error) {
      this.#say(`not everything could be started again: ${(error as Error).message}`);
    }
  }

  async stop(): Promise<void> {
    rmSync(join(this.#options.dataDir, 'ready.json'), { force: true });
    await this.#servers.stopAll();
    await this.#network?.down();
  }

  async #startServers(signal: AbortSignal): Promise<undefined> {
    await Promise.all(this.#plans.map((plan) => this.#servers.start(plan, signal)));
    return undefined;
  }

  /** The note that everything is written spares the store and the ledger 20 reads at each start. */
  async #seed(signal: AbortSignal): Promise<string | undefined> {
    const { dataDir } = this.#options;
    const store = withoutCredentials(this.#options.store);
    const [hospital] = this.#plans;
    if (hospital === undefined) return undefined;
    const note = join(dataDir, 'demo-data.json');
    const seeded = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as string[]) : [];
    if (seeded.includes(store)) return 'kept as it is';
    const written = await this.#demonstration.seed({
      dataDir,
      server: hospital.organisation.name,
      fhir: hospital.fhir,
      signal,
    });
    writeFileSync(note, JSON.stringify([...seeded, store]));
    return `${written} resources written`;
  }
}

/** Gives up waiting when asked to stop; what is under way is stopped by `Stack.stop`. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      const give = (): void => reject(signal.reason as Error);
      if (signal.aborted) give();
      signal.addEventListener('abort', give, { once: true });
    }),
  ]);
}
