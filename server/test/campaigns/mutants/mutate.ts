import ts from 'typescript';

/** One change of one file that makes a predicate say something else. */
export interface Mutant {
  /** Path in the project. */
  readonly file: string;
  readonly line: number;
  readonly kind: string;
  readonly before: string;
  readonly after: string;
  /** The whole file, changed. */
  readonly text: string;
}

interface Change {
  readonly node: ts.Node;
  readonly kind: string;
  readonly after: string;
}

/** Every mutant of this file that is still TypeScript: conditions negated, clauses dropped, quantifiers and answers turned. */
export function mutantsOf(file: string, text: string): readonly Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    changes.push(...changesOf(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return changes.map(({ node, kind, after }) => {
    const [from, to] = [node.getStart(source), node.getEnd()];
    return {
      file,
      line: source.getLineAndCharacterOfPosition(from).line + 1,
      kind,
      before: text.slice(from, to),
      after,
      text: text.slice(0, from) + after + text.slice(to),
    };
  });
}

function changesOf(node: ts.Node, source: ts.SourceFile): readonly Change[] {
  const textOf = (part: ts.Node): string => part.getText(source);
  if (ts.isIfStatement(node)) {
    return [
      { node: node.expression, kind: 'negate', after: `!(${textOf(node.expression)})` },
      { node: node.expression, kind: 'never', after: 'false as boolean' },
    ];
  }
  if (ts.isConditionalExpression(node)) {
    const { condition } = node;
    return [{ node: condition, kind: 'negate', after: `!(${textOf(condition)})` }];
  }
  if (ts.isBinaryExpression(node) && isBoolean(node.operatorToken.kind) && isJudged(node)) {
    return [
      { node, kind: 'drop the right clause', after: `(${textOf(node.left)})` },
      { node, kind: 'drop the left clause', after: `(${textOf(node.right)})` },
    ];
  }
  if (ts.isPropertyAccessExpression(node)) return quantifier(node);
  if (ts.isReturnStatement(node) && node.expression && answersBoolean(node)) {
    return ['true', 'false']
      .filter((after) => after !== textOf(node.expression as ts.Node))
      .map((after) => ({ node: node.expression as ts.Node, kind: 'answer', after }));
  }
  return [];
}

function isBoolean(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;
}

/** Where its value is asked for as true or false. */
function isJudged({ parent }: ts.Node): boolean {
  if (ts.isParenthesizedExpression(parent) || ts.isPrefixUnaryExpression(parent)) {
    return isJudged(parent);
  }
  if (ts.isBinaryExpression(parent))
    return isBoolean(parent.operatorToken.kind) && isJudged(parent);
  if (ts.isReturnStatement(parent)) return answersBoolean(parent);
  return (
    ts.isIfStatement(parent) || ts.isConditionalExpression(parent) || ts.isArrowFunction(parent)
  );
}

const TURNED: Readonly<Record<string, string>> = { every: 'some', some: 'every' };

function quantifier(node: ts.PropertyAccessExpression): readonly Change[] {
  const after = TURNED[node.name.text];
  if (after === undefined || !ts.isCallExpression(node.parent)) return [];
  return [{ node: node.name, kind: `${node.name.text} to ${after}`, after }];
}

/** Its function says that it returns a boolean. */
function answersBoolean({ parent }: ts.Node): boolean {
  if (ts.isFunctionLike(parent)) return parent.type?.kind === ts.SyntaxKind.BooleanKeyword;
  return !ts.isSourceFile(parent) && answersBoolean(parent);
}
