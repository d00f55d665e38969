// The works: which program runs on which file with which model. An entrant is `{name, command, output}`; of those that are not ours `compare` says how
// their output is held against ours, `checking` is the command line that writes it where the timed one writes none, `slow` that fewer runs will do.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SPOILED_EVERY, makeBigInput, makeContract, makeInputs, prepareH2o } from './kit.mjs';

/** ONNX Runtime's kernels give other last bits at other batch sizes; sums of 5,000 products more of them. */
const FLOATS_AGREE = { relative: 1e-6, absolute: 1e-6 };
const SUMS_AGREE = { relative: 1e-6, absolute: 1e-5 };
const WIDE_SHARE = 50;
const TIMES_BIG = 10;
/** Of the same rows H2O's trees and LightGBM's say the same more often than this; of other rows, half the time. */
const SAME_LABELS = 0.8;

/**
 * All works at `rows` rows, each `{name, title, rows, runs, entrants, tolerance, close}`; `runs` says how many times the common number. What a work needs is made
 * when `open` is called.
 */
export function listWorks(kit, { rows, big, h2o }) {
  const inputs = makeInputs(kit, rows);
  const programs = makePrograms(kit);
  const { scoreline, python } = programs;
  return [
    {
      name: 'logistic',
      title: 'logistic regression, 28 floats',
      rows,
      open: () => {
        const data = inputs.floats();
        return [
          python('logistic', 'polars+ort', 'polars_ort.py', data),
          scoreline('logistic', 'scoreline', data),
          scoreline('logistic', 'scoreline-1-worker', data, { flags: ['--workers', '1'] }),
          scoreline('logistic', 'scoreline-2-workers', data, { flags: ['--workers', '2'] }),
          ...programs.watched('logistic', 'training-floats.csv', data),
          programs.pipes('logistic', data),
          scoreline('logistic', 'scoreline-rejects', inputs.rejects(), {
            flags: ['--max-rejects', '2%'],
            compare: { kind: 'rows', rejects: Math.floor(rows / SPOILED_EVERY) },
          }),
          programs.floor('logistic', inputs.ready().matrix),
          python('logistic', 'pandas+ort', 'pandas_ort.py', data, { slow: true }),
          python('logistic', 'pyarrow-csv+ort', 'pyarrow_csv_ort.py', data, { slow: true }),
          programs.naive('logistic', data),
        ];
      },
    },
    {
      name: 'lightgbm',
      title: 'LightGBM, 100 trees x 31 leaves, 28 floats',
      rows,
      open: () => {
        const data = inputs.floats();
        return [
          python('lightgbm', 'polars+ort', 'polars_ort.py', data),
          scoreline('lightgbm', 'scoreline', data),
          ...programs.watched('lightgbm', 'training-floats.csv', data),
          programs.floor('lightgbm', inputs.ready().matrix),
          python('lightgbm', 'pandas+ort', 'pandas_ort.py', data, { slow: true }),
          python('lightgbm', 'pyarrow-csv+ort', 'pyarrow_csv_ort.py', data, { slow: true }),
          ...(h2o ? programs.h2o('lightgbm', data) : []),
        ];
      },
    },
    {
      name: 'strings',
      title: 'one-hot and logistic regression, 6 numbers + 8 strings',
      rows,
      open: () => {
        const data = inputs.mixed();
        return [
          python('onehot', 'polars+ort', 'polars_ort_strings.py', data),
          scoreline('onehot', 'scoreline', data),
          ...programs.watched('onehot', 'training-mixed.csv', data),
        ];
      },
    },
    {
      name: 'arrow',
      title: 'logistic regression, 28 floats, Arrow to Arrow',
      rows,
      open: () => {
        const data = inputs.ready().arrow;
        const arrow = { suffix: 'arrow' };
        return [python('logistic', 'pyarrow+ort', 'pyarrow_ort.py', data, arrow), scoreline('logistic', 'scoreline', data, arrow)];
      },
    },
    {
      name: 'wide',
      title: 'linear regression, 5,000 floats',
      rows: Math.ceil(rows / WIDE_SHARE),
      tolerance: SUMS_AGREE,
      open: () => {
        const data = inputs.wide(Math.ceil(rows / WIDE_SHARE));
        return [python('wide', 'polars+ort', 'polars_ort.py', data), scoreline('wide', 'scoreline', data)];
      },
    },
    {
      name: 'hundred',
      title: 'logistic regression, 28 floats, 100 rows',
      rows: 100,
      // A process of a tenth of a second is noisier, and cheaper.
      runsFactor: 4,
      open: () => {
        const data = inputs.floats(100);
        return [
          python('logistic', 'polars+ort', 'polars_ort.py', data),
          scoreline('logistic', 'scoreline', data),
          python('logistic', 'pandas+ort', 'pandas_ort.py', data, { slow: true }),
        ];
      },
    },
    ...(big ? [bigWork(kit, inputs, programs, rows)] : []),
  ].map((work) => ({ tolerance: FLOATS_AGREE, runsFactor: 1, ...work }));
}

