import type { Layout } from '../batch/layout.js';
import type { ResultField } from '../batch/result.js';
import type { Contract } from '../contract/contract.js';
import { InputError, UsageError } from '../errors/errors.js';
import type { DecoderSetup, EncoderSetup, FormatName, SourceSchema } from '../format/format.js';
import { sameDialect } from '../format/csv/dialect.js';
import { suffixDelimiter } from '../format/detect.js';
import { checkArrowBinding } from '../format/arrow/binding.js';
import { suggestDelimiter } from '../format/csv/header.js';
import { PLAIN_DIALECT, type CsvDialect } from '../format/csv/setup.js';
import { bindInputs, type Binding, type BindRequest } from '../model/bind.js';
import { chooseBlockRows, DEFAULT_BLOCK_ROWS } from '../model/blocks.js';
import type { Known } from '../model/knowledge/known-of.js';
import { layoutOf } from '../model/layout-of.js';
import type { LoadedModel } from '../model/load.js';
import { planOutputs, type OutputOptions, type OutputPlan } from '../model/outputs.js';
import { checkClash, planKept } from './columns.js';
import { checkFit } from './contract-fit.js';
import { expectations } from './expectations.js';
import { checkGates } from './gate-fit.js';
import { knowledgeFor } from './knowledge-for.js';
import { planCrew, type Limiter } from './crew.js';
import type { Machine } from './machine.js';
import type { ScoreOptions } from './options.js';

export const DEFAULT_CHUNK_BYTES = 1 << 20;
/** A chunk grows with the width of the table up to this, so that it still fills a block. */
const LARGEST_DEFAULT_CHUNK_BYTES = 8 << 20;
/** What a cell of CSV takes on average, for that guess only. */
const GUESSED_CELL_BYTES = 8;
/** A double, a whole number of 64 bits, or a pointer to a text. */
const LARGEST_ELEMENT_BYTES = 8;

/** Everything that a run decides before its first row. Plain data: tests assert on it, workers get it, the journal keeps its figures. */
export interface Plan {
  readonly binding: Binding;
  readonly outputs: OutputPlan;
  /** The columns that the run adds: those of the model, and the one that says what scored a row. */
  readonly results: readonly ResultField[];
  /** The same without the command line's preferences: what golden rows are compared with. */
  readonly goldenOutputs: OutputPlan;
  readonly layout: Layout;
  /** By field of the layout: what the graph itself knows of it. Empty where the contract knows more, or nothing is known. */
  readonly known: readonly (Known | undefined)[];
  readonly blockRows: number;
  readonly workers: number;
  readonly threads: number;
  /** What set the number of workers. */
  readonly limitedBy: Limiter;
  /** What it was chosen for. */
  readonly machine: Machine;
  /** Chunks between the splitter and the output at most. */
  readonly inFlight: number;
  readonly encoder: EncoderSetup;
  /** Names of the output's columns, in order. */
  readonly columns: readonly string[];
}

export interface PlanRequest {
  readonly options: ScoreOptions;
  readonly model: LoadedModel;
  readonly contract: Contract | undefined;
  readonly schema: SourceSchema;
  readonly decoder: DecoderSetup;
  readonly outputFormat: FormatName;
  /** Widths of outputs that the model does not declare, as seen on real rows. */
  readonly widths?: Readonly<Record<string, number>> | undefined;
  readonly inputBytes: number | undefined;
  readonly chunkBytes: number;
  readonly machine: Machine;
}

/** Decides the whole run. Pure. Throws the errors of binding, outputs and columns, each before row one. */
export function planRun(request: PlanRequest): Plan {
  const { options, model, contract, schema, decoder } = request;
  const binding = bindColumns(request);
  const own = contractOutputs(request);
  const outputs = planOutputs(model.signature, { ...own, ...decisionOptions(options) });
  if (options.positiveClass !== undefined && outputs.decision?.by !== 'threshold') {
    throw new UsageError('conflicting-options', '--positive-class means nothing without a threshold', {
      fix: 'Add --threshold P, or leave --positive-class out.',
    });
  }
  const reads = new Set(binding.inputs.flatMap((input) => input.columns.map((column) => column.name)));
  const kept = planKept(schema.columns, reads, contract, options.keep);
  const results = withScorer(outputs.fields, options.scoredBy);
  checkClash(kept, results);
  const known = knowledgeFor(model, binding, contract);
  const layout = layoutOf(binding, kept, expectations(contract, options, known));
  checkFit(layout, contract);
  checkGates(options, { layout, outputs, known, contract });
  if (decoder.format === 'arrow') checkArrowBinding(schema, layout);
  const blockRows = planBlockRows(model, binding, options.batchRows);
  const crew = planCrew({
    askedWorkers: options.workers,
    askedThreads: options.threads,
    inputBytes: request.inputBytes,
    chunkBytes: request.chunkBytes,
    modelBytes: model.bytes.length,
    blockBytes: blockRows * layout.tensors.reduce((sum, { width }) => sum + width * LARGEST_ELEMENT_BYTES, 0),
    machine: request.machine,
  });
  return {
    binding,
    outputs,
    results,
    goldenOutputs: planOutputs(model.signature, own),
    layout,
    known,
    blockRows,
    ...crew,
    machine: request.machine,
    inFlight: crew.workers * 2 + 2,
    encoder: planEncoder(request, layout, results),
    columns: [...kept, ...results].map((column) => column.name),
  };
}

/** What the command line prefers of the outputs. */
export function decisionOptions(options: ScoreOptions): OutputOptions {
  return pickDefined(options, ['prefix', 'label', 'threshold', 'positiveClass']);
}

