import { FhirError, type Issue } from '../../fhir/errors.ts';

/** Says of an error which entry it belongs to: `Patient.name` becomes `Bundle.entry[3].resource.name`. */
export function atEntry(index: number, error: unknown): unknown {
  if (!(error instanceof FhirError)) return error;
  const entry = `Bundle.entry[${index}]`;
  const place = (expressions: readonly string[] | undefined): string[] =>
    (expressions ?? ['']).map((expression) => inside(entry, expression));
  const issues = error.issues?.map((issue): Issue => ({
    ...issue,
    diagnostics: `${entry}: ${issue.diagnostics}`,
    expression: place(issue.expression),
  }));
  return new FhirError(error.code, `${entry}: ${error.message}`, {
    expression: place(error.expression),
    ...(issues === undefined ? {} : { issues }),
    cause: error,
  });
}

/** Runs a step of this entry; what it throws names the entry. */
export async function atEntryOf<T>(
  { index }: { readonly index: number },
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw atEntry(index, error);
  }
}

function inside(entry: string, expression: string): string {
  if (expression.startsWith('Bundle.entry[')) return expression;
  if (expression === '') return entry;
  if (expression.startsWith('http.')) return `${entry}.request`;
  const dot = expression.indexOf('.');
  // A lone member name is one of the resource's; a lone type name is the resource.
  if (dot < 0)
    return /^[A-Z]/.test(expression) ? `${entry}.resource` : `${entry}.resource.${expression}`;
  return `${entry}.resource${expression.slice(dot)}`;
}
