import type { FastifyRequest } from 'fastify';
import type { Preconditions } from '../interactions/conditions/preconditions.ts';

/** Holds what a row of the API needs to know of a request: one of HTTP, or an entry of a Bundle that stands for one. */
export type RestRequest = Pick<FastifyRequest, 'method' | 'url' | 'params' | 'headers' | 'body'> & {
  /** Holds the conditions of an entry, which has no headers to say them in. */
  readonly preconditions?: Preconditions;
};
