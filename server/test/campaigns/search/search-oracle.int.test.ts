import { searchOracleTests } from './search-oracle.ts';

searchOracleTests('mongodb', { questions: 500 });
