import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

export interface Ask {
  readonly method: string;
  /** Below the FHIR base. */
  readonly path: string;
  readonly body?: string;
}

/** Speaks FHIR to one server over kept-alive connections, always with a token that is still good. */
export class Client {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #newToken: () => Promise<string>;
  #token: Promise<string> | undefined;
  #taken = 0;

  constructor(base: string, clients: number, newToken: () => Promise<string>) {
    this.#base = new URL(base);
    this.#agent = new Agent({ keepAlive: true, maxSockets: clients });
    this.#newToken = newToken;
  }

  /** To be called between phases: fetching a token in the middle of one would be measured. */
  async refreshToken(): Promise<void> {
    this.#token = this.#newToken();
    this.#taken = performance.now();
    await this.#token;
  }

  async ask({ method, path, body }: Ask): Promise<Answer> {
    if (this.#token === undefined || performance.now() - this.#taken > 200_000) {
      await this.refreshToken();
    }
    const token = await this.#token;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          agent: this.#agent,
          hostname: this.#base.hostname,
          port: this.#base.port,
          path: `${this.#base.pathname}/${path}`,
          method,
          timeout: 30_000,
          headers: {
            authorization: `Bearer ${token ?? ''}`,
            accept: 'application/fhir+json',
            ...(body === undefined
              ? {}
              : {
                  'content-type': 'application/fhir+json',
                  'content-length': Buffer.byteLength(body),
                }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              etag: response.headers.etag,
              location: response.headers.location,
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          );
        },
      );
      sent.once('error', reject);
      sent.once('timeout', () => sent.destroy(new Error('no answer within 30 s')));
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
