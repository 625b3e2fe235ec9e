import type { StructureDefinition } from 'fhir/r4.js';
import { derivedTree, ProfileFault } from './element-tree.ts';
import type { FindStructure } from './element-tree.ts';
import { isObject } from './item.ts';
import type { Item } from './item.ts';
import type { Standing } from './scene.ts';

/** Checks whether the differential of a StructureDefinition can be applied to what it is based on. */
export function checkDefinition(item: Item, find: FindStructure, { report }: Standing): void {
  if (!isObject(item.value) || item.value['derivation'] !== 'constraint') return;
  const structure = item.value as unknown as StructureDefinition;
  if (structure.differential === undefined || structure.kind === 'logical') return;
  const base = find(structure.baseDefinition ?? '');
  if (base === undefined) return;
  if (base.kind !== structure.kind) {
    const at = `${item.path}.kind`;
    const diagnostics = `${at}: It is based on a ${base.kind}, and cannot be a ${structure.kind}`;
    report({ severity: 'error', code: 'structure', diagnostics, expression: [at] });
    return;
  }
  try {
    derivedTree(structure, find);
  } catch (error) {
    if (!(error instanceof ProfileFault)) throw error;
    const at = `${item.path}.differential`;
    const diagnostics = `${at}: ${error.message}`;
    report({ severity: 'error', code: 'structure', diagnostics, expression: [at] });
  }
}
