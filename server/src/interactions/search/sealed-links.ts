import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { ResourceStore } from '../../store/resource-store.ts';

const COLLECTION = 'secret';
const KEY = 'links';
const NONCE = 12;
const TAG = 16;

/**
 * Makes what page links carry: opaque, tamper-proof, good for one caller and one question, on every replica and after a
 * restart.
 */
export class SealedLinks {
  readonly #store: Pick<ResourceStore, 'record' | 'write'>;
  readonly #random: (bytes: number) => Uint8Array;
  #key: Promise<Uint8Array> | undefined;

  constructor(
    store: Pick<ResourceStore, 'record' | 'write'>,
    random: (bytes: number) => Uint8Array,
  ) {
    this.#store = store;
    this.#random = random;
  }

  /** @param boundTo has to be the same when it is opened */
  async seal(boundTo: string, state: unknown): Promise<string> {
    const nonce = this.#random(NONCE);
    const cipher = createCipheriv('aes-256-gcm', await this.#secret(), nonce);
    cipher.setAAD(Buffer.from(boundTo, 'utf8'));
    const sealed = [cipher.update(JSON.stringify(state), 'utf8'), cipher.final()];
    return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
  }

  /** undefined when it is not ours, not this caller's, or belongs to another question */
  async open(boundTo: string, link: string): Promise<unknown> {
    const bytes = Buffer.from(link, 'base64url');
    if (bytes.length < NONCE + TAG || bytes.toString('base64url') !== link) return undefined;
    const end = bytes.length - TAG;
    const decipher = createDecipheriv(
      'aes-256-gcm',
      await this.#secret(),
      bytes.subarray(0, NONCE),
    );
    decipher.setAAD(Buffer.from(boundTo, 'utf8')).setAuthTag(bytes.subarray(end));
    try {
      const opened = decipher.update(bytes.subarray(NONCE, end), undefined, 'utf8');
      return JSON.parse(opened + decipher.final('utf8'));
    } catch {
      return undefined;
    }
  }

  #secret(): Promise<Uint8Array> {
    this.#key ??= this.#load().catch((error: unknown) => {
      this.#key = undefined;
      throw error;
    });
    return this.#key;
  }

  async #load(): Promise<Uint8Array> {
    const known = await this.#store.record(COLLECTION, KEY);
    if (known !== undefined) return known;
    const value = this.#random(32);
    // Another replica may make it at the same moment: the first one stays.
    await this.#store
      .write({ records: [{ collection: COLLECTION, key: KEY, value, expected: null }] })
      .catch(async (error: unknown) => {
        if ((await this.#store.record(COLLECTION, KEY)) === undefined) throw error;
      });
    return (await this.#store.record(COLLECTION, KEY)) ?? value;
  }
}
