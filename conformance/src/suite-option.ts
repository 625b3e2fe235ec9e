/**
 * Returns what was written as `--name=value` for a suite; undefined when it was not.
 *
 * @throws Error when it is not of the form
 */
export function suiteOption(name: string, form: RegExp): string | undefined {
  const prefix = `--${name}=`;
  const value = process.argv.find((word) => word.startsWith(prefix))?.slice(prefix.length);
  if (value !== undefined && !form.test(value))
    throw new Error(`--${name}=${value} cannot be used: it must match ${form.source}`);
  return value;
}

/** A whole number that was written for a suite. */
export function suiteNumber(name: string, usual: number): number {
  return Number(suiteOption(name, /^\d+$/) ?? usual);
}
