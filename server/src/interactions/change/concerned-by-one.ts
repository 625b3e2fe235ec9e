import type { Whose } from '../../r4/whose.ts';
import type { Led, Lookups } from './follow-clues.ts';

/** Says what came of looking for whom one resource concerns. */
interface State {
  readonly outcome: 'told' | 'silent' | 'nobody';
  /** Elements that say of somebody, but not of whom. */
  readonly unclear: readonly string[];
}

/** Adds whom one resource concerns, what it carries apart. */
export async function concerned(
  lookups: Lookups,
  whose: Whose,
  owners: Set<string>,
): Promise<State> {
  for (const patient of whose.patients) owners.add(patient);
  add(owners, await lookups.follow(whose.contained));
  const told = await lookups.follow(whose.told);
  const isTold = add(owners, told);
  if (whose.concern === 'never') return ofThings(whose);
  if (addNamed(owners, whose)) return TOLD;
  const about = await lookups.follow(whose.about);
  const isAbout = add(owners, about);
  const open = about.filter(isUnknown);
  if (open.length === 0 && (isAbout || isTold)) return TOLD;
  const unclear = [...open, ...(isTold ? [] : told.filter(isUnknown))];
  const led = await lookups.follow(whose.leads());
  const isLed = add(owners, led) || whose.patients.length > 0;
  if (unclear.length > 0) return unclearBy(unclear);
  if (isLed) return TOLD;
  // A thing that is nobody's may be given to a patient: what tells of a patient's thing must not be open until then.
  const things = [...about, ...told].filter(({ isThing }) => isThing === true);
  if (things.length > 0 && whose.concern === 'always') return unclearBy(things);
  return about.length + told.length > 0 ? ofNobody(led) : silence(whose);
}

const TOLD: State = { outcome: 'told', unclear: [] };
const NOBODY: State = { outcome: 'nobody', unclear: [] };
const SILENT: State = { outcome: 'silent', unclear: [] };

const isUnknown = (led: Led): boolean => led.isUnknown;

function unclearBy(found: readonly Led[]): State {
  return { outcome: 'told', unclear: found.map(({ element }) => element) };
}

/** Tells whether there was anybody. */
function add(owners: Set<string>, found: readonly Led[]): boolean {
  const patients = found.flatMap((each) => each.patients);
  for (const patient of patients) owners.add(patient);
  return patients.length > 0;
}

/** The same of those whom it names plainly. */
function addNamed(owners: Set<string>, { about }: Whose): boolean {
  const named = about.flatMap((clue) => (clue.kind === 'patient' ? [clue.id] : []));
  for (const patient of named) owners.add(patient);
  return named.length > 0;
}

/** It is about no patient, unless by what it contains. */
function ofThings({ holds, patients, within }: Whose): State {
  return holds && patients.length + within.length === 0 ? SILENT : NOBODY;
}

/** It says that it is about a thing; something else in it may lead to a patient yet. */
function ofNobody(led: readonly Led[]): State {
  const waiting = led.filter(isUnknown);
  return waiting.length > 0 ? unclearBy(waiting) : NOBODY;
}

function silence({ concern }: Whose): State {
  return concern === 'if-named' ? NOBODY : SILENT;
}
