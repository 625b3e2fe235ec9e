import type { ElementDefinition } from 'fhir/r4.js';

/** Tells whether a path names the element of an id; a choice may be named by one of its types. */
export function isPathOf(
  { definition }: { readonly definition: ElementDefinition },
  segments: readonly string[],
  path: string,
): boolean {
  const names = segments.map((segment) => splitSegment(segment)[0]);
  const last = names.at(-1) ?? '';
  const above = path.slice(0, path.lastIndexOf('.') + 1);
  const own = path.slice(above.length);
  if (
    above !==
    names
      .slice(0, -1)
      .map((name) => `${name}.`)
      .join('')
  ) {
    // Somewhere on the way a choice is named by its type.
    return names.some((name) => name.endsWith('[x]'));
  }
  if (own === last || !last.endsWith('[x]')) return own === last;
  return (definition.type ?? []).some(({ code }) => own === choiceName(last, code));
}

export function choiceName(segment: string, code: string): string {
  return segment.slice(0, -'[x]'.length) + code.charAt(0).toUpperCase() + code.slice(1);
}

/** `coding:main/inner` as `coding` and `main/inner`. */
export function splitSegment(segment: string): readonly [name: string, slice: string | undefined] {
  const colon = segment.indexOf(':');
  return colon < 0 ? [segment, undefined] : [segment.slice(0, colon), segment.slice(colon + 1)];
}

interface Placed {
  readonly element: ElementDefinition;
  readonly path: readonly string[];
}

/** Tells where elements belong: by their ids, or by path and slice name where a definition leaves the ids out. */
export function segmentsOf(elements: readonly ElementDefinition[]): Placed[] {
  const slices = new Map<string, string>();
  return elements.map((element) => {
    const names = element.path.split('.');
    if (element.id?.split('.').length === names.length) {
      return { element, path: element.id.split('.') };
    }
    for (const path of slices.keys()) if (!isBelow(element.path, path)) slices.delete(path);
    if (element.sliceName !== undefined) slices.set(element.path, element.sliceName);
    const path = names.map((name, index) => {
      const slice = slices.get(names.slice(0, index + 1).join('.'));
      return slice === undefined ? name : `${name}:${slice}`;
    });
    return { element, path };
  });
}

function isBelow(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`);
}
