import { bundle } from '../../interactions/bundle/bundle.ts';
import type { FindOperation } from '../../interactions/bundle/operation-call.ts';
import type { Services } from '../../interactions/services.ts';
import { bodyOf, preferOf } from '../request.ts';
import type { Route } from './route.ts';

/** Batch and transaction: http://hl7.org/fhir/R4/http.html#transaction */
export function bundleRoutes(
  services: Services,
  by: { readonly maxBundle: number; readonly operations: FindOperation },
): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/',
      background: true,
      withoutParameters: true,
      bodyLimit: by.maxBundle,
      offers: { interaction: 'batch-or-transaction', level: 'system' },
      // `Prefer: return` is about the entries here.
      act: (who, request) =>
        bundle(services, who, {
          body: bodyOf(request),
          operations: by.operations,
          maxAnswer: by.maxBundle,
          wish: {
            representation: preferOf(request) === 'representation',
            outcome: preferOf(request) === 'OperationOutcome',
          },
        }),
    },
  ];
}