/** Our own run against one ten times as long. Of the runs that count as slow: memory does not jitter as time does. */
function bigWork(kit, inputs, { scoreline }, rows) {
  return {
    name: 'big',
    title: `logistic regression, 28 floats, ${TIMES_BIG} times the rows`,
    rows: TIMES_BIG * rows,
    open: () => {
      const data = inputs.floats();
      kit.say('data: the big file ...');
      const long = makeBigInput(kit, data, TIMES_BIG);
      return [
        scoreline('logistic', 'scoreline', data, { slow: true, suffix: 'once.csv' }),
        scoreline('logistic', 'scoreline-x10', long, { slow: true, suffix: 'big.csv', compare: { kind: 'repeated', times: TIMES_BIG } }),
      ];
    },
    leftovers: [kit.file('big.csv'), kit.file('logistic.scoreline-x10.big.csv')],
  };
}

/** Command lines. Every program gets as many threads as there are cores. */
function makePrograms(kit) {
  const threads = String(kit.threads);
  const model = (name) => kit.file(`${name}.onnx`);
  const output = (work, name, suffix = 'csv') => kit.file(`${work}.${name}.${suffix}`);
  const ours = join(kit.root, 'bin', 'scoreline.js');
  const entrant = (work, name, suffix, rest) => ({ name, output: output(work, name, suffix), compare: { kind: 'rows' }, ...rest });

  const programs = {
    scoreline: (work, name, data, { flags = [], suffix, ...rest } = {}) =>
      entrant(work, name, suffix, {
        command: [process.execPath, ours, 'score', '-m', model(work), data, '-o', output(work, name, suffix), '--keep', 'id', ...flags],
        journal: `${output(work, name, suffix)}.journal.jsonl`,
        ...rest,
      }),
    // The same run without a contract and a profile, and with both: rules of rows, profile, and drift from the training data.
    watched: (work, training, data) => [
      programs.scoreline(work, 'scoreline-unwatched', data, { flags: ['--contract', 'none', '--profile', 'never'] }),
      programs.scoreline(work, 'scoreline-watched', data, { flags: ['--contract', makeContract(kit, work, training)] }),
    ],
    // A run to stdout keeps a journal and rejects only where they are named: the work is to be the same as to a file.
    pipes: (work, data) => {
      const target = output(work, 'scoreline-pipes');
      const line = 'cat "$1" | "$2" "$3" score -m "$4" --keep id --journal "$5.journal.jsonl" --rejects "$5.rejects.csv" > "$5"';
      const command = ['sh', '-c', line, 'sh', data, process.execPath, ours, model(work), target];
      return entrant(work, 'scoreline-pipes', 'csv', { command, journal: `${target}.journal.jsonl` });
    },
    python: (work, name, program, data, { suffix, ...rest } = {}) =>
      entrant(work, name, suffix, {
        command: [kit.python, kit.contender(program), model(work), data, output(work, name, suffix), threads],
        ...rest,
      }),
    floor: (work, matrix) => {
      const command = [kit.python, kit.contender('ort_alone.py'), model(work), matrix, threads];
      return entrant(work, 'ort-alone', 'csv', { command, checking: [...command, output(work, 'ort-alone')] });
    },
    naive: (work, data) =>
      entrant(work, 'csv-parse+ort', 'csv', {
        command: [
          process.execPath,
          kit.contender('csv_parse_ort.mjs'),
          model(work),
          kit.file('features.txt'),
          data,
          output(work, 'csv-parse+ort'),
          threads,
        ],
        slow: true,
      }),
    h2o: (work, data) => {
      const h2o = existsSync(data) ? prepareH2o(kit) : undefined;
      if (h2o === undefined) return [];
      const target = output(work, 'h2o');
      const command = [
        'java',
        '-cp',
        h2o.jar,
        'hex.genmodel.tools.PredictCsv',
        '--mojo',
        h2o.model,
        '--input',
        data,
        '--output',
        target,
        '--decimal',
      ];
      return [
        entrant(work, 'h2o', 'csv', { command, slow: true, compare: { kind: 'labels', columns: ['predict', 'prediction'], least: SAME_LABELS } }),
      ];
    },
  };
  return programs;
}
