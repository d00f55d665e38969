import { Alias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { JobError } from '../errors/errors.js';

/** Where something stands in a job file; both count from 1. */
export interface Spot {
  readonly line: number;
  readonly character: number;
}

/** A value of a job file with its place. Scalars keep the text that was written beside what YAML takes it for: `01` is a text to a flag that wants one. */
export type JobNode = { readonly spot: Spot } & (
  | { readonly kind: 'scalar'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly JobNode[] }
  | { readonly kind: 'map'; readonly entries: readonly JobEntry[] }
);

export interface JobEntry {
  readonly key: string;
  /** Of the key. */
  readonly spot: Spot;
  readonly node: JobNode;
}

const FIX = 'Mend the line; docs/jobs.md shows a whole job file.';

/**
 * The top-level entries of a job file, in its order. YAML 1.2, core schema: no tags, no merge keys, no code.
 *
 * @throws JobError `job-not-yaml`: the text is no YAML, or no mapping of keys, with line and character.
 */
export function parseJobDocument(text: string, file: string): readonly JobEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const spotAt = (offset: number): Spot => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), character: Math.max(col, 1) };
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const spot = spotAt(problem.pos[0]);
    throw notYaml(firstSentence(problem.message), file, spot, unquoted(text.split('\n')[spot.line - 1] ?? ''));
  }
  const root = document.contents;
  if (root === null) throw notYaml('it is empty', file);
  if (!isMap(root)) throw notYaml('expected keys with values, such as model: churn.onnx', file, spotAt(offsetOf(root)));
  const node = convert(root, document, spotAt, file);
  return node.kind === 'map' ? node.entries : [];
}

function convert(given: Node, document: Document.Parsed, spotAt: (offset: number) => Spot, file: string, depth = 0): JobNode {
  const spot = spotAt(offsetOf(given));
  const node = given instanceof Alias ? given.resolve(document) : given;
  if (node === undefined || depth > MAX_DEPTH) throw notYaml('an alias leads nowhere, or in a circle', file, spot);
  if (isScalar(node)) return { spot, kind: 'scalar', text: node.source ?? '', value: node.value };
  const inside = (child: unknown): JobNode =>
    child === null || child === undefined
      ? { spot, kind: 'scalar', text: '', value: null }
      : convert(child as Node, document, spotAt, file, depth + 1);
  if (isSeq(node)) return { spot, kind: 'list', items: node.items.map(inside) };
  if (!isMap(node)) throw notYaml('expected a value, a list or keys with values', file, spot);
  const entries = node.items.map(({ key, value }) => {
    const name = key as Node;
    return { key: isScalar(name) ? String(name.value) : '', spot: spotAt(offsetOf(name)), node: inside(value) };
  });
  return { spot, kind: 'map', entries };
}

/** Deeper than any key goes; an alias that holds itself would go on for ever. */
const MAX_DEPTH = 16;

function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** The parser's message without what follows its first line. */
function firstSentence(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/:$/, '');
}

function notYaml(found: string, file: string, spot?: Spot, fix = FIX): JobError {
  return new JobError('job-not-yaml', `the job file cannot be read as YAML: ${found}`, { place: { file, ...spot }, fix });
}

/** What to do about a line whose value begins with a placeholder and stands in no quotes; undefined for any other. */
function unquoted(line: string): string | undefined {
  const value = /(?:^|[\s:-])(\{(?:stem|name|date|run)\}[^\s}#]*)/.exec(line)?.[1];
  return value === undefined ? undefined : quoteText(value);
}

function quoteText(value: string): string {
  return `To YAML a value that begins with { is a map. Put it in quotes: "${value}"`;
}

/** The same for a value that was read as a map: `{date}` alone. */
export function unquotedPlaceholder(node: JobNode): string | undefined {
  if (node.kind === 'scalar') return undefined;
  if (node.kind === 'list') return node.items.map(unquotedPlaceholder).find((text) => text !== undefined);
  const [only, ...others] = node.entries;
  if (only !== undefined && others.length === 0 && isPlaceholder(only)) return quoteText(`{${only.key}}`);
  return node.entries.map(({ node: value }) => unquotedPlaceholder(value)).find((text) => text !== undefined);
}

function isPlaceholder({ key, node }: JobEntry): boolean {
  return ['stem', 'name', 'date', 'run'].includes(key) && node.kind === 'scalar' && node.value === null;
}

/** The plain value of a node, as YAML takes it. A key such as `__proto__` stays a key. */
export function plainValue(node: JobNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, node: value }) => [key, plainValue(value)]));
  }
}

/** The place of what a path of keys and indexes leads to, or of the nearest that is there. */
export function spotOf(entries: readonly JobEntry[], path: readonly (string | number)[]): Spot | undefined {
  const [first, ...rest] = path;
  let entry = entries.find(({ key }) => key === first);
  let spot = entry?.spot;
  let node = entry?.node;
  for (const step of rest) {
    if (node?.kind === 'list') {
      node = node.items[Number(step)];
      spot = node?.spot ?? spot;
    } else if (node?.kind === 'map') {
      entry = node.entries.find(({ key }) => key === step);
      spot = entry?.spot ?? spot;
      node = entry?.node;
    } else break;
  }
  return spot;
}
