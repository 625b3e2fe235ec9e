import type { RouteParts } from '../../src/http/routes/routes.ts';
import { fhirApi } from '../../src/http/routes/routes.ts';
import { shownPath } from '../../src/http/routes/path.ts';
import type { Route } from '../../src/http/routes/route.ts';

/** Stands for services, which nobody asks anything while the rows are only looked at. */
const NOBODY: unknown = new Proxy(() => undefined, { get: () => NOBODY, apply: () => NOBODY });

/** Returns the requests that the rows of the FHIR API take, by what FHIR calls them. */
export function requestsByName(): ReadonlyMap<string, readonly string[]> {
  const services = { base: '', r4: NOBODY } as RouteParts['services'];
  const background = NOBODY as RouteParts['background'];
  const requests = new Map<string, Set<string>>();
  for (const row of fhirApi({ services, background, maxBundle: 0 })) {
    for (const name of namesOf(row.offers)) {
      const request = `${row.method} ${shownPath(row.path) || '/'}`;
      requests.set(name, (requests.get(name) ?? new Set()).add(request));
    }
  }
  return new Map([...requests].map(([name, of]) => [name, [...of].toSorted()]));
}

/** Names of http://hl7.org/fhir/R4/http.html, and of operations. */
function namesOf(offers: Route['offers']): readonly string[] {
  if ('operation' in offers) return [offers.operation];
  const { interaction, level, conditional } = offers;
  if (interaction === 'batch-or-transaction') return ['batch', 'transaction'];
  if (interaction === 'history' || interaction === 'search') return [`${interaction}-${level}`];
  const named = level === 'type' && interaction !== 'create' ? [] : [interaction];
  return conditional === true ? [...named, `conditional ${interaction}`] : named;
}
