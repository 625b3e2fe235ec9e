import { searchOracleTests } from './support/search-oracle.ts';

searchOracleTests('mongodb', { questions: 500 });
