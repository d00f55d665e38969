import type { ModelFacts } from '../../model/inspect.js';
import { quotePairName } from '../list.js';
import { shellPath, shellQuote } from '../shell.js';

/** How to score with a model. */
export interface Advice {
  /** A line to paste, once the data has its name. */
  readonly line: string;
  /** What to know before doing so, as sentences. */
  readonly notes: readonly string[];
}

/**
 * The `score` line for a model, and what it needs to bind: an order of columns for a matrix, columns of the inputs' names otherwise. A contract
 * beside the model is taken to give the order; what it says is not looked at. Pure.
 */
export function adviceFor(model: Pick<ModelFacts, 'path' | 'inputs' | 'featureNames' | 'fixedBatch'>, contract?: string): Advice {
  const matrices = model.inputs.filter(({ kind }) => kind === 'matrix');
  const columns = model.inputs.filter(({ kind }) => kind === 'column');
  const needsOrder = matrices.length > 0 && model.featureNames === null;
  const namesOrder = needsOrder && contract === undefined;
  const words = ['scoreline score -m', shellPath(model.path), ...(namesOrder ? ['--features @features.txt'] : []), 'data.csv -o scores.csv'];
  return {
    line: words.join(' '),
    notes: [
      'The input is CSV with a header, or Arrow: its columns may stand in any order and among others. A small one to try: --sample-input sample.csv',
      ...(contract === undefined
        ? []
        : [`The contract ${contract} is read with the model: the order of columns, other names and classes that it gives need no flags.`]),
      ...(namesOrder ? orderNotes(matrices) : []),
      ...(needsOrder && !namesOrder ? ['A contract without an order of columns (features) needs --features beside it.'] : []),
      ...(matrices.length > 0 && model.featureNames !== null
        ? ['The order of the columns is the one in the metadata of the model (feature_names).']
        : []),
      ...(columns.length > 0 ? [bindNote(columns)] : []),
      ...(model.fixedBatch === null ? [] : [`The model takes ${model.fixedBatch} rows at a time, neither more nor fewer; the last block is padded.`]),
    ],
  };
}

function orderNotes(matrices: readonly { readonly name: string; readonly width: number | null }[]): readonly string[] {
  const known = matrices.every(({ width }) => width !== null);
  const total = matrices.reduce((sum, { width }) => sum + (width ?? 0), 0);
  const names = matrices.map(({ name }) => `'${name}'`).join(', ');
  return [
    `features.txt names the ${known ? `${total} columns` : 'columns'} of ${names}, one a line, in the order of training; or: --features a,b,c. ` +
      'It is not needed where a contract beside the model names them.',
  ];
}

function bindNote(columns: readonly { readonly name: string }[]): string {
  // a name that needs quoting shows best how to
  const shown = columns.find(({ name }) => quotePairName(name) !== name || shellQuote(name) !== name) ?? columns[0];
  const pair = shellQuote(`${quotePairName(shown?.name ?? '')}=COLUMN`);
  return `Each input of one value a row is fed by the column of its name; where that is called otherwise: --bind ${pair}`;
}
