/** What Jest calls after the last file. */
export { globalTeardown as default } from './whole-run.ts';
