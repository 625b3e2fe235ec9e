import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import type { OnProgress } from './progress.ts';

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** Shows an act that reports its steps as one line that tells what it is doing now, with the steps done above it. */
export async function showProgress(
  title: string,
  act: (onProgress: OnProgress) => Promise<void>,
): Promise<void> {
  const list = new Listr<unknown, 'default', 'simple'>(
    [{ title, task: async (_context, task) => act(reportTo(task)) }],
    { fallbackRendererCondition: () => !process.stdout.isTTY },
  );
  await list.run();
}

function reportTo(task: Task): OnProgress {
  const began = new Map<string, number>();
  return ({ step, state, note }) => {
    if (state === 'started') began.set(step, performance.now());
    const seconds = ((performance.now() - (began.get(step) ?? 0)) / 1000).toFixed(1);
    if (state === 'finished') task.output = `${step}: done in ${seconds} s`;
    else if (process.stdout.isTTY || state === 'started')
      task.output = note === undefined ? step : `${step}: ${note}`;
  };
}
