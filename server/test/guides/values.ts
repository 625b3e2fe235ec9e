/** How a resource answers to a search parameter: `query` finds it with `hit` in it, and does not with `miss`. */
export interface Answering {
  /** Different ways to ask the same; several values of one way must all hold. */
  readonly query: readonly (readonly string[])[];
  readonly hit: object;
  readonly miss: object;
}

export const loinc = 'http://loinc.org';
export const snomed = 'http://snomed.info/sct';
export const hl7 = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;
export const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

/** A reference that the guides allow to be asked for by id and by type and id. */
export function reference(
  element: string,
  [type, id]: readonly [type: string, id: string] = ['Patient', 'guide'],
): Answering {
  return {
    query: [[id], [`${type}/${id}`]],
    hit: { [element]: { reference: `${type}/${id}` } },
    miss: { [element]: { reference: `${type}/other` } },
  };
}

/** A token that the guides allow to be asked for with and without its system, and as one of several. */
export function token(
  system: string,
  [hit, miss]: readonly [hit: string, miss: string],
  wrap: (code: string) => object,
): Answering {
  const query = [[hit], [`${system}|${hit}`], [`${system}|none,${system}|${hit}`]];
  return { query, hit: wrap(hit), miss: wrap(miss) };
}

export const concept = (
  element: string,
  system: string,
  codes: readonly [hit: string, miss: string],
): Answering => token(system, codes, (code) => ({ [element]: coded(system, code) }));

export const concepts = (
  element: string,
  system: string,
  codes: readonly [hit: string, miss: string],
): Answering => token(system, codes, (code) => ({ [element]: [coded(system, code)] }));

/** A plain code. */
export function plain(
  element: string,
  [hit, miss]: readonly [hit: string, miss: string],
): Answering {
  return {
    query: [[hit], [`none,${hit}`]],
    hit: { [element]: hit },
    miss: { [element]: miss },
  };
}

/** A day: by the day, and by all comparators that the guides name, to the day and to the second. */
export function date(wrap: (day: string) => object): Answering {
  return {
    query: [
      ['2023-05-17'],
      ['ge2023-05-17', 'le2023-05-17'],
      ['gt2023-05-16', 'lt2023-05-18'],
      ['ge2023-05-17T00:00:00Z', 'lt2023-05-18T00:00:00+00:00'],
    ],
    hit: wrap('2023-05-17'),
    miss: wrap('1990-01-01'),
  };
}

export const day = (element: string): Answering => date((value) => ({ [element]: value }));

export function text(
  [hit, miss]: readonly [hit: string, miss: string],
  wrap: (value: string) => object,
): Answering {
  return {
    query: [[hit], [hit.toLowerCase()], [hit.slice(0, 3)]],
    hit: wrap(hit),
    miss: wrap(miss),
  };
}
