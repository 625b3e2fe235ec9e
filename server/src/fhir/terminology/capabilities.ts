import type { TerminologyCapabilities } from 'fhir/r4.js';
import type { Terminology } from './terminology.ts';

export interface TerminologyFacts {
  /** ISO instant or date from which the statement holds. */
  readonly date: string;
  /** Names of the parameters of `ValueSet/$expand`. */
  readonly parameters: readonly string[];
}

/**
 * Returns what `metadata?mode=terminology` says: http://hl7.org/fhir/R4/terminologycapabilities.html
 *
 * @rule TerminologyCapabilities
 */
export function terminologyCapabilities(
  terminology: Pick<Terminology, 'systems'>,
  base: string,
  { date, parameters }: TerminologyFacts,
): TerminologyCapabilities {
  return {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date,
    kind: 'instance',
    description:
      'Code systems and value sets of FHIR R4 and of the packages that this server loaded; besides, those that are ' +
      'stored here as resources, which are not listed.',
    software: { name: 'Chartseal' },
    implementation: { description: 'Terminology of this server', url: base },
    codeSystem: [...terminology.systems()].map(([uri, versions]) => ({
      uri,
      ...(versions.length === 0
        ? {}
        : { version: versions.map((code, index) => ({ code, isDefault: index === 0 })) }),
    })),
    expansion: {
      hierarchical: false,
      paging: true,
      incomplete: false,
      parameter: parameters.map((name) => ({ name })),
      textFilter: 'Each word of the filter begins a word of a name of the concept, or its code.',
    },
    validateCode: { translations: true },
    translation: { needsMap: true },
  };
}
