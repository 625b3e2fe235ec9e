import { existsSync, readdirSync } from 'node:fs';
import { loadPackages } from '@chartseal/server/packages';

/**
 * Names of the FHIR packages at these absolute paths, `hl7.fhir.us.core#7.0.0`: read before anything is started, so that
 * not four servers fail for one wrong path.
 * @throws Error, a sentence that names the path
 */
export function givenPackages(paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    if (!existsSync(path))
      throw new Error(`There is no FHIR package ${path}: no such file or folder.`);
    if (path.includes(',')) {
      throw new Error(`A FHIR package cannot be loaded from ${path}: the path has a comma in it.`);
    }
    const [name = path] = loadPackages([path]).names;
    // A folder needs no package.json, but something to load.
    if (name === path && !readdirSync(path).some((file) => file.endsWith('.json'))) {
      throw new Error(`${path} is no FHIR package: there is no JSON file in it.`);
    }
    return name;
  });
}
