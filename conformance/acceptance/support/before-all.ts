/** What Jest calls before the first file. */
export { globalSetup as default } from './whole-run.ts';
