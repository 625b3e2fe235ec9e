/** A string value in a JSON text. */
export interface JsonString {
  /** Member names and indices from the root; valid during the call only. */
  readonly path: readonly (string | number)[];
  /** The text between the quotes, escapes as they stand. */
  readonly raw: string;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Replaces string values of a JSON text that passed the scan and leaves every other character as it is. `visit` is
 * called for each string value in order of the text, and returns what is to stand between its quotes, escaped, or
 * undefined to leave it. The text itself is returned when nothing is replaced.
 */
export function replaceStrings(
  text: string,
  visit: (found: JsonString) => string | undefined,
): string {
  const path: (string | number)[] = [];
  let result = '';
  let copied = 0;
  /** The next string is a member's name. */
  let naming = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = closingQuote(text, at);
        const raw = text.slice(at + 1, end);
        if (naming) {
          path[path.length - 1] = decodeString(raw);
          naming = false;
        } else {
          const replacement = visit({ path, raw });
          if (replacement !== undefined) {
            result += text.slice(copied, at + 1) + replacement;
            copied = end;
          }
        }
        at = end;
        break;
      }
      case 0x7b:
        path.push('');
        naming = true;
        break;
      case 0x5b:
        path.push(0);
        naming = false;
        break;
      case 0x7d:
      case 0x5d:
        path.pop();
        naming = false;
        break;
      case 0x2c: {
        const step = path[path.length - 1];
        if (typeof step === 'number') path[path.length - 1] = step + 1;
        else naming = true;
        break;
      }
      default:
    }
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** What the text between the quotes of a JSON string stands for. */
export function decodeString(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** A string as it stands between the quotes of a JSON string. */
export function encodeString(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function closingQuote(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((end - escapes) % 2 === 0) return end;
  }
}
