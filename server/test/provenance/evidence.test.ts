import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { describeEvidence } from '../ports/evidence.ts';
import { embedded } from '../support/ledger-samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'chartseal-evidence-'));
afterAll(() => rmSync(folder, { recursive: true }));

describeEvidence('embedded', () => embedded(folder));
