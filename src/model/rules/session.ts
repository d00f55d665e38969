import { DefectError } from '../../errors/errors.js';
import type { Session, TensorData } from '../session.js';
import { compileCondition, type Condition, type RowValues } from './condition.js';
import { readRules } from './read.js';
import type { Rule, RuleSet } from './rule-set.js';

/** A session that judges each row by rules. Throws what a condition throws, such as a number that is too large for a whole one; the row is then at fault. */
export function openRulesSession(bytes: Uint8Array): Session {
  const set = readRules(bytes, '');
  const { columns, outputs } = set;
  const names = columns.map(({ name }) => name);
  const valuesFor = judge(set);
  return {
    run: (inputs) => {
      const rows = inputs[0]?.dims[0] ?? 0;
      const results = outputs.map(({ kind }): number[] | string[] => (kind === 'number' ? [] : []));
      const row: RowValues = {};
      for (let index = 0; index < rows; index++) {
        for (const [column, name] of names.entries()) row[name] = inputs[column]?.values[index] as number | string;
        const values = valuesFor(row);
        for (const [output, value] of values.entries()) (results[output] as (number | string)[])[index] = value;
      }
      return Promise.resolve(
        outputs.map(({ kind }, index): TensorData => {
          const values = results[index] ?? [];
          return kind === 'number'
            ? { type: 'float64', dims: [rows, 1], values: Float64Array.from(values as number[]) }
            : { type: 'string', dims: [rows, 1], values: values as string[] };
        }),
      );
    },
    close: () => Promise.resolve(),
  };
}

/** Gives the values of the first rule whose condition holds for a row. */
function judge({ rules, columns }: RuleSet): (row: RowValues) => Rule['then'] {
  const compiled = rules.map(({ when, then }) => ({ holds: when === undefined ? () => true : conditionOf(when, columns), then }));
  return (row) => {
    for (const { holds, then } of compiled) if (holds(row)) return then;
    throw new DefectError('no rule took a row, and the last one has no condition');
  };
}

function conditionOf(text: string, columns: RuleSet['columns']): Condition {
  const condition = compileCondition(text, columns);
  if (typeof condition === 'string') throw new DefectError(`a condition that was read before cannot be read again: ${condition}`);
  return condition;
}
