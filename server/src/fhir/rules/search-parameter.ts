import type { ProseRule } from './prose-rule.ts';

/** http://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression: it starts at one of the bases. */
export const checkExpression: ProseRule = ({ base, expression }, { report }) => {
  if (!Array.isArray(base) || typeof expression !== 'string') return;
  if (base.includes('Resource') || base.includes('DomainResource')) return;
  for (const part of expression.split('|')) {
    const type = /^\s*\(*([A-Z][A-Za-z]+)\./.exec(part)?.[1];
    if (type !== undefined && type !== 'Resource' && !base.includes(type)) {
      report('invalid', `The expression is about ${type}, which is no base`, '.expression');
    }
  }
};
