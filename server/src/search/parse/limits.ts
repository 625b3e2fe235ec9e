import { isWhere } from './contained-asked.ts';
import { splitOr } from './value-text.ts';
import { lengthInLink, LONGEST_QUERY } from '../links.ts';
import { costly } from '../refusals.ts';
import { isControl } from './controls.ts';

/** Says how much one query may ask for. */
const MOST_CRITERIA = 64;
const MOST_VALUES = 512;
/** Characters of one of the values. */
const LONGEST_VALUE = 8192;
const LONGEST_NAME = 512;

/** Refuses what costs too much to read, or to write into a link. @throws FhirError `too-costly`, naming the parameter */
export function assertAskable(pairs: readonly (readonly [string, string])[]): void {
  let criteria = 0;
  let values = 0;
  let written = 0;
  for (const [name, value] of pairs) {
    written += lengthInLink([name, value]);
    if (written > LONGEST_QUERY) {
      throw costly(name, `together they would make a link of over ${LONGEST_QUERY} characters`);
    }
    const here = value.length > 0 ? value.split(',').length : 0;
    if (!isControl(name) && !isWhere(name)) values += here;
    if (++criteria > MOST_CRITERIA)
      throw costly(name, `there are over ${MOST_CRITERIA} parameters`);
    if (Math.max(values, here) > MOST_VALUES)
      throw costly(name, `there are over ${MOST_VALUES} values`);
    if (name.length > LONGEST_NAME) throw costly(name, 'the name is too long');
    if (value.length > LONGEST_VALUE && splitOr(value).some((it) => it.length > LONGEST_VALUE)) {
      throw costly(name, `a value has over ${LONGEST_VALUE} characters`);
    }
  }
}
