import { customParameter, type CustomParameter } from '../search/custom-parameter.ts';
import type { Registry } from '../search/registry.ts';
import type { PackageEntry } from '../fhir/packages/package.ts';
import type { Packages } from '../fhir/packages/packages.ts';

export interface PackageParameters {
  readonly usable: readonly CustomParameter[];
  /** One line for each that is active and cannot be used: which, and why. */
  readonly faults: readonly string[];
}

type Reading = { readonly parameter: CustomParameter } | { readonly fault: string } | undefined;

/**
 * The search parameters that packages bring. One that cannot be used keeps none of the others from use; of several that
 * define the same code of a type that of the first URL is used.
 */
export function packageParameters(
  packages: Packages,
  registry: Pick<Registry, 'official' | 'review'>,
): PackageParameters {
  const usable: CustomParameter[] = [];
  const faults: string[] = [];
  const used = new Map<string, string>();
  const entries = packages
    .all('SearchParameter')
    .filter((entry) => packages.find('SearchParameter', entry.url) === entry)
    .sort((a, b) => (a.url < b.url ? -1 : 1));
  for (const entry of entries) {
    const reading = readParameter(entry, registry);
    if (reading === undefined) continue;
    if ('fault' in reading) {
      faults.push(`${entry.url}: ${reading.fault}`);
      continue;
    }
    usable.push(reading.parameter);
    const { bases, definition } = reading.parameter;
    const { code, url } = definition;
    for (const base of bases.filter((each) => !registry.official(each).has(code))) {
      const first = used.get(`${base} ${code}`) ?? url;
      used.set(`${base} ${code}`, first);
      if (first !== url) faults.push(`${url}: ${base} has ${code} by ${first} already`);
    }
  }
  return { usable, faults };
}

function readParameter(entry: PackageEntry, registry: Pick<Registry, 'review'>): Reading {
  try {
    const resource = entry.read();
    const parameter = customParameter(resource);
    if (parameter === undefined) {
      return resource['status'] === 'active' ? { fault: 'it has no code or no type' } : undefined;
    }
    const errors = registry.review(parameter).filter(({ severity }) => severity === 'error');
    if (errors.length === 0) return { parameter };
    return { fault: [...new Set(errors.map(({ diagnostics }) => diagnostics))].join('; ') };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
