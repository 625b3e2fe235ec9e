import { searchWideTests } from './search-wide.ts';

searchWideTests('mongodb', { questions: 60 });
