const DAY = '(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?';
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<time>\\d\\d:\\d\\d:\\d\\d)';
/** The form to send, and the two older ones that are still to be understood. */
const FORMS = [
  `^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`,
  `^${DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`,
  `^${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`,
].map((form) => new RegExp(form));
/** Years of two digits are of 1970 to 2069. */
const PIVOT = 70;

/** Milliseconds since the epoch of an HTTP-date (RFC 9110, section 5.6.7); undefined for any other text. */
export function parseHttpDate(text: string): number | undefined {
  const found = FORMS.map((form) => form.exec(text.trim())?.groups).find((groups) => groups);
  if (found === undefined) return undefined;
  const { day = '', month = '', year = '', time = '' } = found;
  const short = Number(year) < PIVOT ? 2000 : 1900;
  const full = year.length === 2 ? short + Number(year) : Number(year);
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  const date = `${String(full).padStart(4, '0')}-${number}-${day.trim().padStart(2, '0')}`;
  const instant = Date.parse(`${date}T${time}Z`);
  // A day that the month has not would be taken for one of the next.
  if (Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== date) {
    return undefined;
  }
  return instant;
}
