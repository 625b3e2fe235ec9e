import { objectsOf } from '../rule.ts';
import type { Json } from '../rule.ts';
import type { ProseRule } from './prose-rule.ts';

/** http://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen: not by what is inside of it. */
export const checkEnableWhen: ProseRule = (item, { report }) => {
  const conditions = objectsOf(item['enableWhen']);
  if (conditions.length === 0) return;
  const inside = new Set(linksIn(item));
  conditions.forEach(({ question }, index) => {
    if (!inside.has(question)) return;
    const text = 'An item cannot depend on itself or on an item inside of it';
    report('business-rule', text, `.enableWhen[${index}].question`);
  });
};

function linksIn(item: Json): readonly unknown[] {
  return [item['linkId'], ...objectsOf(item['item']).flatMap(linksIn)];
}
