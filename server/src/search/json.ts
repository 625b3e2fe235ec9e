/** Looking at parsed JSON whose form nobody has checked. */
export type Json = Readonly<Record<string, unknown>>;

/** undefined for what is no text, and for the empty one, which R4 does not allow. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 ? value : undefined;
}

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}
