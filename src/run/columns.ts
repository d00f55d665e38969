import type { KeptField } from '../batch/layout.js';
import type { ResultField } from '../batch/result.js';
import type { Contract } from '../contract/contract.js';
import { ContractError, UsageError } from '../errors/errors.js';
import { didYouMean, nearMisses } from '../errors/nearest.js';
import type { SourceColumn } from '../format/format.js';
import type { ScoreOptions } from './options.js';

/**
 * Which columns are copied to the output: what `--keep` says, else the contract's ids, else every column that the model does not read.
 *
 * @throws UsageError `unknown-column`, ContractError `no-ids` or `unknown-id`.
 */
export function planKept(
  columns: readonly SourceColumn[],
  reads: ReadonlySet<string>,
  contract: Contract | undefined,
  keep: ScoreOptions['keep'],
): KeptField[] {
  const ids = contract?.ids ?? [];
  const choice = keep ?? (ids.length > 0 ? 'ids' : 'unused');
  const all = columns.map(({ name }, column) => ({ name, column }));
  if (choice === 'all') return all;
  if (choice === 'none') return [];
  if (choice === 'unused') return all.filter(({ name }) => !reads.has(name));
  if (choice === 'ids') {
    if (ids.length === 0)
      throw new ContractError('no-ids', '--keep ids was asked for, but there is no contract that names ids', {
        fix: 'Name the columns instead: --keep a,b',
      });
    return pick(
      ids,
      all,
      (name, near) =>
        new ContractError('unknown-id', `the contract's id column "${name}" is not in the input${didYouMean(near)}`, {
          place: { file: contract?.path ?? '' },
          ...whatThereIs(columns),
        }),
    );
  }
  return pick(
    choice,
    all,
    (name, near) =>
      new UsageError('unknown-column', `--keep names the column "${name}", which is not in the input${didYouMean(near)}`, whatThereIs(columns)),
  );
}

function whatThereIs(columns: readonly SourceColumn[]): { readonly fix: string; readonly details: Readonly<Record<string, unknown>> } {
  return { fix: "-v lists the input's columns.", details: { columns: columns.slice(0, 10_000).map(({ name }) => name) } };
}

function pick(names: readonly string[], all: readonly KeptField[], unknown: (name: string, near: readonly string[]) => Error): KeptField[] {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new UsageError('duplicate-column', `the column "${twice}" would be kept twice, and two columns of one name cannot be told apart`, {
      fix: 'Name it once in --keep (or in the ids of the contract).',
    });
  }
  return names.map((name) => {
    const found = all.find((column) => column.name === name);
    if (found !== undefined) return found;
    throw unknown(name, nearMisses(name, all.map((column) => column.name))); // prettier-ignore
  });
}

/**
 * A result column may not have the name of a kept column: the reader could not tell them apart.
 *
 * @throws UsageError `name-clash`.
 */
export function checkClash(kept: readonly KeptField[], results: readonly ResultField[]): void {
  const names = new Set(kept.map((column) => column.name));
  const clash = results.find((field) => names.has(field.name));
  if (clash === undefined) return;
  throw new UsageError('name-clash', `the output would have two columns named "${clash.name}": one kept from the input, one from the model`, {
    details: { column: clash.name },
    fix: `Give --prefix model_ to rename the model's columns, or leave it out with --keep.`,
  });
}
