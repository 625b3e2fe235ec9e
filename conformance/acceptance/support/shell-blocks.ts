import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A fenced block ```sh of a document, and the output that the document shows for it. */
export interface ShellBlock {
  readonly file: string;
  /** Line of its first command, from 1. */
  readonly line: number;
  readonly script: string;
  /** What the next block, ```text, shows; without one nothing is printed. `…` stands for anything. */
  readonly shown: string;
}

/** A block that is not run, and why. */
export interface Exception {
  readonly file: string;
  readonly script: string;
  readonly reason: string;
}

interface Fence {
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** Every document of a work tree, below its root. */
export function documentsOf(tree: string): readonly string[] {
  const exclude = ['**/node_modules', '**/.cache', '**/.data', '**/dist'];
  return globSync('**/*.md', { cwd: tree, exclude }).sort();
}

export function fencesOf(tree: string, file: string): readonly Fence[] {
  const text = readFileSync(join(tree, file), 'utf8');
  return [...text.matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)].map(
    ({ index, 1: language = '', 2: block = '' }) => ({
      line: text.slice(0, index).split('\n').length + 1,
      language,
      text: block,
    }),
  );
}

export function shellBlocksOf(tree: string, file: string): readonly ShellBlock[] {
  const fences = fencesOf(tree, file);
  return fences.flatMap(({ line, language, text }, i) => {
    if (language !== 'sh') return [];
    const next = fences[i + 1];
    return [{ file, line, script: text, shown: next?.language === 'text' ? next.text : '' }];
  });
}

/** Whether the output is what the document shows: the pieces between each `…`, in their order and nothing before. */
export function showsOutput(shown: string, printed: string): boolean {
  const [first = '', ...pieces] = shown.trim().split('…');
  const output = printed.trim();
  if (!output.startsWith(first)) return false;
  if (pieces.length === 0) return output === first;
  const last = pieces.pop() ?? '';
  let at = first.length;
  for (const piece of pieces) {
    const found = output.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return output.length - last.length >= at && output.endsWith(last);
}
