import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../search/random.ts';
import { mutantsOf, type Mutant } from './mutate.ts';
import { Workshop, type Fate } from './workshop.ts';

/** `--seed=…` repeats a choice; `--mutants=…` is their number, `--only=…` a part of their files' paths. */
const OPTIONS = {
  seed: { type: 'string' },
  mutants: { type: 'string' },
  requests: { type: 'string' },
  only: { type: 'string' },
} as const;

/** Files beside which nothing decides who may see and change what. */
const FOLDERS = [
  'server/src/access',
  'server/src/consent',
  'server/src/auth',
  'chaincode/src/decide',
  'chaincode/src/consent',
];

const INTERACTIONS = 'server/test/interactions';
/** Unit tests that are near, by the folder that is changed. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  'server/src/access': ['server/test/access', INTERACTIONS, 'server/test/http/hidden-as-absent'],
  'server/src/consent': ['server/test/consent', INTERACTIONS],
  'server/src/auth': ['server/test/auth'],
  'chaincode/src/decide': ['chaincode/test'],
  'chaincode/src/consent': ['chaincode/test', `${INTERACTIONS}/consents-are-administered`],
};

/** That the tests bite: each changed predicate of authorisation must be noticed by the matrix or by the tests nearby. */
export async function runMutantsSuite(): Promise<boolean> {
  const { values } = parseArgs({ options: OPTIONS, allowPositionals: true, strict: false });
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  const wanted = Number(values.mutants ?? 60);
  const requests = String(values.requests ?? 1500);
  console.log(`seed ${seed}`);
  const workshop = new Workshop();
  const fates: { readonly mutant: Mutant; readonly fate: Fate }[] = [];
  try {
    const alarm = workshop.falseAlarm(checksBy(Object.values(NEAR).flat(), requests));
    if (alarm !== undefined) throw new Error(`${alarm.join(' ')} fails without a mutant`);
    const only = typeof values.only === 'string' ? values.only : '';
    for (const mutant of drawn(workshop, seed, only)) {
      if (fates.filter(({ fate }) => fate !== 'no program').length >= wanted) break;
      const fate = workshop.judge(mutant, checksOf(mutant, requests));
      fates.push({ mutant, fate });
      console.log(
        `${typeof fate === 'string' ? fate : `killed by ${fate.killedBy}`}: ${told(mutant)}`,
      );
    }
  } finally {
    workshop.close();
  }
  const survivors = fates.filter(({ fate }) => fate === 'survived');
  const broken = fates.filter(({ fate }) => fate === 'no program').length;
  console.log(
    `${fates.length - broken} mutants, ${survivors.length} survived, ${broken} more do not compile`,
  );
  return Promise.resolve(survivors.length === 0);
}

/** All mutants in an order by chance, the folders by turns. */
function drawn(workshop: Workshop, seed: number, only: string): readonly Mutant[] {
  const random = new Random(seed);
  const root = join(import.meta.dirname, '..', '..', '..', '..');
  const byFolder = FOLDERS.map((folder) => {
    const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
    return files
      .map((name) => `${folder}/${name}`)
      .filter((file) => file.includes(only))
      .flatMap((file) => mutantsOf(file, workshop.read(file)))
      .map((mutant) => ({ mutant, key: random.next() }))
      .sort((x, y) => x.key - y.key)
      .map(({ mutant }) => mutant);
  });
  const longest = Math.max(...byFolder.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) =>
    byFolder.flatMap((mutants) => mutants.slice(i, i + 1)),
  ).flat();
}

function checksOf({ file }: Mutant, requests: string): readonly (readonly string[])[] {
  return checksBy(NEAR[file.split('/').slice(0, -1).join('/')] ?? [], requests);
}

function checksBy(near: readonly string[], requests: string): readonly (readonly string[])[] {
  const campaign = ['node', 'server/test/campaigns/run.ts', 'closed'];
  return [
    [...campaign, '--seed=1', `--requests=${requests}`, '--stop=true'],
    [
      ...['jest', '--selectProjects', 'unit', '--bail'],
      ...[...new Set(near)].map((path) => `--testPathPatterns=${path}`),
    ],
  ];
}

function told({ file, line, kind, before, after }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 100);
  return `${file}:${line} ${kind}: ${short(before)} → ${short(after)}`;
}
