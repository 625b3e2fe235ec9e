import type { R4 } from '../../r4/r4.ts';

interface Log {
  readonly warn: (message: string) => void;
  readonly info: (facts: object, message: string) => void;
}

/** Tells what operators would otherwise miss: search parameters that are not what their guides say. */
export function tellOfParameters(
  log: Log,
  {
    registry,
    resourceTypes,
    packageParameters,
  }: Pick<R4, 'registry' | 'resourceTypes' | 'packageParameters'>,
): void {
  for (const fault of packageParameters.faults) {
    log.warn(`a search parameter of a package is not used: ${fault}`);
  }
  const eclipsed = resourceTypes.flatMap((type) =>
    [...registry.eclipsed(type)].map(([code, urls]) => `${type}.${code} (${urls.join(', ')})`),
  );
  if (eclipsed.length === 0) return;
  log.info({ eclipsed }, 'codes of R4 that guides define, too: the meaning of R4 stays');
}
