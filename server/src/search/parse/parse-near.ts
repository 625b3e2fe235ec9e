import { canonicalUnit } from '@chartseal/fhirpath/ucum';
import type { Filter } from '../query.ts';
import { chordOf, spherePoint } from '../sphere.ts';
import { bad } from '../refusals.ts';
import { splitAt, unescapeValue } from './value-text.ts';

/** Says what is near when nobody says how near. */
const METRES = 50_000;

/** Units that people write beside those of UCUM, in metres. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1_000,
  mi: 1_609.344,
  mile: 1_609.344,
  miles: 1_609.344,
  ft: 0.3048,
  yd: 0.9144,
  nmi: 1_852,
};

const DECIMAL = /^[-+]?\d{1,20}(?:\.\d{1,20})?$/;

/**
 * `latitude|longitude|distance|unit`, kilometres unless told: https://hl7.org/fhir/R4/location.html#search
 *
 * @rule near
 */
export function nearFilter(text: string, param: string): Filter {
  const [north, east, distance = '', unit = '', ...more] = splitAt(text, '|').map(unescapeValue);
  const latitude = decimal(north);
  const longitude = decimal(east);
  if (more.length > 0 || latitude === undefined || longitude === undefined)
    throw bad(param, 'the form is latitude|longitude|distance|unit');
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
    throw bad(param, 'there is no such place');
  const length = distance === '' ? undefined : decimal(distance);
  const metre = metresOf(unit);
  if ((distance !== '' && length === undefined) || (length ?? 0) < 0)
    throw bad(param, 'the distance is no number from 0 on');
  if (metre === undefined) throw bad(param, 'the unit is none of length');
  const metres = length === undefined ? METRES : length * metre;
  return { op: 'near', param, ...spherePoint(latitude, longitude), chord: chordOf(metres) };
}

/** A `+` that was not percent-encoded arrives as a space. */
function decimal(text = ''): number | undefined {
  const plain = text.replace(/^ /, '+');
  return DECIMAL.test(plain) ? Number(plain) : undefined;
}

function metresOf(unit: string): number | undefined {
  const known = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (known !== undefined) return known;
  const found = canonicalUnit(unit);
  return found?.dimension === canonicalUnit('m')?.dimension ? found?.convert(1) : undefined;
}
