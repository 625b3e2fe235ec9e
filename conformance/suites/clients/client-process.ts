import type { ClientEnvironment, STEPS } from './steps.ts';

/** @throws Error naming what is missing */
export function clientEnvironment(): ClientEnvironment {
  const read = (name: keyof ClientEnvironment): string => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    HOSPITAL: read('HOSPITAL'),
    PHARMACY: read('PHARMACY'),
    SYSTEM_TOKEN: read('SYSTEM_TOKEN'),
    PHARMACIST_TOKEN: read('PHARMACIST_TOKEN'),
    DISPENSER_TOKEN: read('DISPENSER_TOKEN'),
  };
}

/** Reports a step to the suite. */
export function done(step: (typeof STEPS)[number]): void {
  console.log(`done ${step}`);
}
