/** A conformance resource or an example, as it goes into the package. */
export interface Compiled {
  readonly resourceType: string;
  readonly id: string;
  readonly url?: string;
  readonly version?: string;
  readonly title?: string;
  readonly name?: string;
  readonly meta?: { readonly profile?: readonly string[] };
}

interface Config {
  readonly id?: string;
  readonly canonical: string;
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly status?: string;
  readonly version?: string;
  readonly license?: string;
  readonly fhirVersion: readonly string[];
}

/** https://confluence.hl7.org/display/FHIR/NPM+Package+Specification */
export function manifest(config: Config): object {
  return {
    name: config.id,
    version: config.version,
    canonical: config.canonical,
    url: config.canonical,
    title: config.title,
    description: config.description?.trim(),
    fhirVersions: config.fhirVersion,
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    author: 'Chartseal',
    license: config.license,
    type: 'IG',
  };
}

/** Lists what the package holds: http://hl7.org/fhir/R4/implementationguide.html */
export function implementationGuide(config: Config, resources: readonly Compiled[]): Compiled {
  const guide = {
    resourceType: 'ImplementationGuide',
    id: config.id ?? '',
    url: `${config.canonical}/ImplementationGuide/${config.id ?? ''}`,
    ...(config.version === undefined ? {} : { version: config.version }),
    name: config.name ?? '',
    title: config.title ?? '',
    status: config.status,
    description: config.description?.trim(),
    packageId: config.id,
    license: config.license,
    fhirVersion: config.fhirVersion,
    definition: {
      resource: resources.map(({ resourceType, id, title, name, meta }) => {
        const [profile] = meta?.profile ?? [];
        const conformance = ['StructureDefinition', 'CodeSystem', 'ValueSet'].includes(
          resourceType,
        );
        return {
          reference: { reference: `${resourceType}/${id}` },
          name: title ?? name ?? id,
          ...(conformance ? { exampleBoolean: false } : {}),
          ...(profile === undefined || conformance ? {} : { exampleCanonical: profile }),
        };
      }),
    },
  };
  return guide;
}
