/** A name that came from outside, fit to be shown back in a message: short, printable ASCII. */
export function printable(name: string): string {
  return name
    .slice(0, 64)
    .toWellFormed()
    .replace(/[^\x20-\x7e]/g, '?');
}
