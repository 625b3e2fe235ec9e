import { bundle } from '../../interactions/bundle/bundle.ts';
import type { Services } from '../../interactions/services.ts';
import { bodyOf, preferOf } from '../request.ts';
import type { Route } from './route.ts';

/** Batch and transaction: http://hl7.org/fhir/R4/http.html#transaction */
export function bundleRoutes(
  services: Services,
  limit: { readonly maxBundle: number },
): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/',
      background: true,
      bodyLimit: limit.maxBundle,
      offers: { interaction: 'batch-or-transaction', level: 'system' },
      // `Prefer: return` is about the entries here.
      act: (who, request) =>
        bundle(services, who, {
          body: bodyOf(request),
          wish: {
            representation: preferOf(request) === 'representation',
            outcome: preferOf(request) === 'OperationOutcome',
          },
        }),
    },
  ];
}
