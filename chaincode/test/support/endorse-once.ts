import { createHash } from 'node:crypto';
import { discloseCall, OTHER_SUBJECT, recordCall, SUBJECT, TestLedger } from './ledger.ts';
import { ACT_CODE, ask, consent, DOCTOR, OTHER_DOCTOR, PHARMACIST, setOf } from './requests.ts';

const SET = setOf(
  consent('b', { type: 'permit', labels: [{ system: ACT_CODE, code: 'PSY' }] }),
  consent('a', { type: 'deny', actors: [{ reference: 'Practitioner/other-doctor' }] }),
);

/** A call of every transaction. */
export const CALLS = [
  [
    'consent:setPolicy',
    ['{"implicit":"basic-normal","organization":"Organization/hospital","version":1}'],
    {},
  ],
  ['consent:policy', ['{"custodian":"HospitalMSP"}'], {}],
  ['consent:record', ...recordCall(SET)],
  ['consent:head', [`{"custodian":"HospitalMSP","subject":"${SUBJECT}"}`], {}],
  ['custody:keep', ['{}'], {}],
  ['custody:keepHeads', [`{"reserve":true,"subjects":["${SUBJECT}","${OTHER_SUBJECT}"]}`], {}],
  ['log:append', ['{"prevSize":0}', Buffer.alloc(32 * 7, 3)], {}],
  ['log:append', ['{"prevSize":7}', Buffer.alloc(32 * 6, 4)], {}],
  ['log:head', ['{"msp":"HospitalMSP"}'], {}],
  [
    'disclosure:disclose',
    ...discloseCall(
      [DOCTOR, OTHER_DOCTOR, PHARMACIST].map((who) => ({
        subject: SUBJECT,
        request: ask(who),
        set: SET,
      })),
    ),
  ],
] as const;

/** One run of them from nothing; hash of all results, reads and writes. */
export async function endorseAll(): Promise<string> {
  const ledger = new TestLedger();
  const digest = createHash('sha256');
  for (const [name, args, more] of CALLS) {
    const endorsement = await ledger.endorse(name, args, more);
    if (ledger.commit(endorsement) !== 'VALID') throw new Error('not valid');
    const { result, reads, writes, policies } = endorsement;
    digest.update(result).update(JSON.stringify(reads));
    for (const { key, value } of writes) digest.update(key).update(value);
    for (const { key, policy } of policies) digest.update(key).update(policy);
  }
  return digest.digest('hex');
}

if (import.meta.main) process.stdout.write(await endorseAll());
