import type { ComparedColumn, ComparedProfile } from './compared.js';

/** A baseline with its numbers as texts where a run has the column as texts: the model takes them as such, and the baseline was made without it. Pure. */
export function fitBaseline(baseline: ComparedProfile, run: ComparedProfile): ComparedProfile {
  const texts = new Set(run.columns.flatMap(({ name, kind }) => (kind === 'text' ? [name] : [])));
  return { ...baseline, columns: baseline.columns.map((column) => (texts.has(column.name) ? asTexts(column) : column)) };
}

function asTexts(column: ComparedColumn): ComparedColumn {
  if (column.kind === 'text' || column.texts === undefined) return column;
  const { name, count, missing, texts } = column;
  return { name, kind: 'text', count, missing, categories: texts, other: 0 };
}
