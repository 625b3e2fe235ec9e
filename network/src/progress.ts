/** Holds what a long act tells about itself. `step` is a sentence fragment fit for a progress list. */
export interface ProgressEvent {
  readonly step: string;
  readonly state: 'started' | 'note' | 'finished';
  readonly note?: string;
}
export type OnProgress = (event: ProgressEvent) => void;

export const silent: OnProgress = () => undefined;

/** Reports the beginning and the end of `act`; a failure is reported by whoever catches it. */
export async function inStep<T>(
  onProgress: OnProgress,
  step: string,
  act: (note: (text: string) => void) => Promise<T>,
): Promise<T> {
  onProgress({ step, state: 'started' });
  const result = await act((note) => onProgress({ step, state: 'note', note }));
  onProgress({ step, state: 'finished' });
  return result;
}
