import type { Services } from '../../interactions/services.ts';
import { accessLog } from '../../operations/access-log.ts';
import { evidence } from '../../operations/evidence.ts';
import type { EvidenceMaker } from '../../provenance/evidence.ts';
import type { Subjects } from '../../provenance/subjects.ts';
import { resourceAs, versionOf } from '../request.ts';
import type { Route } from './route.ts';

/** What anyone can check offline: docs/architecture.md. */
export function evidenceRoutes(
  services: Services & { readonly evidence: EvidenceMaker; readonly subjects: Subjects },
): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/Patient/:id/$access-log',
      offers: {
        operation: '$access-log',
        definition: `${services.base}/OperationDefinition/access-log`,
        level: 'instance',
        types: ['Patient'],
      },
      act: (who, request) => accessLog(services, who, resourceAs('Patient', request)),
    },
    {
      method: 'GET',
      path: '/:type/:id/_history/:vid/$evidence',
      offers: {
        operation: '$evidence',
        definition: `${services.base}/OperationDefinition/evidence`,
        level: 'instance',
      },
      act: (who, request) => evidence(services, who, versionOf(services.r4, request)),
    },
  ];
}
