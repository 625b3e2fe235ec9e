import { JsonCursor } from './json-cursor.ts';

/** A string value in a JSON text. */
export interface JsonString {
  /** Member names and indices from the root; valid during the call only. */
  readonly path: readonly (string | number)[];
  /** The text between the quotes, escapes as they stand. */
  readonly raw: string;
}

/**
 * Replaces string values of a JSON text that passed the scan and leaves every other character as it is. `visit` is
 * called for each string value in order of the text, and returns what is to stand between its quotes, escaped, or
 * undefined to leave it. The text itself is returned when nothing is replaced.
 */
export function replaceStrings(
  text: string,
  visit: (found: JsonString) => string | undefined,
): string {
  const cursor = new JsonCursor(text);
  const path: (string | number)[] = [];
  let result = '';
  let copied = 0;
  /** The next string is a member's name. */
  let naming = false;
  for (;;) {
    switch (cursor.next()) {
      case 'string': {
        const raw = text.slice(cursor.from + 1, cursor.to - 1);
        if (naming) {
          path[path.length - 1] = decodeString(raw);
          naming = false;
          break;
        }
        const replacement = visit({ path, raw });
        if (replacement === undefined) break;
        result += text.slice(copied, cursor.from + 1) + replacement;
        copied = cursor.to - 1;
        break;
      }
      case '{':
        path.push('');
        naming = true;
        break;
      case '[':
        path.push(0);
        naming = false;
        break;
      case '}':
      case ']':
        path.pop();
        naming = false;
        break;
      case ',': {
        const step = path[path.length - 1];
        if (typeof step === 'number') path[path.length - 1] = step + 1;
        else naming = true;
        break;
      }
      case 'end':
        return copied === 0 ? text : result + text.slice(copied);
      default:
    }
  }
}

/** Returns what the text between the quotes of a JSON string stands for. */
export function decodeString(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** A string as it stands between the quotes of a JSON string. */
export function encodeString(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}
