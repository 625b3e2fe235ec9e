import type { ContainerOptions } from '@chartseal/network/containers';

/** Holds what docker-compose.yml passes to the scripts of this folder. */
export function containerArguments(): {
  readonly options: ContainerOptions;
  readonly demo: string;
} {
  const [dataDir, demo, bin, config, ...more] = process.argv.slice(2);
  if (dataDir === undefined || demo === undefined || bin === undefined || config === undefined) {
    throw new Error(
      'usage: <network folder> <demonstration folder> <programs> <sample configurations>',
    );
  }
  if (more.length > 0) throw new Error(`unexpected: ${more.join(' ')}`);
  const onProgress: ContainerOptions['onProgress'] = ({ step, state, note }) =>
    process.stdout.write(`${step}: ${note ?? state}\n`);
  return { options: { dataDir, binaries: { bin, config }, onProgress }, demo };
}
