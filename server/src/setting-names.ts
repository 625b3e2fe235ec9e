/** Says what variables were called before. A server that is started with an old name says the new one. */
const RENAMED: Readonly<Record<string, string>> = {
  CHARTSEAL_ORGANISATION: 'CHARTSEAL_ORGANISATION_NAME',
  CHARTSEAL_ORGANIZATION: 'CHARTSEAL_ORGANISATION_REFERENCE',
};

/** Every variable of the server that begins with `CHARTSEAL_`. */
const SETTINGS = [
  'CHARTSEAL_ASYNC_KEEP',
  'CHARTSEAL_BASE_ALIASES',
  'CHARTSEAL_CONDITIONAL_DELETE',
  'CHARTSEAL_CONSENT_EVIDENCE',
  'CHARTSEAL_CORS_ORIGINS',
  'CHARTSEAL_DEFINITIONS',
  'CHARTSEAL_DEVELOPMENT',
  'CHARTSEAL_DIRECTORY',
  'CHARTSEAL_KEYS',
  'CHARTSEAL_LEDGER',
  'CHARTSEAL_LOG_LEVEL',
  'CHARTSEAL_MAX_BODY',
  'CHARTSEAL_MAX_BUNDLE',
  'CHARTSEAL_METRICS_TOKEN',
  'CHARTSEAL_MSP',
  'CHARTSEAL_ORGANISATION_NAME',
  'CHARTSEAL_ORGANISATION_REFERENCE',
  'CHARTSEAL_PACKAGES',
  'CHARTSEAL_PAGE_LINKS',
  'CHARTSEAL_PATIENT_IDENTIFIER_SYSTEMS',
  'CHARTSEAL_POLICY',
  'CHARTSEAL_PUBLIC_URL',
  'CHARTSEAL_REFERENCES',
  'CHARTSEAL_STORE',
  'CHARTSEAL_TRUST',
  'CHARTSEAL_UNASSIGNED',
] as const;

export type SettingName = (typeof SETTINGS)[number] | 'HOST' | 'PORT';

/** Names of other programs of the project, which a server may find in the environment that it inherits. */
const OF_OTHERS: readonly string[] = ['CHARTSEAL_DATA', 'CHARTSEAL_TEST_NETWORK'];

/** Kubernetes gives these to every pod beside a service whose name begins with `chartseal-`. */
const OF_A_SERVICE = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/;

/** Typing errors by which a name is still taken for a known one. */
const SLIPS = 2;

type Environment = Readonly<Record<string, string | undefined>>;

/** Lines about the variables `CHARTSEAL_…` that mean nothing: old names, and those that are no setting. */
export function wrongNames(environment: Environment): readonly string[] {
  const given = Object.keys(environment).filter(
    (name) => name.startsWith('CHARTSEAL_') && environment[name] !== undefined,
  );
  return given.flatMap((name) => {
    if (Object.hasOwn(RENAMED, name)) return [`${name} is called ${RENAMED[name] ?? ''} now`];
    if ([...SETTINGS, ...OF_OTHERS].includes(name) || isOfAService(name, environment[name]))
      return [];
    const near = nearest(name);
    return [`${name} is no setting${near === undefined ? '' : `: is ${near} meant?`}`];
  });
}

/** True of a setting that is given by the name that it had before. */
export function isGivenByOldName(name: SettingName, environment: Environment): boolean {
  return Object.keys(RENAMED).some(
    (old) => RENAMED[old] === name && environment[old] !== undefined,
  );
}

function isOfAService(name: string, value: string | undefined): boolean {
  return OF_A_SERVICE.test(name) || (name.endsWith('_PORT') && /^\w+:\/\//.test(value ?? ''));
}

function nearest(name: string): string | undefined {
  const [first] = SETTINGS.map((setting) => ({ setting, slips: distance(name, setting) })).sort(
    (a, b) => a.slips - b.slips,
  );
  return first !== undefined && first.slips <= SLIPS ? first.setting : undefined;
}

/** Characters to insert, delete or replace until the one text is the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const [left = 0, above = 0, corner = 0] = [next[j - 1], row[j], row[j - 1]];
      next.push(Math.min(left + 1, above + 1, corner + same));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
