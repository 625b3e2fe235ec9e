import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../access/reply.ts';
import type { Declared } from '../../operations/input.ts';
import type { RestRequest } from '../rest-request.ts';

/** A row of the FHIR API: where it is, what FHIR calls it, and what it does. Everything we say of the API is derived from the rows. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base; `:type`, `:id` and `:vid` stand for what they name, `:inside` for a type inside a compartment, or `*`. */
  readonly path: string;
  readonly offers: Interaction | Operation;
  readonly act: (principal: Principal, request: RestRequest) => Promise<Reply>;
  /** Refuses what can be refused of it without doing it. @throws FhirError */
  readonly check?: (request: RestRequest) => void;
  /** Tells of an operation whether this call of it changes data. */
  readonly changes?: (request: RestRequest) => boolean;
  /** It can be asked for by itself only, not as an entry of a Bundle. */
  readonly alone?: true;
  /** Bytes of the body, where it may be larger than a resource. */
  readonly bodyLimit?: number;
  /** The URL says nothing but how the answer is written. */
  readonly withoutParameters?: true;
  /** The body is the form of a search. */
  readonly form?: true;
  /** The body has media types of its own, which the act judges. */
  readonly anyMediaType?: true;
  /** The body is taken as it is, whatever it is. */
  readonly rawBody?: true;
  /** May run in the background, for a client that prefers it: `Prefer: respond-async`. */
  readonly background?: true;
  /** The answer may be no FHIR resource; the act judges whether the client takes it. */
  readonly anyRepresentation?: true;
}

export type Level = 'system' | 'type' | 'instance';

/** http://hl7.org/fhir/R4/http.html */
export interface Interaction {
  readonly interaction:
    | 'read'
    | 'vread'
    | 'update'
    | 'patch'
    | 'delete'
    | 'history'
    | 'create'
    | 'search'
    | 'batch-or-transaction';
  readonly level: Level;
  /** The row has, or is, the conditional form. */
  readonly conditional?: true;
  /** The conditional form may act on several resources. */
  readonly multiple?: boolean;
}

/** http://hl7.org/fhir/R4/operations.html */
export interface Operation {
  /** With its `$`. */
  readonly operation: string;
  /** Canonical URL of its OperationDefinition. */
  readonly definition: string;
  readonly level: Level;
  /** Absent: of every type; meaningless at system level. */
  readonly types?: readonly string[];
  /** It changes one resource, whose next version it makes: preconditions of it are judged. */
  readonly changesVersion?: true;
  /** Its parameters; absent where the act reads them itself. */
  readonly takes?: Declared;
}
