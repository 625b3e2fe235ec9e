import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A built chaincode: the file to run and the SHA-256 (hex) over its code. */
export interface ChaincodeProgram {
  readonly main: string;
  readonly digest: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** @throws Error when the chaincode has not been built. */
export async function builtChaincode(root: string = ROOT): Promise<ChaincodeProgram> {
  const built = join(root, 'chaincode', 'dist');
  const main = join(built, 'main.js');
  if (!existsSync(main)) throw new Error('the chaincode is not built: run `npm run build` first');
  // The function that the chaincode process itself measures with, so that both mean the same code.
  const { codeDigest } = (await import(pathToFileURL(join(built, 'code-digest.js')).href)) as {
    codeDigest: (root: string) => string;
  };
  return { main, digest: codeDigest(root) };
}
