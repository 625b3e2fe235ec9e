import { checkBundle } from './bundle.ts';
import { checkCanonicalUrl, checkComposedSystem } from './canonical.ts';
import { checkCodeSystem } from './code-system.ts';
import { checkCode, checkMappedCodes } from './coding.ts';
import { checkDocument } from './document.ts';
import { checkAttachment, checkExtensionUrl, checkIdentifier } from './datatypes.ts';
import { checkIds } from './ids.ts';
import { checkEnableWhen } from './questionnaire.ts';
import { checkExpression } from './search-parameter.ts';
import type { ProseRule } from './prose-rule.ts';

const BY_TYPE: ReadonlyMap<string, readonly ProseRule[]> = new Map<string, readonly ProseRule[]>([
  ['Attachment', [checkAttachment]],
  ['Bundle', [checkBundle, checkDocument]],
  ['CodeSystem', [checkCodeSystem]],
  ['Coding', [checkCode]],
  ['ConceptMap.group', [checkMappedCodes]],
  ['Extension', [checkExtensionUrl]],
  ['Identifier', [checkIdentifier]],
  ['Quantity', [checkCode]],
  ['Questionnaire.item', [checkEnableWhen]],
  ['SearchParameter', [checkExpression]],
  ['ValueSet.compose.include', [checkComposedSystem]],
]);
const OF_RESOURCES: readonly ProseRule[] = [checkIds, checkCanonicalUrl];

/** The rules of R4's text on a type; `Resource` has those on every resource. */
export function proseRules(type: string): readonly ProseRule[] {
  return type === 'Resource' ? OF_RESOURCES : (BY_TYPE.get(type) ?? []);
}
