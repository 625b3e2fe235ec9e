import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  CLAIMS,
  verifyEvidence,
  type ClaimName,
  type Verification,
} from './verify/verify-evidence.ts';

const USAGE = 64;
const UNREADABLE = 66;
const FIRST_CLAIM_CODE = 10;

const MEANING: { readonly [claim in ClaimName]: string } = {
  format: 'the file does not hold a bundle in its canonical form',
  anchors: 'the trust anchors are unusable, or not those it was made for',
  content: 'the bytes of the version are not those that were committed',
  leaf: 'the log entry is not one of this version',
  inclusion: "the log entry is not in the organisation's log",
  append: "the organisation did not sign the log's transaction",
  endorsed: 'peers of too few organisations signed its result',
  ordered: 'too few orderers signed the block that holds it',
  signed: 'the development ledger did not sign the block',
  author: 'it was not written by whom the evidence names, or the evidence hides who wrote it',
};

const HELP = `chartseal verify <bundle.json> --trust <anchors.json> [--resource <file>] [--json]

Checks offline that a version of a FHIR resource is the one recorded on the ledger.

  <bundle.json>       evidence as the server gives it at …/_history/{version}/$evidence
  --trust <file>      trust anchors of the channel, from a source you trust (not from that server)
  --resource <file>   also require that this file holds exactly the bytes of the version
  --json              print the result as JSON

Every claim is printed as PASS or FAIL, then what even passing claims do not prove. White space and a byte order mark
around the evidence are passed over, with a NOTE; around the bytes of --resource they are a difference.

Exit codes
   0  verified
${CLAIMS.map((claim) => `  ${claimCode(claim)}  ${claim}: ${MEANING[claim]}`).join('\n')}
  ${USAGE}  wrong usage
  ${UNREADABLE}  a file cannot be read
When several claims fail, the code is that of the first.
`;

/**
 * The command line: `chartseal verify …`.
 *
 * @param argv what follows the program's name
 * @returns the exit code
 */
export function main(argv: readonly string[]): Promise<number> {
  return Promise.resolve(run(argv));
}

function run(argv: readonly string[]): number {
  const parsed = readArguments(argv);
  if (parsed === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  if (typeof parsed === 'string') {
    process.stderr.write(`chartseal: ${parsed}\nTry: chartseal --help\n`);
    return USAGE;
  }
  const files: Uint8Array[] = [];
  for (const path of parsed.paths) {
    try {
      files.push(readFileSync(path));
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      process.stderr.write(`chartseal: cannot read ${path} (${code})\n`);
      return UNREADABLE;
    }
  }
  const [bundle, anchors, resource] = files;
  const result = verifyEvidence(bundle, anchors, resource === undefined ? {} : { resource });
  const code = exitCode(result);
  const report = parsed.json
    ? `${JSON.stringify({ ...result, code }, null, 2)}\n`
    : lines(result, code);
  process.stdout.write(report);
  return code;
}

interface Arguments {
  /** Bundle, anchors and perhaps the resource. */
  readonly paths: readonly string[];
  readonly json: boolean;
}

/** Arguments, what is wrong with them, or undefined when help is asked for. */
function readArguments(argv: readonly string[]): Arguments | string | undefined {
  const options = {
    trust: { type: 'string' },
    resource: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [command, bundle, ...rest] = positionals;
    if (values.help || command === 'help') return undefined;
    if (command !== 'verify') return command ? `unknown command "${command}"` : 'no command given';
    if (bundle === undefined) return 'no evidence file given';
    if (rest.length > 0) return 'verify takes one evidence file';
    if (values.trust === undefined) return 'no trust anchors given (--trust <file>)';
    const resource = values.resource === undefined ? [] : [values.resource];
    return { paths: [bundle, values.trust, ...resource], json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : 'wrong arguments';
  }
}

function claimCode(claim: ClaimName): number {
  return FIRST_CLAIM_CODE + CLAIMS.indexOf(claim);
}

function exitCode({ claims }: Verification): number {
  const failed = claims.find(({ verdict }) => verdict === 'fail');
  return failed === undefined ? 0 : claimCode(failed.claim);
}

function lines({ verified, claims, notes, notProved }: Verification, code: number): string {
  const rows = claims.map(
    ({ claim, verdict, text }) => `${verdict.toUpperCase()}  ${claim.padEnd(10)} ${text}`,
  );
  const passedOver = notes.map((text) => `NOTE             ${text}`);
  const open = verified ? notProved.map((text) => `NOT PROVED       ${text}`) : [];
  const end = `${verified ? 'VERIFIED' : 'NOT VERIFIED'}  exit ${code}`;
  return [...rows, ...passedOver, ...open, end, ''].join('\n');
}
