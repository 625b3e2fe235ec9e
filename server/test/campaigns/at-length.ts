/** How a test is added: `it` of the test runner, or a list of our own. */
export type AddTest = (title: string, act: () => Promise<void>) => unknown;

/** Runs tests one after the other in this process, without a runner; a failed one makes the exit code 1. */
export async function runAtLength(add: (it: AddTest) => void): Promise<void> {
  const tests: { readonly title: string; readonly act: () => Promise<void> }[] = [];
  add((title, act) => void tests.push({ title, act }));
  for (const { title, act } of tests) {
    const began = performance.now();
    const failure: unknown = await act().then(
      () => undefined,
      (error: unknown) => error ?? new Error('failed without a reason'),
    );
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${failure === undefined ? 'PASS' : 'FAIL'}  ${title} (${seconds} s)`);
    if (failure === undefined) continue;
    console.error(failure);
    process.exitCode = 1;
  }
}
