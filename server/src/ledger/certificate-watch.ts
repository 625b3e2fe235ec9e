import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A certificate and where it lies; `pem` holds it when it lies inside another file. */
export interface CertificateSource {
  readonly name: string;
  readonly path: string;
  readonly pem?: string;
}

/** When a certificate ends: `expires` in ms since the epoch. */
export interface CertificateEnd {
  readonly certificate: string;
  readonly path: string;
  readonly expires: number;
}

export interface CertificateWatchOptions {
  readonly certificates: readonly CertificateSource[];
  /** The certificate that our peer shows to those who connect; `undefined` while it does not answer. */
  readonly shown: () => Promise<CertificateSource | undefined>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Readonly<Record<'warn' | 'error', (facts: object, message: string) => void>>;
}

const DAY = 86_400_000;
/** From so long before its end on a certificate is warned of. */
const SOON = 30 * DAY;
/** Says how often our peer is asked what it shows (ms), and how often while that may be about to change. */
const LOOK_EVERY = 3_600_000;
const LOOK_SOON = 60_000;
/** Files are not read more often than this for metrics and refusals (ms). */
const FRESH = 1_000;

/** Knows when the certificates end that a server relies on, and warns: when it starts, daily, and when one ends. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #unreadable = new Set<string>();
  #shown: CertificateSource | undefined;
  #ends: readonly CertificateEnd[] = [];
  #read = -Infinity;
  #warned = -Infinity;
  #looked = -Infinity;
  /** The ends that the files had, and when they last changed. */
  #held = '';
  #changed = -Infinity;
  #warnedOf = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
  }

  ends(): readonly CertificateEnd[] {
    const now = this.#options.now();
    if (Math.abs(now - this.#read) < FRESH) return this.#ends;
    this.#read = now;
    const shown = this.#shown === undefined ? [] : [this.#shown];
    this.#ends = [...this.#options.certificates, ...shown].flatMap((source) => this.#end(source));
    return this.#ends;
  }

  /** Names those that have ended, each with name, path and instant. */
  expired(): readonly string[] {
    const now = this.#options.now();
    return this.ends()
      .filter(({ expires }) => expires <= now)
      .map((end) => `${end.certificate} (${end.path}) expired at ${instant(end.expires)}`);
  }

  /**
   * Looks at the certificates now, every hour, and when the next one ends; every minute while one is due or has ended,
   * and for an hour after a file has changed: a renewal restarts the peer some minutes after it has written the files.
   */
  async start(): Promise<void> {
    this.#looked = this.#options.now();
    this.#shown = await this.#options.shown().catch(() => undefined);
    if (this.#stopped) return;
    this.#read = -Infinity;
    const ends = this.ends();
    this.#noteChange(ends);
    this.#tell(ends, this.#options.now());
    this.#wait();
  }

  #wait(): void {
    const now = this.#options.now();
    const next = Math.min(...this.#ends.map(({ expires }) => expires - now).filter((ms) => ms > 0));
    this.#timer = setTimeout(() => this.#tick(), Math.min(next + 1, LOOK_SOON)).unref();
  }

  #tick(): void {
    const now = this.#options.now();
    this.#read = -Infinity;
    const ends = this.ends();
    this.#noteChange(ends);
    const soon =
      now - this.#changed < LOOK_EVERY || ends.some(({ expires }) => expires <= now + SOON);
    if (soon || now - this.#looked >= LOOK_EVERY) void this.start();
    else this.#wait();
  }

  #noteChange(ends: readonly CertificateEnd[]): void {
    const own = ends.slice(0, this.#shown === undefined ? ends.length : -1);
    const held = own.map(({ path, expires }) => `${path} ${expires}`).join('\n');
    if (this.#held !== '' && held !== this.#held) this.#changed = this.#options.now();
    this.#held = held;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Once a day, and besides when one has come into the last 30 days or has ended since. */
  #tell(ends: readonly CertificateEnd[], now: number): void {
    const due = ends.filter(({ expires }) => expires <= now + SOON);
    const state = (end: CertificateEnd): string => `${end.certificate} ${end.expires <= now}`;
    if (now - this.#warned < DAY && due.every((end) => this.#warnedOf.has(state(end)))) return;
    this.#warned = now;
    this.#warnedOf = new Set(due.map(state));
    const { log } = this.#options;
    for (const end of due) {
      const facts = { ...end, expires: instant(end.expires) };
      const days = Math.floor((end.expires - now) / DAY);
      if (end.expires <= now) log.error(facts, 'a certificate has expired; renew it');
      else log.warn(facts, `a certificate expires in ${days} days; renew it`);
    }
  }

  #end(source: CertificateSource): CertificateEnd[] {
    const { name, path, pem } = source;
    try {
      const expires = Date.parse(new X509Certificate(pem ?? readFileSync(path)).validTo);
      this.#unreadable.delete(path);
      return [{ certificate: name, path, expires }];
    } catch (error) {
      if (!this.#unreadable.has(path)) {
        this.#options.log.warn(
          { certificate: name, path, err: error },
          'a certificate is unreadable',
        );
      }
      this.#unreadable.add(path);
      return [];
    }
  }
}

const instant = (ms: number): string => new Date(ms).toISOString();
