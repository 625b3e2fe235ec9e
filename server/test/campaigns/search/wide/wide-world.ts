import { startApp } from '../../../support/app.ts';
import type { TestApp } from '../../../support/app.ts';
import { startReplicaSet } from '../../../support/mongod.ts';
import { Corpus } from '../../../oracle/corpus.ts';
import { writeAll } from '../production-http.ts';
import { wideResources } from './linked-resources.ts';

/** Acts on a whole server over this store, with a ward in it. */
export async function withWideWorld<T>(
  store: 'sqlite' | 'mongodb',
  act: (corpus: Corpus, app: TestApp) => Promise<T>,
): Promise<T> {
  const replicaSet = store === 'sqlite' ? undefined : await startReplicaSet();
  try {
    const app = await startApp(
      replicaSet === undefined ? {} : { CHARTSEAL_STORE: replicaSet.getUri('wide') },
    );
    try {
      return await act(new Corpus(await writeAll(app, wideResources())), app);
    } finally {
      await app.close();
    }
  } finally {
    await replicaSet?.stop({ doCleanup: true, force: true });
  }
}