/** Throws UsageError `name-clash`. */
function withScorer(fields: readonly ResultField[], name: string | undefined): readonly ResultField[] {
  if (name === undefined) return fields;
  if (!fields.some((field) => field.name === name)) return [...fields, { name, type: 'string' }];
  throw new UsageError('name-clash', `--scored-by names the column "${name}", which the model gives already`, {
    details: { column: name },
    fix: 'Give it a name of its own.',
  });
}

/** What the contract says of the outputs. */
export function contractOutputs({ contract, widths }: PlanRequest): OutputOptions {
  return {
    ...(widths === undefined ? {} : { widths }),
    ...(contract === undefined ? {} : { contractPath: contract.path, ...pickDefined(contract, ['classes', 'threshold', 'positiveClass']) }),
  };
}

/** Which column feeds which input; by name, from the command line, the contract or the model's own metadata. */
export function bindColumns(request: PlanRequest): Binding {
  try {
    return bindInputs(bindRequest(request));
  } catch (error) {
    throw withDelimiterHint(error, request);
  }
}

/** Columns are missing, and the header would split at another delimiter: that is what is wrong. */
function withDelimiterHint(error: unknown, { options, schema, decoder }: PlanRequest): unknown {
  if (!(error instanceof InputError) || error.code !== 'missing-column' || decoder.format !== 'csv') return error;
  if (options.csv?.header === false) return error; // the names are not the file's, and their number was checked against its first record
  const names = schema.columns.map((column) => column.name);
  const delimiter = suggestDelimiter(names, decoder.dialect.delimiter);
  if (delimiter === undefined) return error;
  const { code, message, place, details } = error;
  return new InputError(code, `${message}; the header would split at ${delimiter === '\t' ? 'tabs' : JSON.stringify(delimiter)}`, {
    place,
    details,
    fix: `Give --delimiter ${delimiter === '\t' ? 'tab' : `'${delimiter}'`}.`,
  });
}

function bindRequest({ options, model, contract, schema }: PlanRequest): BindRequest {
  return {
    signature: model.signature,
    columns: schema.columns.map((column) => column.name),
    ...pickDefined(options, ['features', 'bind']),
    ...(typeof options.input === 'string' ? { source: options.input } : {}),
    ...(contract === undefined ? {} : { contract: { path: contract.path, ...pickDefined(contract, ['features', 'columns', 'ids']) } }),
  };
}

/** Size of a chunk: what is asked for, else 1 MB, more for a wide table so that a chunk fills a block. */
export function planChunkBytes(columns: number, asked: number | undefined): number {
  if (asked !== undefined) return asked;
  return Math.min(LARGEST_DEFAULT_CHUNK_BYTES, Math.max(DEFAULT_CHUNK_BYTES, columns * GUESSED_CELL_BYTES * DEFAULT_BLOCK_ROWS));
}

/** Rows of one call of the model: the model's own fixed number, else what is asked for, else by its width. */
function planBlockRows(model: LoadedModel, binding: Binding, asked: number | undefined): number {
  const fixed = model.signature.fixedBatch;
  if (fixed !== undefined && asked !== undefined && asked !== fixed) {
    throw new UsageError(
      'fixed-batch',
      `--batch-rows ${asked} does not fit: the model takes exactly ${fixed} row${fixed === 1 ? '' : 's'} at a time`,
      { fix: 'Leave --batch-rows out.' },
    );
  }
  return chooseBlockRows(model.signature, binding, asked);
}

function planEncoder(request: PlanRequest, layout: Layout, results: readonly ResultField[]): EncoderSetup {
  const { options, decoder, outputFormat } = request;
  const common = { kept: layout.kept, results, rejectedRows: options.rejectedRows ?? 'drop' } as const;
  const compression = options.compression === undefined || options.compression === 'none' ? {} : { compression: options.compression };
  if (outputFormat !== 'csv') {
    const source = decoder.format === 'arrow' ? { sourceSchema: decoder.schema, ...pickDefined(decoder, ['allDictionaries']) } : {};
    return { format: 'arrow', container: outputFormat === 'arrow' ? 'file' : 'stream', ...source, ...compression, ...common };
  }
  if (compression.compression !== undefined) {
    throw new UsageError(
      'compression-of-csv',
      `--compression ${compression.compression} does not fit: the output is CSV, and only Arrow output is compressed`,
      {
        fix: 'Leave --compression out, or write Arrow: -o scores.arrow, or --output-format arrows.',
      },
    );
  }
  const input: CsvDialect = decoder.format === 'csv' ? decoder.dialect : PLAIN_DIALECT;
  const quote = input.quote === '' ? '"' : input.quote;
  const dialect: CsvDialect = { ...input, quote, delimiter: options.outputDelimiter ?? (tabbed(options.output, quote) ? '\t' : input.delimiter) };
  const copyRaw = decoder.format === 'csv' && sameDialect(dialect, { ...input, quote: dialect.quote });
  return { format: 'csv', dialect, copyRaw, ...common };
}

/** Does the output's name promise tabs? Not where tabs are what encloses fields. */
function tabbed(output: ScoreOptions['output'], quote: string): boolean {
  return typeof output === 'string' && suffixDelimiter(output) === '\t' && quote !== '\t';
}

/** The named properties that are there, without undefined ones. */
function pickDefined<T extends object, K extends keyof T>(from: T, keys: readonly K[]): { [P in K]?: Exclude<T[P], undefined> } {
  const picked: { [P in K]?: Exclude<T[P], undefined> } = {};
  for (const key of keys) if (from[key] !== undefined) picked[key] = from[key] as Exclude<T[K], undefined>;
  return picked;
}
