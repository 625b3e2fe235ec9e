import { Refusal } from '@chartseal/evidence';
import { integer, text, type Shape } from '@chartseal/evidence/shape';

/** The simple values that arguments and state are made of. */

export const SUBJECT = /^[0-9a-f]{32}$/;
/** Pseudonym of a patient. */
export const subject = text(SUBJECT, '32 lower-case hex digits');
export const msp = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'an MSP id');
export const reference = text(/^[A-Z][A-Za-z]{1,63}\/[A-Za-z0-9.-]{1,64}$/, 'a relative reference');
export const code = text(/^(?=.{1,128}$)[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, 'a code');
export const uri = text(/^[\x21-\x7e]{1,512}$/, 'a URI');
export const resourceType = text(/^[A-Z][A-Za-z]{1,63}$/, 'a resource type');
/** A number that counts from 1: a version, an epoch. */
export const ordinal = integer(1);

const written = text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'an instant');

/** RFC 3339, UTC, with milliseconds: instants of one format compare as text. */
export const instant: Shape<string> = (value, path) => {
  const at = written(value, path);
  const parsed = Date.parse(at);
  if (!Number.isNaN(parsed) && new Date(parsed).toISOString() === at) return at;
  throw new Refusal(`${path} must be an instant`);
};
