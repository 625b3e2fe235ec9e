import type { Context } from './transaction/contract-api.ts';
import { CONTRACT_CLASSES } from './contracts.ts';
import { ContractError } from './transaction/errors.ts';
import type { Membership } from './transaction/key-policy.ts';

export { CONTRACT_CLASSES } from './contracts.ts';
export { ContractError } from './transaction/errors.ts';

/** Says where a value was committed; opaque, compared for equality. */
export type StateVersion = string | number;

export interface VersionedValue {
  readonly value: Uint8Array;
  readonly version: StateVersion;
  /** Key-level endorsement policy; absent: the chaincode's own holds. */
  readonly policy?: Uint8Array;
}

/** Committed state as an invocation sees it. */
export interface CommittedState {
  get(key: string): Promise<VersionedValue | undefined> | VersionedValue | undefined;
}

export interface Invocation {
  readonly contract: string;
  readonly transaction: string;
  readonly args: readonly (string | Uint8Array)[];
  readonly transient?: Readonly<Record<string, string | Uint8Array>>;
  readonly txId: string;
  /** Instant of the transaction, RFC 3339. */
  readonly at: string;
  readonly caller: Caller;
  readonly state: CommittedState;
  /** The caller alone when not given. */
  readonly membership?: Membership;
}

/** Holds what the caller's certificate would say. */
export interface Caller {
  readonly msp: string;
  /** `{ 'fhir.role': 'server' }` for an organisation's server. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Holds what an endorsing peer would return: nothing is changed yet. Reads and writes are sorted by key. */
export interface Endorsement {
  readonly result: Uint8Array;
  /** `null`: the key was absent. */
  readonly reads: readonly { readonly key: string; readonly version: StateVersion | null }[];
  readonly writes: readonly { readonly key: string; readonly value: Uint8Array }[];
  /** Key-level policies that hold for what comes after. */
  readonly policies: readonly { readonly key: string; readonly policy: Uint8Array }[];
}

/**
 * Runs one transaction in process, as a peer would simulate it: reads see committed state only.
 *
 * @throws ContractError whose message is `<code>: text`
 */
export async function invoke(invocation: Invocation): Promise<Endorsement> {
  const { contract, method } = find(invocation);
  const stub = new MemoryStub(invocation);
  const ctx = contract.createContext() as Context;
  ctx.stub = stub as unknown as Context['stub'];
  ctx.clientIdentity = identity(invocation.caller);

  await contract.beforeTransaction(ctx);
  const result = await method.call(contract, ctx);
  await contract.afterTransaction(ctx, result);
  return {
    result: Buffer.from(result, 'utf8'),
    ...{ reads: stub.reads(), writes: stub.writes(), policies: stub.policies() },
  };
}

type AnyContract = InstanceType<(typeof CONTRACT_CLASSES)[keyof typeof CONTRACT_CLASSES]>;
type Method = (this: AnyContract, ctx: Context) => Promise<string>;

function find({ contract: name, transaction }: Invocation): {
  contract: AnyContract;
  method: Method;
} {
  if (Object.hasOwn(CONTRACT_CLASSES, name)) {
    const type = CONTRACT_CLASSES[name as keyof typeof CONTRACT_CLASSES];
    const methods = type.prototype as unknown as Record<string, Method>;
    const method = Object.hasOwn(methods, transaction) ? methods[transaction] : undefined;
    if (method !== undefined && transaction !== 'constructor') {
      return { contract: new type(), method };
    }
  }
  throw new ContractError('unknown-transaction', `there is no ${name}:${transaction}`);
}

/** The part of the shim's stub that the contracts and their router use. */
export class MemoryStub {
  readonly #invocation: Invocation;
  readonly #reads = new Map<string, StateVersion | null>();
  readonly #writes = new Map<string, Uint8Array>();
  readonly #policies = new Map<string, Uint8Array>();

