import { InputError, UsageError } from '../../errors/errors.js';
import { didYouMean, nearMisses } from '../../errors/nearest.js';

/** Columns of the data, what the model reads of them, and those that the command line names. */
export interface Named {
  readonly columns: readonly string[];
  readonly reads: readonly string[];
  readonly target: string | undefined;
  readonly ids: readonly string[];
  readonly date: string | undefined;
}

/** Throws UsageError `unknown-column`, `target-is-feature`. */
export function checkColumns({ columns, reads, target, ids, date }: Named): void {
  const named = [['--target', target], ['--date', date], ...ids.map((id) => ['--id', id] as const)] as const;
  for (const [flag, name] of named) {
    if (name === undefined || columns.includes(name)) continue;
    throw new UsageError('unknown-column', `${flag} names the column "${name}", which is not in the data${didYouMean(nearMisses(name, columns))}`, {
      details: { columns: columns.slice(0, 10_000) },
      fix: "Give the name of one of the data's columns; -v lists them.",
    });
  }
  if (target === undefined || !reads.includes(target)) return;
  throw new UsageError('target-is-feature', `the model reads the column "${target}", which --target says it predicts`, {
    fix: 'Name the column that the model was taught to predict, or leave --target out.',
  });
}

export function noDates(file: string, column: string): InputError {
  return new InputError('no-dates', `no value of the column "${column}" is a date`, {
    place: { file, column },
    fix: 'Name a column of dates such as 2026-06-30 with --date, or leave it out.',
  });
}
