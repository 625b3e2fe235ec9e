/** A page of the authorization server: no scripts, nothing from elsewhere, never framed. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/** The development login: who are you, and what may this app do for you? Posts `login` and `scope` to its own address. */
export function loginPage(question: {
  readonly app: string;
  readonly persons: readonly { readonly login: string; readonly name: string }[];
  readonly scopes: readonly string[];
  readonly purposes: readonly string[];
}): string {
  const persons = question.persons.map(
    ({ login, name }) =>
      `<label><input type="radio" name="login" value="${escape(login)}" required> ${escape(name)}</label>`,
  );
  const scopes = question.scopes.map(
    (scope) =>
      `<label><input type="checkbox" name="scope" value="${escape(scope)}" checked> <code>${escape(scope)}</code></label>`,
  );
  return page(
    'Development login',
    `<p>For development only: no password is asked.</p>
<form method="post">
<fieldset><legend>You are</legend>${persons.join('')}</fieldset>
<fieldset><legend>${escape(question.app)} may, for ${escape(question.purposes.join(', '))}</legend>${scopes.join('')}</fieldset>
<button name="answer" value="allow">Log in</button> <button name="answer" value="deny" formnovalidate>Cancel</button>
</form>`,
  );
}

export function errorPage(error: string, description: string): string {
  return page(
    'This did not work',
    `<p><code>${escape(error)}</code></p><p>${escape(description)}</p>`,
  );
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>body{font:16px/1.5 sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}label{display:block}fieldset{margin:1rem 0}</style>
</head><body><h1>${title}</h1>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
