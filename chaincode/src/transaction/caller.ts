import type { Context } from './contract-api.ts';
import { ContractError } from './errors.ts';

/** MSP id of the calling organisation, from its certificate. @throws ContractError `caller-not-allowed` unless it is a server */
export function callingOrganisation(ctx: Context): string {
  if (!ctx.clientIdentity.assertAttributeValue('fhir.role', 'server')) {
    throw new ContractError('caller-not-allowed', 'the certificate must carry fhir.role=server');
  }
  return ctx.clientIdentity.getMSPID();
}
