import type { Principal } from '../../auth/principal.ts';
import type { Reply } from '../../access/reply.ts';
import type { Services } from '../services.ts';
import { AnswerRoom } from './answer-room.ts';
import { batch } from './batch.ts';
import type { FindOperation } from './operation-call.ts';
import { readBundle } from './read-bundle.ts';
import type { Wish } from './respond.ts';
import { transaction } from './transaction.ts';

/** FHIR batch and transaction: http://hl7.org/fhir/R4/http.html#transaction */
export async function bundle(
  services: Services,
  principal: Principal,
  asked: {
    readonly body: Uint8Array;
    readonly wish: Wish;
    readonly operations: FindOperation;
    /** Bytes that its reads may answer together. */
    readonly maxAnswer: number;
  },
): Promise<Reply> {
  const { type, entries } = await readBundle(services.clock, asked.body);
  const act = type === 'batch' ? batch : transaction;
  return {
    status: 200,
    body: await act(services, principal, {
      ...asked,
      entries,
      room: new AnswerRoom(asked.maxAnswer),
    }),
  };
}
