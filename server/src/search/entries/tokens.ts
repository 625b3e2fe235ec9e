import { foldPhrase } from '../fold.ts';
import type { Convert } from '../finding.ts';
import { list, object, text } from '../json.ts';
import type { Json } from '../json.ts';
import type { IndexEntry } from '../query.ts';

const token =
  (systemOf: (value: Json) => unknown, codeOf: (value: Json) => unknown): Convert =>
  ({ param, value }, emit) => {
    const code = text(codeOf(object(value)));
    const system = text(systemOf(object(value))) ?? null;
    if (code !== undefined) emit({ kind: 'token', param, system, code });
  };
export const plainToken: Convert = ({ param, value, system }, emit) => {
  const code = typeof value === 'boolean' ? String(value) : text(value);
  if (code !== undefined) emit({ kind: 'token', param, system: text(system) ?? null, code });
};
/** R4 compares elements of type string without case. */
export const caselessToken: Convert = (finding, emit) => {
  const code = text(finding.value);
  if (code !== undefined) plainToken({ ...finding, value: code.toLowerCase() }, emit);
};
/** Texts that `:text` looks in (R4 search.html#token) are strings under `<code>:text`. */
const tokenText = (param: string, value: unknown, emit: (entry: IndexEntry) => void): void => {
  const found = text(value);
  if (found === undefined) return;
  emit({ kind: 'string', param: `${param}:text`, value: found, folded: foldPhrase(found) });
};
const bareCoding = token(
  (value) => value['system'],
  (value) => value['code'],
);
export const coding: Convert = (finding, emit) => {
  bareCoding(finding, emit);
  tokenText(finding.param, object(finding.value)['display'], emit);
};
export const codeableConcept: Convert = (finding, emit) => {
  const concept = object(finding.value);
  for (const value of list(concept['coding'])) coding({ ...finding, value }, emit);
  tokenText(finding.param, concept['text'], emit);
};
export const bareIdentifier = token(
  (value) => value['system'],
  (value) => value['value'],
);
/** `:of-type` names system and code of the type, then the value: tokens under `<code>:of-type`. */
export const identifier: Convert = (finding, emit) => {
  const { param } = finding;
  bareIdentifier(finding, emit);
  const found = object(finding.value);
  const type = object(found['type']);
  tokenText(param, type['text'], emit);
  const value = text(found['value']);
  if (value === undefined) return;
  for (const each of list(type['coding'])) {
    const [system, code] = [text(object(each)['system']), text(object(each)['code'])];
    if (code === undefined) continue;
    emit({
      kind: 'token',
      param: `${param}:of-type`,
      system: system ?? null,
      code: typedValue(code, value),
    });
  }
};

/** A media type without its parameters, under `<code>:below` (R4 search.html#mimetype). */
export const mediaType: Convert = ({ param, value }, emit) => {
  const code = baseOfMediaType(text(value) ?? '');
  if (code !== '') emit({ kind: 'token', param: `${param}:below`, system: null, code });
};

export function baseOfMediaType(written: string): string {
  return (written.split(';')[0] ?? '').trim().toLowerCase();
}

/** Code of its type and value of an identifier as one text. */
export function typedValue(code: string, value: string): string {
  return JSON.stringify([code, value]);
}

/** As the string that its value is. */
export const contactPoint: Convert = (finding, emit) =>
  caselessToken({ ...finding, value: object(finding.value)['value'] }, emit);
