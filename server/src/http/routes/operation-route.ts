import type { Principal } from '../../auth/principal.ts';
import type { R4 } from '../../r4/r4.ts';
import type { Reply } from '../../access/reply.ts';
import { readInput, type Declared, type Input } from '../../operations/input.ts';
import { called } from '../request.ts';
import type { RestRequest } from '../rest-request.ts';
import type { Operation, Route } from './route.ts';

/** A row of an operation that says which parameters it takes. */
export interface OperationRow extends Omit<Route, 'act' | 'check' | 'changes' | 'offers'> {
  readonly offers: Operation & { readonly takes: Declared };
  readonly act: (principal: Principal, request: RestRequest, input: Input) => Promise<Reply>;
  /** Absent: no call of it changes data. */
  readonly changes?: (input: Input) => boolean;
}

/** The row, its parameters read before anything is done: what it does not take is refused here, for all operations alike. */
export function operationRoute(r4: R4, { act, changes, ...row }: OperationRow): Route {
  const inputOf = (request: RestRequest): Input => readInput(r4, called(request), row.offers.takes);
  return {
    ...row,
    act: async (who, request) => act(who, request, inputOf(request)),
    check: (request) => void inputOf(request),
    ...(changes && { changes: (request: RestRequest) => changes(inputOf(request)) }),
  };
}
