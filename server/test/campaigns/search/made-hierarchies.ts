import type { Json } from '../../oracle/official.ts';

/** Trees of organizations, locations and encounters, of which one is a ring, and resources that refer into them. */
export function madeHierarchies(): readonly Json[] {
  return [
    ...tree('Organization', 'Patient'),
    ...tree('Location', 'Procedure', 'PractitionerRole'),
    ...tree('Encounter', 'Procedure', 'Condition'),
  ];
}

const SIZE = 7;

/** Each but the first is part of another: 1 and 2 of 0, 3 and 4 of 1, 5 and 6 of 2; the last two are parts of each other. */
function tree(type: string, ...from: readonly string[]): readonly Json[] {
  const id = (i: number): string => `made-tree-${i}`;
  const at = (i: number): Json => ({ reference: `${type}/${id(i)}` });
  const parent = (i: number): number =>
    i === SIZE - 1 ? SIZE : i === SIZE ? SIZE - 1 : (i - 1) >> 1;
  const parts = Array.from({ length: SIZE + 1 }, (_, i): Json => ({
    resourceType: type,
    id: id(i),
    ...(i > 0 && { partOf: at(parent(i)) }),
  }));
  const others = from.flatMap((other) =>
    parts.map((_, i): Json => ({
      resourceType: other,
      id: `made-in-${type}-${i}`,
      ...REFERENCES[`${other} ${type}`]?.(at(i)),
    })),
  );
  return [...parts, ...others];
}

const REFERENCES: Readonly<Record<string, (to: Json) => Json>> = {
  'Patient Organization': (to) => ({ managingOrganization: to }),
  'Procedure Location': (to) => ({ location: to }),
  'PractitionerRole Location': (to) => ({ location: [to] }),
  'Procedure Encounter': (to) => ({ encounter: to }),
  'Condition Encounter': (to) => ({ encounter: to }),
};
