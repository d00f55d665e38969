import type { RunColumns } from './options.js';
import type { Plan } from './plan.js';

type Column = RunColumns['input'][number];

/** The columns of a run, for whoever hears of it; null for one that was not planned. A column that is read is typed as the model takes it. */
export function runColumns(plan: Pick<Plan, 'layout' | 'results' | 'columns'> | undefined): RunColumns | null {
  if (plan === undefined) return null;
  const { layout, results, columns } = plan;
  const read = new Map<number, Column>(layout.kept.map(({ column, name }) => [column, { name }]));
  for (const { column, name, type } of layout.fields) read.set(column, { name, type });
  const types = new Map(results.map(({ name, type }) => [name, type]));
  return {
    input: [...read].sort(([a], [b]) => a - b).map(([, column]) => column),
    output: columns.map((name) => {
      const type = types.get(name);
      return type === undefined ? { name } : { name, type };
    }),
  };
}
