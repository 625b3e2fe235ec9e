/** Longest time, in milliseconds, that long work keeps others waiting. */
const TURN = 8;

/** Lets other work of the process have its turn now and then: call it between the steps of something long. */
export function breather(clock: () => number): () => Promise<void> {
  let since = clock();
  return async () => {
    if (clock() - since < TURN) return;
    await new Promise((resolve) => setImmediate(resolve));
    since = clock();
  };
}
