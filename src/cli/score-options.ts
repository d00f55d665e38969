import type { CsvInputOptions } from '../format/csv/setup.js';
import type { ScoreOptions } from '../run/options.js';
import type { Effects } from './effects.js';
import type { SettingsOf } from './flag.js';
import type { SCORE_FLAGS } from './flags.js';
import { looksLikeModel, shellPath } from './shell.js';
import { usageError } from './usage.js';

export type ScoreSettings = SettingsOf<typeof SCORE_FLAGS>;

/** Settings that the library knows by the same name, in the same form. */
const SAME = [
  'inputFormat',
  'outputFormat',
  'compression',
  'features',
  'bind',
  'keep',
  'prefix',
  'label',
  'threshold',
  'positiveClass',
  'contract',
  'scoredBy',
  'maxRejects',
  'rejects',
  'rejectedRows',
  'limit',
  'expectRows',
  'onUnseen',
  'journalValues',
  'profile',
  'allowEmpty',
  'noClobber',
  'batchRows',
  'flushMs',
  'workers',
  'threads',
  'resume',
  'spoolStdout',
  'skipIfPublished',
  'expectSha256',
] as const satisfies readonly (keyof ScoreSettings)[];

/**
 * The library's options for the settings of `scoreline score`. Throws UsageErrors for what only a command line can get wrong: `missing-model`,
 * `missing-input` (stdin is a terminal), `terminal-output`, `conflicting-flags`.
 */
export function toScoreOptions(settings: ScoreSettings, effects: Pick<Effects, 'stdin' | 'stdout' | 'env'>): ScoreOptions {
  const { model, input, output, journal, noJournal, stateDir } = settings;
  if (model === undefined) throw missingModel('score', 'scoreline score -m MODEL INPUT -o OUTPUT', input);
  if (input === undefined && effects.stdin.isTTY) throw missingInput(model);
  checkTogether(settings, output ?? '-', effects.stdout.isTTY);
  if (journal === '-') throw journalOnStdout();
  const state = stateDir ?? stateDirectory(effects.env);
  const recordJournal = noJournal === true ? false : journal;
  return {
    model,
    input: input ?? '-',
    output: output ?? '-',
    ...engineOptions(settings),
    ...(recordJournal === undefined ? {} : { journal: recordJournal }),
    ...(state === undefined ? {} : { stateDir: state }),
  };
}

/** The part of the settings that says how to score, whatever is scored, and wherever it is written and recorded. */
export function engineOptions(settings: ScoreSettings): Omit<ScoreOptions, 'model' | 'input' | 'output'> {
  const { fallback, fallbackOn, delimiter, nullValue, chunkSize, maxModelSize, checkpointEvery, tag, lockWait, gate } = settings;
  return {
    ...pick(settings, SAME),
    csv: csvOptions(settings),
    ...(fallback === undefined ? {} : { fallback: { model: fallback, ...(fallbackOn === undefined ? {} : { on: fallbackOn }) } }),
    ...(delimiter === undefined ? {} : { outputDelimiter: delimiter }),
    ...(nullValue === undefined ? {} : { nullValues: nullValue }),
    ...(chunkSize === undefined ? {} : { chunkBytes: chunkSize }),
    ...(maxModelSize === undefined ? {} : { maxModelBytes: maxModelSize }),
    ...(checkpointEvery === undefined ? {} : { checkpointEveryMs: checkpointEvery }),
    ...(tag === undefined ? {} : { labels: tag }),
    ...(lockWait === undefined ? {} : { lockWaitMs: lockWait }),
    ...(gate === undefined ? {} : { gates: gate }),
  };
}

/** CSV settings that the library knows by the same name, in the same form. */
const SAME_CSV = [
  'delimiter',
  'quote',
  'escape',
  'columns',
  'encoding',
  'skipLines',
  'ragged',
  'trim',
  'decimalComma',
  'allowUnterminated',
] as const satisfies readonly (keyof ScoreSettings & keyof CsvInputOptions)[];

function csvOptions(settings: ScoreSettings): CsvInputOptions {
  const { noHeader, recordLimit } = settings;
  return {
    ...(noHeader === undefined ? {} : { header: false }),
    ...pick(settings, SAME_CSV),
    ...(recordLimit === undefined ? {} : { recordLimitBytes: recordLimit }),
  };
}

/** The properties of those names that an object has. */
function pick<T extends object, K extends keyof T>(object: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(object, name)).map((name) => [name, object[name]])) as Pick<T, K>;
}

/** The error of a command that needs a model and got none; an input that is called as models are was probably meant as one. */
export function missingModel(command: string, example: string, input?: string) {
  const meant = input !== undefined && looksLikeModel(input);
  return usageError(
    'missing-model',
    `scoreline ${command} needs a model, and none is given`,
    meant ? `Put -m before the model: scoreline score -m ${shellPath(input)} INPUT -o OUTPUT` : `For example: ${example}`,
  );
}

function missingInput(model: string) {
  return usageError(
    'missing-input',
    'no input is given, and stdin is a terminal',
    `Name a file: scoreline score -m ${model} INPUT; or pipe it in: cat INPUT | scoreline score -m ${model}; or type it, with - as INPUT`,
  );
}

/** It is locked, read again and gone on with: a stream can be none of that, and a file called `-` is not what anybody meant. */
function journalOnStdout() {
  return usageError('bad-value', "--journal takes the path of a file, found '-'", 'Name a file; one that is really called - is given as ./-');
}

/** What only a look at several flags shows to be wrong. Throws UsageError `conflicting-flags`, `terminal-output`. */
export function checkTogether({ label, threshold, delimiter, quote, outputFormat }: ScoreSettings, output: string, terminal: boolean): void {
  if (threshold !== undefined && label !== undefined && label !== 'threshold') {
    throw usageError('conflicting-flags', `--threshold does nothing with --label ${label}`, 'Leave --threshold out, or take --label threshold.');
  }
  if ((delimiter ?? ',') === (quote ?? '"')) {
    throw usageError(
      'conflicting-flags',
      `the delimiter and the quote are the same character: ${quote ?? delimiter ?? ''}`,
      'Give another --quote, or --quote none.',
    );
  }
  if (output === '-' && terminal && (outputFormat === 'arrow' || outputFormat === 'arrows')) {
    throw usageError('terminal-output', 'Arrow would be written to a terminal', 'Name a file with -o, or redirect stdout: > scores.arrows');
  }
}

/** systemd sets STATE_DIRECTORY for units with StateDirectory=; several are separated by colons, and the first is ours. */
export function stateDirectory(env: Effects['env']): string | undefined {
  const first = env['STATE_DIRECTORY']?.split(':')[0];
  return first === '' ? undefined : first;
}
