interface Waiting {
  readonly due: number;
  readonly act: () => void;
}

/** `setTimeout` of the whole process, held: what waits is done by `pass(ms)`, not by time; `release()` undoes it. */
export function stopTimers(): { pass(ms: number): void; release(): void } {
  const real = { setTimeout, clearTimeout };
  const waiting = new Map<object, Waiting>();
  let now = 0;
  const held = (act: () => void, ms = 0) => {
    const timer = { ref: () => timer, unref: () => timer, hasRef: () => true };
    waiting.set(timer, { due: now + Math.max(1, ms), act });
    return timer;
  };
  Object.assign(globalThis, {
    setTimeout: held,
    clearTimeout: (timer: object) => void waiting.delete(timer),
  });
  return {
    pass(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...waiting]
          .filter(([, { due }]) => due <= end)
          .sort(([, a], [, b]) => a.due - b.due);
        if (next === undefined) break;
        const [timer, { due, act }] = next;
        waiting.delete(timer);
        now = due;
        act();
      }
      now = end;
    },
    release: () => void Object.assign(globalThis, real),
  };
}
