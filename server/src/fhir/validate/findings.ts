import type { Issue } from '../errors.ts';

const MOST = 50;

/** Keeps what a validation finds, each thing once, and at most 50 of each severity: warnings cannot crowd out an error. */
export class Findings {
  readonly issues: Issue[] = [];
  readonly #known = new Set<string>();
  readonly #counts = new Map<Issue['severity'], number>();

  put(issue: Issue): void {
    const { severity, diagnostics } = issue;
    const count = this.#counts.get(severity) ?? 0;
    if (count >= MOST || this.#known.has(diagnostics)) return;
    this.#known.add(diagnostics);
    this.#counts.set(severity, count + 1);
    this.issues.push(issue);
  }
}
