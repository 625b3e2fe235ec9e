/** Holds what a client learns from `.well-known/smart-configuration`, and what it asks for. */
export interface TokenRequest {
  /** FHIR base of the server. */
  readonly fhir: string;
  readonly issuer: string;
  readonly tokenUrl: string;
  /** Absent where persons cannot log in. */
  readonly authorizeUrl: string | undefined;
  readonly scope: string;
  readonly purpose: string | undefined;
}

/** Something the person at the keyboard can put right; the message says how. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** @throws TokenError with the server's own words unless it answered with a token */
export async function tokenOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok && typeof body['access_token'] === 'string') return body['access_token'];
  const { error } = body;
  throw refusal(
    typeof error === 'string' ? error : `HTTP ${response.status}`,
    body['error_description'],
  );
}

export function refusal(error: string, description: unknown): TokenError {
  const detail = typeof description === 'string' ? `: ${description}` : '';
  return new TokenError(`The authorization server refuses (${error}${detail})`);
}
