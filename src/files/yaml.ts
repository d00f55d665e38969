import { Alias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

/** Where something stands in a YAML file; both count from 1. */
export interface Spot {
  readonly line: number;
  readonly character: number;
}

/** A value of a YAML file with its place. Scalars keep the text that was written beside what YAML takes it for: `01` is a text to a flag that wants one. */
export type YamlNode = { readonly spot: Spot } & (
  | { readonly kind: 'scalar'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[] }
  | { readonly kind: 'map'; readonly entries: readonly YamlEntry[] }
);

export interface YamlEntry {
  readonly key: string;
  /** Of the key. */
  readonly spot: Spot;
  readonly node: YamlNode;
}

/** Makes the error of a text that cannot be read: what was found, and where; `line` is the line that is no YAML. */
export type Refuse = (found: string, spot?: Spot, line?: string) => Error;

/**
 * The top-level entries of a YAML file, in its order. YAML 1.2, core schema: no tags, no merge keys, no code. Throws what `refuse` gives where the text is no YAML, or no mapping
 * of keys; `example` shows such a key.
 */
export function parseYaml(text: string, example: string, refuse: Refuse): readonly YamlEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const spotAt = (offset: number): Spot => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), character: Math.max(col, 1) };
  };
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const spot = spotAt(problem.pos[0]);
    throw refuse(firstSentence(problem.message), spot, text.split('\n')[spot.line - 1]);
  }
  const root = document.contents;
  if (root === null) throw refuse('it is empty');
  if (!isMap(root)) throw refuse(`expected keys with values, such as ${example}`, spotAt(offsetOf(root)));
  const node = convert(root, document, spotAt, refuse);
  return node.kind === 'map' ? node.entries : [];
}

function convert(given: Node, document: Document.Parsed, spotAt: (offset: number) => Spot, refuse: Refuse, depth = 0): YamlNode {
  const spot = spotAt(offsetOf(given));
  const node = given instanceof Alias ? given.resolve(document) : given;
  if (node === undefined || depth > MAX_DEPTH) throw refuse('an alias leads nowhere, or in a circle', spot);
  if (isScalar(node)) return { spot, kind: 'scalar', text: node.source ?? '', value: node.value };
  const inside = (child: unknown): YamlNode =>
    child === null || child === undefined
      ? { spot, kind: 'scalar', text: '', value: null }
      : convert(child as Node, document, spotAt, refuse, depth + 1);
  if (isSeq(node)) return { spot, kind: 'list', items: node.items.map(inside) };
  if (!isMap(node)) throw refuse('expected a value, a list or keys with values', spot);
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

/** The plain value of a node, as YAML takes it. A key such as `__proto__` stays a key. */
export function plainValue(node: YamlNode): unknown {
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
export function spotOf(entries: readonly YamlEntry[], path: readonly (string | number)[]): Spot | undefined {
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
