import type { Book, Drawn } from './book.ts';
import { canariesIn } from './canaries.ts';
import { seen } from './expected.ts';
import type { Request } from './ways-out.ts';
import type { World } from './world.ts';

/** What came back. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** Canaries that it shows and the request did not. */
  readonly shown: ReadonlySet<string>;
  /** The request in short, for reports. */
  readonly input: string;
  readonly requestId: string;
}

/** Sends the requests of one run, and looks through every answer for what its caller may not see. */
export class Asking {
  readonly #world: World;
  readonly #book: Book;
  #sent = 0;

  constructor(world: World, book: Book) {
    this.#world = world;
    this.#book = book;
  }

  async send(drawn: Drawn, { method, path, headers, body }: Request): Promise<Answered> {
    this.#book.asked(drawn);
    const requestId = `closed-${(this.#sent += 1)}`;
    const answer = await this.#world.server.ask(drawn.actor.caller, method, path, {
      headers: { ...headers, 'x-request-id': requestId },
      ...(body !== undefined && { body }),
    });
    const input = `${method} ${path} ${JSON.stringify(headers ?? {})} ${body ?? ''}`.slice(0, 600);
    const sent = canariesIn(`${path} ${JSON.stringify(headers ?? {})} ${body ?? ''}`);
    const all = canariesIn(`${answer.text} ${JSON.stringify([...answer.headers])}`);
    const shown = new Set([...all].filter((canary) => !sent.has(canary)));
    const answered = { ...answer, shown, input, requestId };
    if (answer.status >= 500) {
      this.#book.fault(drawn, {
        kind: 'server error',
        input,
        expected: 'less than 500',
        got: `${answer.status} ${answer.text.slice(0, 300)}`,
      });
    }
    this.#lookThrough(drawn, answered);
    return answered;
  }

  #lookThrough(drawn: Drawn, { shown, text, status, input, requestId }: Answered): void {
    const patients = new Set<string>();
    for (const canary of shown) {
      const held = this.#world.owners.get(canary);
      if (held === undefined || seen(this.#world.rules, drawn.actor, held) === false) {
        const at = text.indexOf(canary);
        this.#book.fault(drawn, {
          kind: 'leak',
          input,
          expected: `nothing of ${held?.facts.type}/${held?.facts.id} (${held?.state.name})`,
          got: `${status} …${text.slice(Math.max(0, at - 150), at + 60)}`,
        });
      }
      if (held?.facts.of !== undefined) patients.add(held.facts.of);
    }
    for (const patient of patients) {
      this.#book.dues.push({ patient, request: requestId, drawn, input, written: false });
    }
  }
}
