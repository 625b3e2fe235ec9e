import { searchWideTests } from './support/search-wide.ts';

searchWideTests('mongodb', { questions: 60 });
