import type { StatusName } from '../errors/statuses.js';
import type { Effects } from './effects.js';
import type { Flag } from './flag.js';
import { INSPECT_FLAGS, SCORE_FLAGS } from './flags.js';
import type { Reporter } from './report/reporter.js';
import { readSettings, type Sources } from './settings.js';

/** What a command gets beside its settings. */
export interface Context {
  readonly effects: Effects;
  readonly reporter: Reporter;
}

export interface Example {
  readonly title: string;
  readonly lines: readonly string[];
}

/** A command as data; its code is loaded when it is chosen. */
export interface Command {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly usage: string;
  /** Paragraphs for help and manual. */
  readonly description: readonly string[];
  /** The argument without a flag, and the flag whose place it takes. */
  readonly argument: { readonly label: string; readonly flag: string };
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /** Reads the settings and runs; gives the row of the status table to end with. */
  readonly run: (sources: Sources, context: Context) => Promise<StatusName>;
}

export const COMMANDS: readonly Command[] = [
  {
    name: 'score',
    summary: 'Score one file or stream.',
    usage: 'scoreline score -m MODEL [INPUT|-] [-o OUTPUT|-] [flags]',
    description: [
      'Reads CSV or Arrow, runs every row through an ONNX model, and writes the kept columns and the predictions. Columns bind to the model by name.',
      'The output appears whole or not at all; rows in = scored + rejected is checked before it does. Success prints nothing where stderr is no terminal.',
    ],
    argument: { label: 'INPUT', flag: 'input' },
    flags: SCORE_FLAGS,
    examples: [
      { title: 'By hand:', lines: ['scoreline score -m churn.onnx customers.csv -o scores.csv'] },
      {
        title: 'From cron, nothing printed unless it fails:',
        lines: ['15 2 * * *  /usr/local/bin/scoreline score -m churn.onnx in.csv -o out.csv --max-rejects 1\\%'],
      },
      {
        title: 'In a pipe (pipefail makes its failure the failure of the line):',
        lines: ['set -o pipefail; zcat big.csv.gz | scoreline score -m churn.onnx | gzip > scores.csv.gz'],
      },
      { title: 'Arrow in, Arrow out, ids kept:', lines: ['scoreline score -m churn.onnx in.arrow -o out.arrow --keep customer_id'] },
      { title: 'A matrix model without column names:', lines: ['scoreline score -m trees.onnx --features age,income,tenure in.csv -o out.csv'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(SCORE_FLAGS, sources);
      const { runScore } = await import('./commands/score.js');
      return runScore(settings, context);
    },
  },
  {
    name: 'inspect',
    summary: 'Show what a model wants and what it returns.',
    usage: 'scoreline inspect MODEL [--json] [flags]',
    description: ['Shows inputs, outputs, classes, operators, family, digest and size of a model, and the line that scores with it.'],
    argument: { label: 'MODEL', flag: 'model' },
    flags: INSPECT_FLAGS,
    examples: [
      { title: 'By hand:', lines: ['scoreline inspect churn.onnx'] },
      { title: 'For programs:', lines: ['scoreline inspect churn.onnx --json | jq -r .sha256'] },
    ],
    run: async (sources, context) => {
      const settings = readSettings(INSPECT_FLAGS, sources);
      const { runInspect } = await import('./commands/inspect.js');
      return runInspect(settings, context);
    },
  },
];
