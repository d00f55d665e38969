import type { ModelFacts } from '../../model/inspect.js';
import type { Knowledge } from '../../model/knowledge/knowledge.js';
import { shortList, shown } from './names.js';

export const KNOWLEDGE_HEAD = ['column', 'mean', 'deviation', 'missing becomes', 'range', 'thresholds', 'known values'] as const;

/** One row for each column of which the graph knows something; columns of a matrix by their names where the model gives an order, else by their place. */
export function knowledgeRows({
  knowledge,
  inputs,
  featureNames,
}: Pick<ModelFacts, 'knowledge' | 'inputs' | 'featureNames'>): readonly (readonly string[])[] {
  const matrices = inputs.filter(({ kind }) => kind === 'matrix');
  const order = matrices.length === 1 ? featureNames : null;
  const isMatrix = new Set(matrices.map(({ name }) => name));
  return knowledge.map((known) => {
    const { input, at, categories, mean, deviation, imputed, thresholds } = known;
    const name = isMatrix.has(input) ? (order?.[at] ?? `${input}[${at}]`) : input;
    return [
      shown(name),
      figure(mean),
      figure(deviation),
      typeof imputed === 'string' ? shown(imputed) : figure(imputed),
      rangeText(known),
      thresholds === undefined ? '' : `${thresholds.count}: ${spanText(thresholds)}`,
      categories === undefined ? '' : shortList(categories),
    ];
  });
}

function rangeText({ range }: Knowledge): string {
  if (range === undefined) return '';
  return range.from === 'clip' ? spanText(range) : `${spanText(range)} (if to 0 and 1)`;
}

function spanText({ min, max }: { readonly min: number; readonly max: number }): string {
  return min === max ? figure(min) : `${figure(min)} to ${figure(max)}`;
}

/** Six digits: what a person compares; all of them stand in `--json`. */
function figure(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(6)));
}
