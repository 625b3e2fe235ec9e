/** A process that writes with 16 writers until it is killed, and prints the id of each acknowledged resource. */
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Store } from '../../src/store/store.ts';
import { anObservation } from './store-samples.ts';

const [opener = '', round = ''] = process.argv.slice(2);
const { module, name, address } = JSON.parse(opener) as Record<
  'module' | 'name' | 'address',
  string
>;
type Opener = (address: string, options: { randomBytes: typeof randomBytes }) => Promise<Store>;
const open = ((await import(module)) as Record<string, Opener>)[name];
if (!open) throw new Error(`${module} exports no ${name}`);
const store = await open(address, { randomBytes });

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i += 1) {
    const id = `${round}-${writer}-${i}`;
    const set = anObservation({ id, patient: `p${writer}`, code: `c${i % 20}`, at: i });
    const record = { collection: 'written', key: id, value: Buffer.from(id), expected: null };
    await store.write({ ...set, records: [record] });
    writeSync(1, `${id}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
