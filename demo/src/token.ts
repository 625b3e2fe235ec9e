import { parseArgs } from 'node:util';
import { getToken } from './get-token.ts';
import { people } from './personas.ts';
import { TokenError } from './token-request.ts';

const usage = `Usage: npm run --silent token -- <persona> [options]
Prints an access token of a persona of the demonstration.

  --server <name>     organisation whose server it is for (default: hospital)
  --scope "<scopes>"  SMART scopes to ask for (default: all of the persona's)
  --purpose "<codes>" purposes of use, codes of v3-ActReason (default: the persona's own, mostly TREAT)
  --data <folder>     data folder of the running servers (default: $CHARTSEAL_DATA or .data)

Personas: ${Object.keys(people).join(', ')}`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      server: { type: 'string' },
      scope: { type: 'string' },
      purpose: { type: 'string' },
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [persona, ...more] = positionals;
  if (values.help === true) {
    console.log(usage);
  } else if (persona === undefined || more.length > 0) {
    throw new TokenError(`Exactly one persona is needed.\n${usage}`);
  } else {
    const variable = process.env['CHARTSEAL_DATA'];
    const { data = variable === '' ? undefined : variable, server, scope, purpose } = values;
    if (data?.trim() === '') throw new TokenError('--data needs the name of a folder');
    const token = await getToken(persona, {
      ...(data === undefined ? {} : { dataDir: data }),
      ...(server === undefined ? {} : { server }),
      ...(scope === undefined ? {} : { scope }),
      ...(purpose === undefined ? {} : { purpose }),
    });
    process.stdout.write(`${token}\n`);
  }
} catch (error) {
  const { message, cause, code } = error as Error & { readonly code?: string };
  const expected = error instanceof TokenError || /^ERR_PARSE_ARGS/.test(code ?? '');
  const detail = cause instanceof Error ? `: ${cause.message}` : '';
  console.error(expected ? message : `There is no token (${message}${detail})`);
  process.exitCode = 1;
}
