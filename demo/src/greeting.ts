import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { LaunchOptions, ServerPlan } from './launch-plan.ts';

export interface PersonaSummary {
  readonly organisation: string;
  readonly reference: string;
}

/** `.data/ready.json`: what other programs need to find the servers, the trust anchors and the personas. */
export function writeReadyFile(
  options: LaunchOptions,
  plans: readonly ServerPlan[],
  personas: Readonly<Record<string, PersonaSummary>>,
): void {
  const [first] = plans;
  const ready = {
    organisations: plans.map((plan) => ({
      name: plan.organisation.name,
      fhir: plan.fhir,
      msp: plan.organisation.msp,
      trust: relative(options.root, plan.trust),
    })),
    ledger: options.ledger,
    trust: first === undefined ? '' : relative(options.root, first.trust),
    personas,
  };
  writeFileSync(join(options.dataDir, 'ready.json'), `${JSON.stringify(ready, undefined, 2)}\n`);
}

/** Says what each persona can try first, as a path below the hospital's FHIR base. */
const firstTries: Readonly<Record<string, string>> = {
  system: 'Patient/demo-a',
  doctor: 'Observation?patient=demo-a&code=8867-4&_sort=-date',
  'other-doctor': 'Patient/demo-a',
  patient: 'Patient/demo-a/$access-log',
  'other-patient': 'Patient/demo-b',
  pharmacist: 'MedicationRequest?patient=demo-a',
  insurer: 'Patient/demo-a',
  lab: 'Observation?patient=demo-a',
  researcher: 'Observation?patient=demo-a',
  auditor: 'Patient/demo-a/$access-log',
  admin: 'Organization',
};

export function greeting(
  options: LaunchOptions,
  plans: readonly ServerPlan[],
  personas: Readonly<Record<string, PersonaSummary>>,
): string {
  const base = plans[0]?.fhir ?? '';
  const own = options.dataDir === join(options.root, '.data');
  const folder = own ? '' : ` --data ${options.dataDir}`;
  const lines = ['', 'FHIR servers'];
  for (const plan of plans) lines.push(`  ${plan.organisation.name.padEnd(14)} ${plan.fhir}`);
  lines.push('', 'Personas, each with something to try');
  for (const [name, persona] of Object.entries(personas)) {
    lines.push(`  ${name.padEnd(14)} ${persona.reference} of the ${persona.organisation}`);
    lines.push(
      `    curl -H "Authorization: Bearer $(npm run --silent token -- ${name}${folder})" '${base}/${firstTries[name] ?? 'metadata'}'`,
    );
  }
  lines.push('', `Logs are in ${join(options.dataDir, 'logs')}. Ctrl-C stops everything.`);
  return lines.join('\n');
}
