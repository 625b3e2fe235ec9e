import { searchOracleTests } from './support/search-oracle.ts';

searchOracleTests('sqlite', { questions: 1500 });
