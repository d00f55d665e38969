import { ModelError } from '../../errors/errors.js';
import { nearMisses } from '../../errors/nearest.js';
import { parseYaml, type Spot, type YamlEntry, type YamlNode } from '../../files/yaml.js';
import { quoted } from '../read-file.js';
import { compileCondition } from './condition.js';
import type { Rule, RuleColumn, RuleSet, ValueKind } from './rule-set.js';

const VERSION = 'scoreline.rules/1';
const KEYS = ['version', 'columns', 'outputs', 'rules'];
/** A name that CEL can say. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a file of rules, conditions included.
 *
 * @throws ModelError `rules-invalid` (69), with line and character.
 */
export function readRules(bytes: Uint8Array, path: string): RuleSet {
  return new RulesReader(path).read(textOf(bytes, path));
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ModelError('rules-invalid', `the rules ${quoted(path)} cannot be read: they are not in UTF-8`, {
      place: { file: path },
      fix: 'Save the file in UTF-8.',
      cause,
    });
  }
}

class RulesReader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(text: string): RuleSet {
    const entries = parseYaml(text, `version: ${VERSION}`, (found, spot) => this.#wrong(found, spot));
    for (const { key, spot } of entries) if (!KEYS.includes(key)) throw this.#wrong(`there is no key ${quoted(key)}${hint(key, KEYS)}`, spot);
    const version = this.#part(entries, 'version', `version: ${VERSION}`);
    if (version.kind !== 'scalar' || version.value !== VERSION)
      throw this.#wrong(`expected the version ${VERSION}, which this Scoreline reads`, version.spot);
    const columns = this.#entriesOf(this.#part(entries, 'columns', 'columns: { income: number }'), 'columns').map((entry) => this.#column(entry));
    const outputs = this.#entriesOf(this.#part(entries, 'outputs', 'outputs: { prediction: text }'), 'outputs').map(({ key, node }) => ({
      name: key,
      kind: this.#kind(node),
    }));
    if (columns.length === 0) throw this.#wrong('expected at least one column: without any there is nothing that says what belongs to the rules');
    if (outputs.length === 0) throw this.#wrong('expected at least one output');
    return { columns, outputs, rules: this.#rules(this.#part(entries, 'rules', 'rules: [{ then: { prediction: "no" } }]'), { columns, outputs }) };
  }

  #part(entries: readonly YamlEntry[], key: string, example: string): YamlNode {
    const entry = entries.find((each) => each.key === key);
    if (entry === undefined) throw this.#wrong(`the key ${key} is missing, such as ${example}`);
    return entry.node;
  }

  #entriesOf(node: YamlNode, key: string): readonly YamlEntry[] {
    if (node.kind === 'map') return node.entries;
    throw this.#wrong(`expected names with their types under ${key}: number or text`, node.spot);
  }

  #column({ key: name, spot, node }: YamlEntry): RuleColumn {
    if (!IDENTIFIER.test(name)) {
      throw this.#wrong(
        `conditions cannot say the name ${quoted(name)}: give it another one, such as other_name: { column: ${quoted(name)}, type: number }`,
        spot,
      );
    }
    if (node.kind !== 'map') return { name, column: name, kind: this.#kind(node) };
    const unknown = node.entries.find(({ key }) => key !== 'column' && key !== 'type');
    if (unknown !== undefined) throw this.#wrong(`there is no key ${quoted(unknown.key)}; known are column and type`, unknown.spot);
    const type = node.entries.find(({ key }) => key === 'type')?.node;
    const column = node.entries.find(({ key }) => key === 'column')?.node;
    if (type === undefined) throw this.#wrong(`the type of ${quoted(name)} is missing: number or text`, node.spot);
    if (column !== undefined && (column.kind !== 'scalar' || column.text === '')) throw this.#wrong('expected the name of a column', column.spot);
    return { name, column: column === undefined ? name : textValue(column), kind: this.#kind(type) };
  }

  #kind(node: YamlNode): ValueKind {
    if (node.kind === 'scalar' && (node.value === 'number' || node.value === 'text')) return node.value;
    throw this.#wrong(`expected number or text${node.kind === 'scalar' ? `, found ${quoted(node.text)}` : ''}`, node.spot);
  }

  #rules(node: YamlNode, known: Pick<RuleSet, 'columns' | 'outputs'>): readonly Rule[] {
    if (node.kind !== 'list' || node.items.length === 0) throw this.#wrong('expected a list of rules, each with when and then', node.spot);
    return node.items.map((item, index) => {
      const isLast = index === node.items.length - 1;
      const entries = item.kind === 'map' ? item.entries : [];
      const unknown = entries.find(({ key }) => key !== 'when' && key !== 'then');
      if (unknown !== undefined) throw this.#wrong(`there is no key ${quoted(unknown.key)}; known are when and then`, unknown.spot);
      const when = entries.find(({ key }) => key === 'when')?.node;
      const then = entries.find(({ key }) => key === 'then')?.node;
      if (then?.kind !== 'map') throw this.#wrong('expected then: with a value for each output', item.spot);
      if (isLast && when !== undefined)
        throw this.#wrong('the last rule must have no condition: what is then of a row that none of the others is for?', when.spot);
      if (!isLast && when === undefined) throw this.#wrong('a rule without a condition takes every row: it must be the last', item.spot);
      return { when: when === undefined ? undefined : this.#condition(when, known.columns), then: this.#values(then, known.outputs) };
    });
  }

  #condition(node: YamlNode, columns: readonly RuleColumn[]): string {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') throw this.#wrong('expected a condition, such as when: income > 50000', node.spot);
    const compiled = compileCondition(node.value, columns);
    if (typeof compiled === 'string') throw this.#wrong(`the condition cannot be used: ${compiled}`, node.spot);
    return node.value;
  }

  #values({ entries, spot }: Extract<YamlNode, { kind: 'map' }>, outputs: RuleSet['outputs']): readonly (number | string)[] {
    const names = outputs.map(({ name }) => name);
    for (const { key, spot: at } of entries) if (!names.includes(key)) throw this.#wrong(`there is no output ${quoted(key)}${hint(key, names)}`, at);
    return outputs.map(({ name, kind }) => {
      const node = entries.find(({ key }) => key === name)?.node;
      if (node === undefined) throw this.#wrong(`a value for the output ${quoted(name)} is missing`, spot);
      if (node.kind !== 'scalar' || node.value === null) throw this.#wrong(`expected a ${kind} for ${quoted(name)}`, node.spot);
      if (kind === 'text') return textValue(node);
      if (typeof node.value !== 'number') throw this.#wrong(`expected a number for ${quoted(name)}, found ${quoted(node.text)}`, node.spot);
      return node.value;
    });
  }

  #wrong(found: string, spot?: Spot): ModelError {
    return new ModelError('rules-invalid', `the rules cannot be used: ${found}`, {
      place: { file: this.#path, ...spot },
      fix: 'Mend the line; docs/rules.md shows a whole file.',
    });
  }
}

/** As it was written: `01` and `yes` are texts where a text is wanted. */
function textValue({ value, text }: Extract<YamlNode, { kind: 'scalar' }>): string {
  return typeof value === 'string' ? value : text;
}

function hint(name: string, known: readonly string[]): string {
  const near = nearMisses(name, known);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}?` : `; known are ${known.join(', ')}`;
}
