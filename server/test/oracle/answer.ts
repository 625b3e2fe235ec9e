/** True, false, or undefined where the specification leaves both to the server. */
export type Answer = boolean | undefined;

export function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer;
}

/** Kleene's conjunction: false wins over unknown. */
export function every<T>(items: Iterable<T>, judge: (item: T) => Answer): Answer {
  let all: Answer = true;
  for (const item of items) {
    const answer = judge(item);
    if (answer === false) return false;
    if (answer === undefined) all = undefined;
  }
  return all;
}

/** Kleene's disjunction: true wins over unknown. */
export function some<T>(items: Iterable<T>, judge: (item: T) => Answer): Answer {
  return not(every(items, (item) => not(judge(item))));
}

/** What several permitted readings agree on. */
export function agreed(...readings: readonly Answer[]): Answer {
  return readings.every((reading) => reading === readings[0]) ? readings[0] : undefined;
}
