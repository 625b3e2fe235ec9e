import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';
import { Background } from '../interactions/background/background.ts';
import { JobStore } from '../interactions/background/job-store.ts';
import { ShownNotes } from '../access/shown-notes.ts';
import type { Ambient, Part } from './ambient.ts';
import type { StorePart } from './store.ts';

export interface BackgroundPart extends Part {
  readonly shownNotes: ShownNotes;
  readonly background: Background;
}

/** Requests that are answered later, and what is noted of their answers to judge them again. */
export function makeBackground(
  { asyncKeep }: Pick<Config, 'asyncKeep'>,
  { store }: StorePart,
  by: Ambient & { readonly base: string; readonly log: FastifyBaseLogger },
): BackgroundPart {
  const { base, clock, random, log } = by;
  const shownNotes = new ShownNotes();
  const background = new Background({
    base,
    jobs: new JobStore(store, random),
    shownNotes,
    clock,
    random,
    keep: asyncKeep * 1000,
    failed: (error) => log.error({ err: error }, 'a request in the background'),
  });
  return { shownNotes, background, close: () => background.stop() };
}
