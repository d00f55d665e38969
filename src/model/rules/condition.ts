import { Environment } from '@marcbachmann/cel-js';
import type { RuleColumn } from './rule-set.js';

/** The values of a row by the names that conditions have for them: a number, NaN where it is missing, or a text, empty where it is missing. */
export type RowValues = Record<string, number | string>;

export type Condition = (row: RowValues) => boolean;

/**
 * Functions that a condition may call: each takes time in proportion to its texts at most. Regular expressions and whatever goes over lists again and again are left out, so that no
 * file of rules can keep a run busy for ever.
 */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['isMissing', 'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim', 'substring', 'indexOf', 'lastIndexOf'],
  ...['double', 'string', 'int', 'bool'],
]);

/** Operators between numbers of which one was written without a point: `income > 5`. CEL itself wants `5.0`. */
const MIXED: Readonly<Record<string, (a: number, b: number) => boolean | number>> = {
  '==': (a, b) => a === b,
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const LIMITS = { maxAstNodes: 2000, maxDepth: 64, maxListElements: 1000, maxMapEntries: 0, maxCallArguments: 4 };

/** Reads a condition in CEL (https://cel.dev) over these columns; gives what is wrong with it where it cannot be used. */
export function compileCondition(text: string, columns: readonly RuleColumn[]): Condition | string {
  const environment = environmentOf(columns);
  try {
    const checked = environment.check(text);
    if (!checked.valid) return firstLine(checked.error);
    if (checked.type !== 'bool') return `expected a condition that is true or false, found one that gives ${String(checked.type)}`;
    const evaluate = environment.parse(text);
    const refused = refusedCall(evaluate.ast);
    if (refused !== undefined) return `the function ${refused} may not be used here; known are ${[...FUNCTIONS].join(', ')}`;
    return (row) => evaluate(row) === true;
  } catch (error) {
    return firstLine(error);
  }
}

function environmentOf(columns: readonly RuleColumn[]): Environment {
  const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS });
  environment.registerFunction('isMissing(double): bool', (value: number) => Number.isNaN(value));
  environment.registerFunction('isMissing(string): bool', (value: string) => value === '');
  for (const [sign, apply] of Object.entries(MIXED)) {
    const mixed = (a: number | bigint, b: number | bigint): boolean | number => apply(Number(a), Number(b));
    environment.registerOperator(`double ${sign} int`, mixed);
    if (sign !== '==') environment.registerOperator(`int ${sign} double`, mixed); // the library turns equality round by itself
  }
  for (const { name, kind } of columns) environment.registerVariable(name, kind === 'number' ? 'double' : 'string');
  return environment;
}

/** The first function in a tree that is not on the list. Every node has an operator and arguments, of which some are nodes, or lists of them. */
function refusedCall(node: unknown): string | undefined {
  if (Array.isArray(node)) {
    for (const each of node) {
      const found = refusedCall(each);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (typeof node !== 'object' || node === null || !('op' in node) || !('args' in node)) return undefined;
  const { op, args } = node;
  if ((op === 'call' || op === 'rcall') && Array.isArray(args) && !FUNCTIONS.has(String(args[0]))) return String(args[0]);
  return refusedCall(args);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]?.trim() ?? '';
}
