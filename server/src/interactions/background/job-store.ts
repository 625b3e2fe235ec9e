import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import type { RecordWrite, ResourceStore } from '../../store/resource-store.ts';

const JOBS = 'job';
const RESULTS = 'job-result';
/** Says how many bytes of a result one record holds. */
const CHUNK = 4 * 1024 * 1024;
const NONCE = 12;
const TAG = 16;
const ID = 16;
const SECRET = 32;

/** Holds what is on record of a request that runs in the background. */
export interface Job {
  readonly id: string;
  /** Hash of who may ask for it. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly state: 'running' | 'done';
  /** Last sign of life of the server that works on it. */
  readonly beat: number;
  /** Records that the result takes. */
  readonly chunks: number;
}

/** Says where a client finds its job: the id, and the secret that opens the result. Only the client has the secret. */
export interface Ticket {
  readonly id: string;
  readonly secret: Uint8Array;
}

export function newTicket(random: (bytes: number) => Uint8Array): Ticket {
  return { id: Buffer.from(random(ID)).toString('base64url'), secret: random(SECRET) };
}

/** 64 characters of a URL. */
export function ticketText({ id, secret }: Ticket): string {
  return Buffer.concat([Buffer.from(id, 'base64url'), secret]).toString('base64url');
}

export function readTicket(text: string): Ticket | undefined {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== ID + SECRET || bytes.toString('base64url') !== text) return undefined;
  return { id: bytes.subarray(0, ID).toString('base64url'), secret: bytes.subarray(ID) };
}

export function ownerOf(caller: string): string {
  return createHash('sha256').update(caller).digest('base64url');
}

/** Jobs and their sealed results, as records of the store. */
export class JobStore {
  readonly #store: Pick<ResourceStore, 'record' | 'records' | 'write'>;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(
    store: Pick<ResourceStore, 'record' | 'records' | 'write'>,
    random: (bytes: number) => Uint8Array,
  ) {
    this.#store = store;
    this.#random = random;
  }

  async job(id: string): Promise<Job | undefined> {
    const bytes = await this.#store.record(JOBS, id);
    return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as Job);
  }

  async jobs(): Promise<readonly Job[]> {
    const all = await this.#store.records(JOBS);
    return [...all.values()].map((bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Job);
  }

  async put(job: Job): Promise<void> {
    await this.#store.write({
      records: [{ collection: JOBS, key: job.id, value: Buffer.from(JSON.stringify(job)) }],
    });
  }

  /**
   * The job is done: its result becomes readable, whole or not at all.
   *
   * @param wanted whether it still is, when all is ready
   */
  async finish(
    job: Job,
    result: { readonly ticket: Ticket; readonly bytes: Uint8Array },
    wanted: () => boolean,
  ): Promise<void> {
    const { bytes, ticket } = result;
    let chunks = 0;
    // Each within what a store takes at once; nothing refers to them before the last step.
    for (let from = 0; from < bytes.length; from += CHUNK) {
      const key = chunkKey(job.id, chunks);
      const value = this.#seal(ticket, key, bytes.subarray(from, from + CHUNK));
      await this.#store.write({ records: [{ collection: RESULTS, key, value }] });
      chunks += 1;
    }
    const done: Job = { ...job, state: 'done', chunks };
    await (wanted() ? this.put(done) : this.remove(done));
  }

  async result(job: Job, ticket: Ticket): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < job.chunks; i += 1) {
      const key = chunkKey(job.id, i);
      const sealed = await this.#store.record(RESULTS, key);
      const part = sealed && open(ticket, key, sealed);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  async remove({ id, chunks }: Pick<Job, 'id' | 'chunks'>): Promise<void> {
    await this.#store.write({ records: [{ collection: JOBS, key: id, value: undefined }] });
    const removals = Array.from({ length: chunks }, (_, i): RecordWrite => ({
      collection: RESULTS,
      key: chunkKey(id, i),
      value: undefined,
    }));
    if (removals.length > 0) await this.#store.write({ records: removals });
  }

  #seal({ secret }: Ticket, key: string, bytes: Uint8Array): Uint8Array {
    const nonce = this.#random(NONCE);
    const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce).setAAD(Buffer.from(key));
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

function open({ secret }: Ticket, key: string, sealed: Uint8Array): Uint8Array | undefined {
  const end = sealed.length - TAG;
  if (end < NONCE) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), sealed.subarray(0, NONCE));
  decipher.setAAD(Buffer.from(key)).setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function keyOf(secret: Uint8Array): Uint8Array {
  return createHmac('sha256', secret).update('result of a background request').digest();
}

function chunkKey(id: string, n: number): string {
  return `${id}.${n}`;
}
