import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../support/command.js';

/** What takes codes, by name, a method by class and name (`warnings.add`): the place of the code among its arguments. */
type Takers = ReadonlyMap<string, number>;

const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
/** Classes hand their first parameter on to ScorelineError's `code`. */
const ERROR_CLASS = /Error$/;

/**
 * Every code in src: literals that are given for a parameter called `code` (of a function, a method or an error's class), and literals of a property called
 * `code` beside a `status` or a `count`. Read from the syntax tree, so that a code cannot hide in another layout.
 */
export function codesInSource(): ReadonlySet<string> {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const trees = files.map((name) => ts.createSourceFile(name, readFileSync(join(ROOT, 'src', name), 'utf8'), ts.ScriptTarget.Latest, true));
  const takers = new Map<string, number>();
  for (const tree of trees) collectTakers(tree, takers);
  const codes = new Set<string>();
  for (const tree of trees) collectCodes(tree, takers, codes);
  return codes;
}

function collectTakers(node: ts.Node, takers: Map<string, number>): void {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) {
    const at = node.parameters.findIndex(({ name }) => name.getText() === 'code');
    const owner = ts.isClassDeclaration(node.parent) ? node.parent.name?.text : undefined;
    const called = ts.isConstructorDeclaration(node) ? owner : owner === undefined ? node.name?.getText() : methodOf(owner, node.name?.getText());
    if (at >= 0 && called !== undefined) takers.set(called, at);
  }
  ts.forEachChild(node, (child) => collectTakers(child, takers));
}

function collectCodes(node: ts.Node, takers: Takers, codes: Set<string>): void {
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const called = calledIn(node.expression);
    const at = takers.get(called) ?? (ts.isNewExpression(node) && ERROR_CLASS.test(called) ? 0 : undefined);
    const given = at === undefined ? undefined : node.arguments?.[at];
    if (given !== undefined) for (const text of literalsOf(given)) if (CODE.test(text)) codes.add(text);
  }
  if (ts.isObjectLiteralExpression(node)) {
    const property = (name: string) => node.properties.find((each): each is ts.PropertyAssignment => ts.isPropertyAssignment(each) && each.name.getText() === name); // prettier-ignore
    const code = property('code');
    if (code !== undefined && (property('status') ?? property('count')) !== undefined)
      for (const text of literalsOf(code.initializer)) codes.add(text);
  }
  ts.forEachChild(node, (child) => collectCodes(child, takers, codes));
}

/** `warnings.add` for `this.#record.warnings.add`: an object is called as its class; its own methods are called on `this`, by the name of its class. */
function calledIn(expression: ts.Expression): string {
  if (!ts.isPropertyAccessExpression(expression)) return expression.getText();
  const { expression: object, name } = expression;
  if (object.kind !== ts.SyntaxKind.ThisKeyword) return methodOf((/\w+$/.exec(object.getText()) ?? [''])[0], name.text);
  let owner: ts.Node = expression;
  while (!ts.isClassDeclaration(owner) && !ts.isSourceFile(owner)) owner = owner.parent;
  return methodOf(ts.isClassDeclaration(owner) ? (owner.name?.text ?? '') : '', name.text);
}

function methodOf(owner: string, name: string | undefined): string {
  return `${owner.toLowerCase()}.${name ?? ''}`;
}

/** The texts that an expression may be: a literal, or either side of a condition. */
function literalsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)] : [];
}

/** The codes that `docs/exit-statuses.md` lists, of errors and of rejected rows, each with the status that it ends with (0 for a reject). */
export function codesInDocs(): readonly (readonly [code: string, status: number])[] {
  const text = readFileSync(join(ROOT, 'docs', 'exit-statuses.md'), 'utf8');
  const [statuses = '', rejects = ''] = text.split('## Codes of rejected rows');
  const ended = [...statuses.matchAll(/^\| (\d+) \| [^|]+ \|(.*)\|$/gm)].flatMap(([, status, codes = '']) =>
    [...codes.matchAll(/`([^`]+)`/g)].map(([, code = '']): [string, number] => [code, Number(status)]),
  );
  return [...ended, ...[...rejects.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']): [string, number] => [code, 0])];
}
