import { readConfig } from './config.ts';
import { createApp } from './app.ts';

/** The process: read the configuration, build the app, listen, close gracefully. */
async function main(): Promise<void> {
  const config = readConfig();
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
  await app.listen({ host: config.host, port: config.port });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
