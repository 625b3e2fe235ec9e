import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = ['chaincode', 'evidence'] as const;

/**
 * SHA-256 (hex) of the code that decides: every `.js` file under `chaincode/dist` and `evidence/dist` and both
 * package.json files, sorted by path, each framed by the length and bytes of its path and of its content.
 *
 * @param root folder that holds `chaincode/` and `evidence/`, both built
 */
export function codeDigest(root: string): string {
  const paths = PACKAGES.flatMap((name) => [
    `${name}/package.json`,
    ...readdirSync(join(root, name, 'dist'), { recursive: true, encoding: 'utf8' })
      .map((path) => `${name}/dist/${path.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.js')),
  ]).sort();
  const digest = createHash('sha256');
  for (const path of paths) {
    frame(digest, Buffer.from(path, 'utf8'));
    frame(digest, readFileSync(join(root, path)));
  }
  return digest.digest('hex');
}

/** SHA-256 (hex) of what organisations approve: the code, and the members by which it sets policies of keys. */
export function approvedDigest(code: string, members: string): string {
  return createHash('sha256').update(`${code}\n${members}`).digest('hex');
}

function frame(digest: ReturnType<typeof createHash>, bytes: Buffer): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(bytes.length));
  digest.update(length).update(bytes);
}
