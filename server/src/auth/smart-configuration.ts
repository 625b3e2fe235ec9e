/** Says what is enabled at the authorization server that the document points to. */
export interface SmartOptions {
  /** `http://127.0.0.1:8080/auth` */
  readonly issuer: string;
  /** Persons can log in (authorization code); otherwise backend services only. */
  readonly persons: boolean;
}

/**
 * `.well-known/smart-configuration` of SMART App Launch 2.2 for the embedded provider: it promises what is there.
 *
 * @rule smart-configuration
 */
export function smartConfiguration({
  issuer,
  persons,
}: SmartOptions): Readonly<Record<string, unknown>> {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    ...(persons ? { authorization_endpoint: `${issuer}/authorize` } : {}),
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    grant_types_supported: [...(persons ? ['authorization_code'] : []), 'client_credentials'],
    response_types_supported: persons ? ['code'] : [],
    token_endpoint_auth_methods_supported: ['private_key_jwt', ...(persons ? ['none'] : [])],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [
      ...(persons
        ? ['openid', 'fhirUser', 'launch/patient', 'patient/*.cruds', 'user/*.cruds']
        : []),
      'system/*.cruds',
    ],
    capabilities: [
      'client-confidential-asymmetric',
      'permission-v1',
      'permission-v2',
      ...(persons
        ? [
            ...['launch-standalone', 'client-public', 'sso-openid-connect'],
            ...['context-standalone-patient', 'permission-patient', 'permission-user'],
          ]
        : []),
    ],
  };
}