  readonly membership: Membership;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
    const { membership, caller } = invocation;
    this.membership = membership ?? { organisations: [caller.msp], auditor: caller.msp };
  }

  getBufferArgs(): readonly Uint8Array[] {
    const { contract, transaction, args } = this.#invocation;
    return [`${contract}:${transaction}`, ...args].map(bytes);
  }

  getTransient(): Map<string, Uint8Array> {
    return new Map(
      Object.entries(this.#invocation.transient ?? {}).map(([name, value]) => [name, bytes(value)]),
    );
  }

  getTxID(): string {
    return this.#invocation.txId;
  }

  getChannelID(): string {
    return 'records';
  }

  getTxTimestamp(): { seconds: number; nanos: number } {
    const milliseconds = Date.parse(this.#invocation.at);
    const seconds = Math.floor(milliseconds / 1000);
    return { seconds, nanos: (milliseconds - seconds * 1000) * 1e6 };
  }

  getCreator(): { mspid: string; idBytes: Uint8Array } {
    return { mspid: this.#invocation.caller.msp, idBytes: new Uint8Array() };
  }

  async getState(key: string): Promise<Uint8Array> {
    const found = await this.#invocation.state.get(key);
    this.#reads.set(key, found?.version ?? null);
    return found?.value ?? new Uint8Array();
  }

  putState(key: string, value: Uint8Array): Promise<void> {
    this.#writes.set(key, value);
    return Promise.resolve();
  }

  async getStateValidationParameter(key: string): Promise<Uint8Array | undefined> {
    const found = await this.#invocation.state.get(key);
    this.#reads.set(key, found?.version ?? null);
    return found?.policy;
  }

  setStateValidationParameter(key: string, policy: Uint8Array): Promise<void> {
    this.#policies.set(key, policy);
    return Promise.resolve();
  }

  reads(): Endorsement['reads'] {
    return sorted(this.#reads).map(([key, version]) => ({ key, version }));
  }

  writes(): Endorsement['writes'] {
    return sorted(this.#writes).map(([key, value]) => ({ key, value }));
  }

  policies(): Endorsement['policies'] {
    return sorted(this.#policies).map(([key, policy]) => ({ key, policy }));
  }
}

function bytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
}

function sorted<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function identity({ msp, attributes }: Caller): Context['clientIdentity'] {
  const attribute = (name: string): string | null =>
    Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
  return {
    getMSPID: () => msp,
    getAttributeValue: attribute,
    assertAttributeValue: (name, value) => attribute(name) === value,
    getID: () => `memory::${msp}`,
    getIDBytes: () => new Uint8Array(),
  };
}

export type Validation = 'VALID' | 'MVCC_READ_CONFLICT' | 'DUPLICATE_TXID';

/** State in memory with the validation a peer does at commit: what was read must not have changed since. */
export class MemoryState implements CommittedState {
  readonly #values = new Map<string, VersionedValue>();
  readonly #seen = new Set<string>();
  #height = 0;

  get(key: string): VersionedValue | undefined {
    return this.#values.get(key);
  }

  commit(
    txId: string,
    { reads, writes, policies }: Pick<Endorsement, 'reads' | 'writes' | 'policies'>,
  ): Validation {
    if (this.#seen.has(txId)) return 'DUPLICATE_TXID';
    this.#seen.add(txId);
    const current = (key: string): StateVersion | null => this.#values.get(key)?.version ?? null;
    if (!reads.every(({ key, version }) => current(key) === version)) return 'MVCC_READ_CONFLICT';
    this.#height += 1;
    for (const { key, value } of writes) {
      this.#values.set(key, { ...this.#values.get(key), value, version: this.#height });
    }
    // As at a peer: a policy for a key that is not there has no effect.
    for (const { key, policy } of policies) {
      const held = this.#values.get(key);
      if (held) this.#values.set(key, { ...held, policy, version: this.#height });
    }
    return 'VALID';
  }
}
