import { covers, parseScope } from '../scopes.ts';
import type { AppEntry, ClientEntry, PersonEntry } from './directory.ts';

/** Asks to be told which patient the token is for. */
const LAUNCH_PATIENT = 'launch/patient';

/** Words of a requested `scope` that the registration covers; the rest is left out. */
export function grantable(scope: string | undefined, client: ClientEntry): readonly string[] {
  return words(scope).filter(
    (word) => isCovered(word, client.scopes) || (word === LAUNCH_PATIENT && client.kind === 'app'),
  );
}

/** Returns the scopes among them that this person may pass on. */
export function grantableBy(
  scope: string | undefined,
  app: AppEntry,
  person: PersonEntry,
): readonly string[] {
  return grantable(scope, app).filter(
    (word) =>
      isCovered(word, person.scopes) || (word === LAUNCH_PATIENT && person.patient !== undefined),
  );
}

function isCovered(word: string, registered: readonly string[]): boolean {
  const asked = parseScope(word);
  if (asked === undefined) return false;
  return registered.some((each) => {
    const granted = parseScope(each);
    return granted !== undefined && covers(granted, asked);
  });
}

function words(scope: string | undefined): readonly string[] {
  return [...new Set(scope?.split(' ').filter((word) => word !== ''))];
}
