import type { Code, Interval, ResourceFacts } from '@chartseal/chaincode';
import { timeRange } from '../fhir/instant.ts';
import { resemblesOwn } from '../fhir/own-base.ts';
import { parseReference, referenceTarget, type ParsedReference } from '../fhir/reference.ts';

/** Any R4 resource as parsed JSON, valid by base R4. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * When it happened; the first of these that is present, in the resource or in its `collection`, counts. A `[x]` stands for
 * DateTime, Instant, Period and Date.
 */
const CLINICAL_TIMES = [
  ...['effective[x]', 'occurrence[x]', 'performed[x]', 'onset[x]', 'serviced[x]', 'collected[x]'],
  ...['identified[x]', 'timing[x]', 'start[x]', 'created[x]', 'authored', 'dateWritten'],
  ...['started', 'whenHandedOver', 'whenPrepared', 'period', 'servicePeriod', 'actualPeriod'],
  ...['billablePeriod', 'start', 'authoredOn', 'date', 'dateAsserted', 'recordedDate', 'recorded'],
  ...['issued', 'created', 'sent', 'dateTime', 'occurredPeriod', 'occurredDateTime'],
  ...['recordedOn', 'receivedTime'],
];
const TIME_KINDS = ['DateTime', 'Instant', 'Period', 'Date'];

/** Resource types without a clinical time. */
const TIMELESS = new Set([
  ...['Patient', 'Person', 'RelatedPerson', 'Practitioner', 'PractitionerRole', 'Organization'],
  ...['OrganizationAffiliation', 'Location', 'HealthcareService', 'Endpoint', 'Device', 'Group'],
  ...['Medication', 'Substance', 'DeviceMetric', 'BodyStructure', 'InsurancePlan', 'Schedule'],
]);

const AUTHORS = [
  ...['author', 'asserter', 'dataEnterer', 'enterer', 'informationSource', 'performer'],
  ...['recorder', 'requester', 'sender', 'agent'],
];

/** Returns what residual rules ask of a resource. `base`: absolute references below it are ours. */
export function factsOf(resource: Json, base?: string): ResourceFacts {
  const type = String(resource['resourceType']);
  const found = nothingFound(false);
  walk(resource, found, base);
  const date = dateOf(resource);
  const authors = nothingFound(true);
  for (const name of AUTHORS) walk(resource[name], authors, base);
  return {
    labels: found.labels,
    codes: found.codes,
    ...(date === undefined ? {} : { date }),
    timeless: TIMELESS.has(type),
    reference: `${type}/${String(resource['id'])}`,
    references: [...found.references],
    authors: [...authors.references],
    ...(found.unclear || authors.unclear
      ? { unclear: { references: found.unclear, authors: authors.unclear } }
      : {}),
  };
}

interface FoundFacts {
  readonly labels: Code[];
  readonly codes: Code[];
  readonly references: Set<string>;
  /** Something is referred to in a way that does not tell what it is. */
  unclear: boolean;
  /** By its id no contained resource tells whom it stands for. Where all that is contained is looked at, it does. */
  readonly besideContained: boolean;
}

function nothingFound(besideContained: boolean): FoundFacts {
  return { labels: [], codes: [], references: new Set(), unclear: false, besideContained };
}

/** Contained resources count: what they are labelled, the whole is. */
function walk(value: unknown, found: FoundFacts, base: string | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, found, base);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const element = value as Json;
  if (typeof element['reference'] === 'string') {
    const target = referenceTarget(element['reference'], base);
    if (target !== undefined) found.references.add(target);
    found.unclear ||= isUnclear(parseReference(element['reference'], base), found, base);
  }
  const code = codeOf(element);
  if (code !== undefined) found.codes.push(code);
  for (const [name, member] of Object.entries(element)) {
    if (name === 'meta') found.labels.push(...labelsOf(member));
    else walk(member, found, base);
  }
}

/** Tells whether it may lead to what a consent names: it is neither plainly ours nor plainly of another server. */
function isUnclear(
  parsed: ParsedReference | undefined,
  { besideContained }: FoundFacts,
  base: string | undefined,
): boolean {
  switch (parsed?.kind) {
    case 'local':
      return false;
    case 'contained':
      return besideContained;
    case 'absolute':
      return (
        !/^https?:/i.test(parsed.url) || (base !== undefined && resemblesOwn(parsed.url, base))
      );
    default:
      return true;
  }
}

/** The security labels in a `meta`. */
export function labelsOf(meta: unknown): readonly Code[] {
  const security = (meta as { security?: unknown } | null)?.security;
  if (!Array.isArray(security)) return [];
  return security.flatMap((coding: unknown) => codeOf(coding as Json) ?? []);
}

function codeOf(element: Json): Code | undefined {
  const { code, system } = element;
  if (typeof code !== 'string') return undefined;
  return { ...(typeof system === 'string' ? { system } : {}), code };
}

/** When it happened, as far as it says so. */
export function dateOf(resource: Json): Interval | undefined {
  // A Specimen has it there, and what is made from a body.
  const { collection } = resource as { readonly collection?: Json };
  for (const name of CLINICAL_TIMES) {
    const stem = name.replace('[x]', '');
    const names = stem === name ? [name] : TIME_KINDS.map((kind) => stem + kind);
    const value = names
      .map((candidate) => resource[candidate] ?? collection?.[candidate])
      .find((one) => one !== undefined);
    if (value !== undefined) return intervalOf(value);
    // A time that is told in words or as an age is not told by when it was written down.
    if (stem !== name && isToldOtherwise(resource, stem)) {
      return timingOf(resource[`${stem}Timing`]);
    }
  }
  return undefined;
}

/** Tells whether an element `[x]` of this stem is there in a form that is no date. */
function isToldOtherwise(resource: Json, stem: string): boolean {
  return Object.keys(resource).some(
    (name) => name.startsWith(stem) && /^[A-Z]/.test(name.slice(stem.length)),
  );
}

/** From the first to the last of what a Timing names; one that repeats without bounds tells nothing. */
function timingOf(timing: unknown): Interval | undefined {
  const { event, repeat } = (timing ?? {}) as { readonly event?: unknown; readonly repeat?: Json };
  const times = Array.isArray(event) ? event.filter((each) => typeof each === 'string') : [];
  if (times.length === 0) return intervalOf(repeat?.['boundsPeriod']);
  const sorted = times.toSorted();
  return bounds(sorted[0], sorted.at(-1));
}

function intervalOf(value: unknown): Interval | undefined {
  if (typeof value === 'string') return bounds(value, value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { start, end } = value as Json;
  if (start === undefined && end === undefined) return undefined;
  return bounds(start, end);
}

function bounds(start: unknown, end: unknown): Interval | undefined {
  const from = typeof start === 'string' ? timeRange(start)?.from : undefined;
  const to = typeof end === 'string' ? timeRange(end)?.to : undefined;
  if (from === undefined && to === undefined) return undefined;
  return {
    ...(from === undefined ? {} : { start: new Date(from).toISOString() }),
    ...(to === undefined ? {} : { end: new Date(to - 1).toISOString() }),
  };
}
