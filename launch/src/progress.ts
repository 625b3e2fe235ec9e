import { Listr, type ListrTask } from 'listr2';

/** One thing that has to be done, with a way to say where it stands. */
export interface Step {
  readonly title: string;
  /** Returns what to show beside the title when done, if anything. */
  readonly run: (report: (state: string) => void) => Promise<string | undefined>;
}

/** Does steps in order, the steps of one group at once; shows a list on a terminal and plain lines elsewhere. */
export async function runSteps(
  groups: readonly (readonly Step[])[],
  print: (line: string) => void,
): Promise<void> {
  for (const group of groups) {
    if (process.stdout.isTTY) await onTerminal(group);
    else await Promise.all(group.map((step) => asLines(step, print)));
  }
}

async function onTerminal(group: readonly Step[]): Promise<void> {
  const tasks = group.map((step): ListrTask => ({
    title: step.title,
    task: async (_context, task) => {
      const began = performance.now();
      const outcome = await step.run((state) => (task.output = state));
      task.title = `${step.title} ${summary(outcome, began)}`;
    },
  }));
  await new Listr(tasks, { concurrent: true, registerSignalListeners: false }).run();
}

/** Milliseconds between lines that differ in their numbers only. */
const COUNT_INTERVAL = 15_000;

async function asLines(step: Step, print: (line: string) => void): Promise<void> {
  const began = performance.now();
  let last = '';
  print(`${step.title} …`);
  let counted = began;
  const outcome = await step.run((state) => {
    if (state === last) return;
    // A count that runs up is worth a line now and then only.
    const isCount = withoutNumbers(state) === withoutNumbers(last);
    last = state;
    if (isCount && performance.now() - counted < COUNT_INTERVAL) return;
    counted = performance.now();
    print(`  ${step.title}: ${state}`);
  });
  print(`${step.title}: done ${summary(outcome, began)}`);
}

function withoutNumbers(state: string): string {
  return state.replace(/\d+/g, '');
}

function summary(outcome: string | undefined, began: number): string {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  return outcome === undefined ? `(${seconds} s)` : `(${outcome}, ${seconds} s)`;
}
