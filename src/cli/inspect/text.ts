import { isFloat, type ElementType } from '../../batch/element.js';
import type { ModelFacts } from '../../model/inspect.js';
import type { Dimension } from '../../model/signature.js';
import { escapeControl } from '../report/escape.js';
import { bytesText, countText } from '../report/figures.js';
import { wrap } from '../wrap.js';
import { adviceFor } from './advice.js';
import { KNOWLEDGE_HEAD, knowledgeRows } from './knowledge.js';
import { shortList, shown } from './names.js';
import { pairsText, tableText } from './table.js';

/** Lines of one table that are shown; the rest is in `--json`. */
const MAX_ROWS = 60;

/**
 * A model for people: what it is, what it wants, what it returns, and how to score with it. `contract` is the path of the one that stands beside it;
 * `width` cuts lines, undefined leaves them whole.
 */
export function inspectText(model: ModelFacts, width: number | undefined, contract?: string): string {
  const { line, notes } = adviceFor(model, contract);
  const sections = [
    pairsText(identity(model, contract), width),
    section(`Inputs (${model.inputs.length})`, ['name', 'type', 'shape', 'takes', 'missing'], inputRows(model), width),
    ...(model.knowledge.length === 0 ? [] : [section('What it knows of its training data', KNOWLEDGE_HEAD, knowledgeRows(model), width)]),
    section(`Outputs (${model.outputs.length})`, ['name', 'type', 'shape', 'role', 'classes'], outputRows(model), width),
    model.rules === null
      ? section('Operators', ['operator', 'domain', 'count'], operatorRows(model), width)
      : section(
          'Rules',
          ['when', ...model.outputs.map(({ name }) => name)],
          model.rules.map(({ when, then }) => [when ?? 'else', ...then.map(String)]),
          width,
        ),
    metadata(model, width),
    // the line to paste is never cut or folded
    ['To score', `  ${line}`, ...notes.flatMap((note) => indent(wrap(escapeControl(note), (width ?? Number.POSITIVE_INFINITY) - 2)))],
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`; // prettier-ignore
}

function identity(model: ModelFacts, contract: string | undefined): readonly (readonly [string, string])[] {
  const { producer, opsets, classes } = model;
  const made = [producer.name, producer.version].filter((part) => part !== '').join(' ');
  const pairs: readonly (readonly [string, string])[] = [
    ['Model', model.path],
    ['Family', model.family],
    ['Size', model.parameters === null ? bytesText(model.sizeBytes) : `${bytesText(model.sizeBytes)}, ${countText(model.parameters)} parameters`],
    ['sha256', model.sha256],
    ['Contract', contract ?? ''],
    ['Producer', made],
    ['Opset', opsets.map(({ domain, version }) => `${domain === '' ? 'ai.onnx' : domain} ${version}`).join(', ')],
    ['Classes', classes === null ? '' : shortList(classes)],
    ['Features', model.featureNames === null ? '' : shortList(model.featureNames)],
    ['Version', model.modelVersion === '0' ? '' : model.modelVersion],
    ['Doc', model.doc],
  ];
  return pairs.filter(([, text]) => text !== '');
}

function inputRows({ inputs }: ModelFacts): readonly (readonly string[])[] {
  return inputs.map(({ name, type, shape, kind, width }) => [
    shown(name),
    type,
    shapeText(shape),
    kind === 'column' ? 'one column' : `${width ?? 'any number of'} columns`,
    missingText(type),
  ]);
}

/** What becomes of a missing value, unless a contract says otherwise. */
function missingText(type: ElementType): string {
  if (isFloat(type)) return 'NaN';
  return type === 'string' ? 'empty text' : 'rejects the row';
}

function outputRows({ outputs }: ModelFacts): readonly (readonly string[])[] {
  return outputs.map(({ name, type, shape, role, classes }) => [
    shown(name),
    type,
    shapeText(shape),
    role,
    classes === undefined ? '' : shortList(classes),
  ]);
}

function operatorRows({ operators }: ModelFacts): readonly (readonly string[])[] {
  return operators.map(({ name, domain, count }) => [name, domain === '' ? 'ai.onnx' : domain, countText(count)]);
}

/** Other metadata than the feature order, which stands above. */
function metadata(model: ModelFacts, width: number | undefined): readonly string[] {
  const entries = Object.entries(model.metadata).filter(([key]) => key !== 'feature_names');
  const rows = entries.map(([key, value]) => [key, value]);
  return rows.length === 0 ? [] : section('Metadata', ['key', 'value'], rows, width);
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[], width: number | undefined): readonly string[] {
  if (rows.length === 0) return [title, '  none'];
  const used = head.filter((_, column) => rows.some((row) => row[column] !== ''));
  const columns = used.map((name) => head.indexOf(name));
  const first = rows.slice(0, MAX_ROWS).map((row) => columns.map((column) => row[column] ?? ''));
  const rest = rows.length - first.length;
  return [
    title,
    ...indent(tableText(used, first, width === undefined ? undefined : width - 2)),
    ...(rest > 0 ? [`  … and ${rest} more (--json shows all)`] : []),
  ];
}

/** `[N, 4]`; `?` for a dimension that the model leaves open. */
function shapeText(shape: readonly Dimension[] | null | undefined): string {
  if (shape === null || shape === undefined) return 'any';
  return `[${shape.map((dimension) => (dimension === '' ? '?' : dimension)).join(', ')}]`;
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
