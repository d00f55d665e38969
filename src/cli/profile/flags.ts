import type { Flag } from '../flag.js';
import { SCORE_FLAGS } from '../flags.js';

/** Flags of `score` that say how data is read and scored. */
const READING: ReadonlySet<string> = new Set([
  'model', 'max-model-size', 'features', 'bind', 'input', 'input-format', 'delimiter', 'quote', 'escape', 'encoding', 'skip-lines', 'ragged', 'trim',
  'decimal-comma', 'record-limit', 'no-header', 'columns', 'null-value', 'max-rejects', 'batch-rows', 'chunk-size', 'workers', 'threads',
  'quiet', 'verbose', 'log-format', 'allow-unterminated',
]); // prettier-ignore

/** Flags of `scoreline profile`. */
export const PROFILE_FLAGS = [
  ...SCORE_FLAGS.filter(({ name }) => READING.has(name)),
  { name: 'target', kind: 'text', arg: 'COLUMN', example: 'left', group: 'model', environment: false, help: 'The column that the model was taught to predict: what it got right is measured.' },
  { name: 'id', kind: 'texts', arg: 'COLUMN', example: 'customer_id', group: 'model', environment: false, help: 'A column that identifies a row (repeatable); runs keep it in their output.' },
  { name: 'date', kind: 'text', arg: 'COLUMN', example: 'day', group: 'model', environment: false, help: 'A column of dates, whose latest is the end of the training data (trainedThrough).' },
  { name: 'output', short: 'o', kind: 'path', arg: 'PATH|-', example: 'churn.contract.json', group: 'io', environment: false, help: 'Where the contract goes.', default: 'beside the model, or without one beside the data, with .contract.json in place of the suffix' },
  { name: 'update', kind: 'boolean', group: 'io', environment: false, help: 'Measure anew what stands in the contract, and leave what people have written in it.', conflicts: ['force'], more: 'Digest of the model, golden rows, baseline, metrics and, with --date, trainedThrough are made anew.' },
  { name: 'force', kind: 'boolean', group: 'io', environment: false, help: 'Replace a contract that is there.', more: 'Only a contract, or an empty file: any other file is left as it is (73).' },
  { name: 'explain', kind: 'path', arg: 'CONTRACT', example: 'churn.contract.json', group: 'people', environment: false, help: 'Show a contract as a table, and do nothing else.' },
] as const satisfies readonly Flag[]; // prettier-ignore
