import { customParameter, type CustomParameter } from '../../search/custom-parameter.ts';
import type { Registry } from '../../search/registry.ts';
import type { Packages } from './packages.ts';

/**
 * The search parameters that packages bring, as far as they can be indexed. Those that repeat one that R4 has for the
 * same type under its code are left out, as profiles on R4's parameters mean the same.
 */
export function packageParameters(
  packages: Packages,
  registry: Pick<Registry, 'parameters' | 'review'>,
): readonly CustomParameter[] {
  return packages.all('SearchParameter').flatMap((entry) => {
    const parameter = customParameter(entry.read());
    if (parameter === undefined) return [];
    const { bases, definition } = parameter;
    const repeats = bases.every((type) => registry.parameters(type).has(definition.code));
    return repeats || registry.review(parameter).length > 0 ? [] : [parameter];
  });
}
