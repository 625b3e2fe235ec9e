import { createApp } from './app.ts';
import { checkSurroundings } from './check-surroundings.ts';
import { readConfig } from './config.ts';

/** The process: read the configuration, build the app, listen, close gracefully. */
async function main(): Promise<void> {
  const config = readConfig();
  await checkSurroundings(config);
  const app = await createApp(config);
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
  const { host, port } = config;
  await app.listen({ host, port }).catch((error: unknown) => {
    throw new Error(`HOST and PORT name ${host}:${port}, where this server cannot listen`, {
      cause: error,
    });
  });
}

/** Returns what went wrong and why, for whoever starts the server: one sentence, no stack. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message}: ${inWords(cause)}`
    : message;
}

main().catch((error: unknown) => {
  console.error(inWords(error));
  process.exit(1);
});
