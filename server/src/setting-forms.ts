/** Says what a setting must be: its test, and the words of a refusal. */
export interface Form {
  readonly fits: (value: string) => boolean;
  readonly words: string;
}

/** A literal reference of R4 to an Organization of this server. */
export const ORGANISATION: Form = {
  fits: (value) => /^Organization\/[A-Za-z0-9.-]{1,64}$/.test(value),
  words: 'Organization/<id>',
};

/** Clients append `/fhir` and `/auth` to it, so it ends before these and has no query. */
export const PUBLIC_URL: Form = {
  fits: (value) =>
    /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(value) &&
    URL.canParse(value) &&
    !/\/fhir\/*$/.test(value),
  words: 'an http or https URL without /fhir, such as https://fhir.example',
};

/** Base URLs of FHIR servers, separated by commas. */
export const BASES: Form = {
  fits: (value) =>
    value.split(',').every((part) => {
      const url = part.trim();
      return /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(url) && URL.canParse(url);
    }),
  words: 'base URLs such as https://fhir.example/r4, separated by commas',
};

/** Origins as a browser sends them (RFC 6454, section 6.2), separated by commas. */
export const ORIGINS: Form = {
  fits: (value) =>
    ['*', 'none'].includes(value) ||
    value.split(',').every((part) => {
      const origin = part.trim();
      return /^[a-z][a-z0-9+.-]*:\/\/[^/?#@*\s]+\/?$/i.test(origin) && URL.canParse(origin);
    }),
  words: '*, none or origins such as https://portal.example',
};

/** Origins of a value that has this form; `*` for all. */
export function originsOf(value: string): readonly string[] {
  if (value === 'none') return [];
  return value.split(',').map((origin) => origin.trim().replace(/\/$/, ''));
}

/** A token as RFC 6750 (section 2.1) sends it, too long to be guessed. */
export const TOKEN: Form = {
  fits: (value) => /^[A-Za-z0-9._~+/-]{32,}=*$/.test(value),
  words: '32 or more letters, digits and -._~+/',
};
