import type { ResidualCriteria, ResidualRule } from './decision.ts';

/**
 * Puts the exceptions of a rule that is not about the request into its place: each applies where the rule would have.
 * Where both have criteria of one kind no single rule says that both must match: a permit is lost then, which leaves
 * the data to other consents and the policy, and a deny keeps its own criteria alone.
 */
export function liftExceptions(
  when: ResidualCriteria | undefined,
  exceptions: readonly ResidualRule[],
): readonly ResidualRule[] {
  if (when === undefined) return exceptions;
  return exceptions.flatMap((exception) => {
    const inner = exception.when ?? {};
    if (!Object.keys(when).some((kind) => kind in inner)) {
      return [{ ...exception, when: { ...when, ...inner } }];
    }
    return exception.effect === 'deny' ? [exception] : [];
  });
}
