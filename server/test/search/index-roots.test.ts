import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { mayHaveValue } from '../../src/search/indexing/index-roots.ts';
import { indexEntries } from '../../src/search/indexing/index-values.ts';
import { BASE, r4 } from '../support/r4.ts';

const { registry } = r4;

function asked(type: string, resource: object): string[] {
  const all = [...registry.indexed(type).values()];
  return all
    .filter((parameter) => mayHaveValue(parameter, { resourceType: type, ...resource }))
    .map(({ code }) => code)
    .sort();
}

describe('parameters that may have a value', () => {
  it('are those about what stands in the resource', () => {
    const quantity = { valueQuantity: { value: 1 } };
    assert.deepEqual(asked('Observation', {}), []);
    assert.deepEqual(asked('Observation', quantity), ['combo-value-quantity', 'value-quantity']);
    assert.deepEqual(asked('Patient', { photo: [] }), ['deceased']);
  });

  it('are composites of what stands in the resource itself or in one element', () => {
    const coded = asked('Observation', { code: { text: 'x' } });
    assert.ok(coded.includes('code-value-quantity'));
    const components = asked('Observation', { component: [{}] });
    assert.ok(components.includes('component-code-value-quantity'));
    assert.ok(!components.includes('code-value-quantity'));
  });

  it('are all that get an entry, in every type, of a resource that has next to nothing', () => {
    for (const type of r4.resourceTypes) {
      const entries = indexEntries({ resourceType: type }, registry, { baseUrl: BASE });
      const codes = entries.flatMap((entry) => (entry.kind === 'text' ? [] : [entry.param]));
      assert.deepEqual([...new Set(codes)].sort(), asked(type, {}), type);
    }
  });
});
