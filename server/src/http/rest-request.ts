import type { FastifyRequest } from 'fastify';

/** What a row of the API needs to know of a request: one of HTTP, or an entry of a Bundle that stands for one. */
export type RestRequest = Pick<FastifyRequest, 'method' | 'url' | 'params' | 'headers' | 'body'>;
