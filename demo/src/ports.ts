import { createServer } from 'node:net';

/** @throws Error naming every port of 127.0.0.1 that another program holds */
export async function checkPortsFree(
  ports: readonly { readonly port: number; readonly use: string }[],
): Promise<void> {
  const taken: string[] = [];
  for (const { port, use } of ports) {
    if (!(await isFree(port))) taken.push(`port ${port} (${use})`);
  }
  if (taken.length === 0) return;
  throw new Error(
    `Another program already listens on ${taken.join(', ')}. Stop it, or choose other ports: npm start -- --port <number>.`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
