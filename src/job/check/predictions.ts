import type { ScoreOptions } from '../../run/options.js';
import type { Plan } from '../../run/plan.js';
import { warning, type Finding } from './finding.js';
import { columnsText, countText, ofText, pathText } from './texts.js';
import type { Trial } from './trial.js';

/** What the scores of the first rows give reason to doubt. */
export function predictionFindings(
  { accounting: { byFallback, contradictions, scored, observation } }: Trial,
  { outputs }: Plan,
  { fallback }: ScoreOptions,
): readonly Finding[] {
  const odd = observation.results.flatMap(({ nonFinite }, index) =>
    nonFinite === 0 ? [] : [{ name: outputs.fields[index]?.name ?? '', rows: nonFinite }],
  );
  return [
    ...(byFallback === 0
      ? []
      : [
          warning(
            'scores',
            'rows-by-fallback',
            `${ofText(byFallback, scored)} of the first rows cannot be scored by the model, and would be by the fallback ${pathText(fallback?.model ?? '')}`,
            {
              fix: 'Without --fallback they are rejects, which say what is wrong with each.',
              details: { rows: byFallback },
            },
          ),
        ]),
    ...(contradictions === 0
      ? []
      : [
          warning('scores', 'label-contradiction', `${countText(contradictions)} labels contradict their own probabilities`, {
            fix: 'See how the model was exported: it chose another class than the likeliest. --label argmax takes the likeliest.',
            details: { rows: contradictions },
          }),
        ]),
    ...(odd.length === 0
      ? []
      : [
          warning('scores', 'non-finite-prediction', `${columnsText(odd.map(({ name }) => name))}: predictions are NaN or infinite`, {
            lines: odd.map(({ name, rows }) => `${name}: ${ofText(rows, scored)} rows`),
            fix: 'See what such rows have in common: often a value is missing that the model was never trained without.',
            details: { columns: odd.map(({ name, rows }) => ({ column: name, rows })) },
          }),
        ]),
  ];
}
