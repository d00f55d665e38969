// The library: the same engine as the command line, with typed options and typed errors.
export { score } from './run/score.js';
export type {
  FallbackCause,
  FallbackOptions,
  InsteadOf,
  Limit,
  Progress,
  RunColumns,
  RunEvent,
  DataSummary,
  RunSummary,
  ScoreOptions,
  Warning,
} from './run/options.js';
export { parseGate } from './check/gates/parse.js';
export type { Gate, Verdict } from './check/gates/gate.js';
export type { CsvInputOptions } from './format/csv/setup.js';
export type { FormatName } from './format/format.js';
export { inspectModel, type ModelFacts } from './model/inspect.js';
export {
  ContractError,
  DefectError,
  InputError,
  InterruptedError,
  JobError,
  JournalError,
  ModelError,
  OutputError,
  ScorelineError,
  UsageError,
  type Place,
} from './errors/errors.js';
export { version } from './version.js';
