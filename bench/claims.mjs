// What the benchmark is to show, and what a record of a run says of it. Pure: old records can be judged again.
import { spread } from './measure.mjs';

/**
 * One line each: the `figure` of entrant `of` in a work, divided by the same figure of `against` (without one: as it is, in `unit`), is to be at most
 * `must`, better `aim` (with `least`: at least). Figures are medians of the runs; a bound in MB holds for the worst run.
 */
export const CLAIMS = [
  { title: 'logistic regression, 28 floats', work: 'logistic', figure: 'seconds', of: 'scoreline', against: 'polars+ort', must: 0.7, aim: 0.5 },
  { title: 'LightGBM, 100 trees x 31 leaves', work: 'lightgbm', figure: 'seconds', of: 'scoreline', against: 'polars+ort', must: 0.85, aim: 0.7 },
  {
    title: 'the same, against the runtime alone',
    work: 'lightgbm',
    figure: 'seconds',
    of: 'scoreline',
    against: 'ort-alone',
    // The clock inside the contender's process: reading, parsing, writing and start-up of ours stand against nothing but the model.
    againstFigure: 'insideSeconds',
    must: 1.3,
    aim: 1.15,
  },
  {
    title: '6 numbers + 8 strings, one-hot, logistic',
    work: 'strings',
    figure: 'seconds',
    of: 'scoreline',
    against: 'polars+ort',
    must: 0.75,
    aim: 0.5,
  },
  { title: 'Arrow to Arrow, 28 floats, logistic', work: 'arrow', figure: 'seconds', of: 'scoreline', against: 'pyarrow+ort', must: 0.9, aim: 0.6 },
  { title: '5,000 columns, linear regression', work: 'wide', figure: 'seconds', of: 'scoreline', against: 'polars+ort', must: 1, aim: 0.7 },
  { title: '100 rows, whole process', work: 'hundred', figure: 'seconds', of: 'scoreline', against: 'polars+ort', must: 0.65, aim: 0.5 },
  {
    title: "peak memory of the first row's work",
    work: 'logistic',
    figure: 'peakMB',
    of: 'scoreline',
    against: 'polars+ort',
    must: 1 / 3,
    aim: 1 / 3,
  },
  { title: 'the same, in MB', work: 'logistic', figure: 'peakMB', of: 'scoreline', unit: 'MB', must: 300, aim: 200 },
  { title: 'peak memory, ten times the rows', work: 'big', figure: 'peakMB', of: 'scoreline-x10', against: 'scoreline', must: 1.1, aim: 1 },
  { title: '1% rejects', work: 'logistic', figure: 'seconds', of: 'scoreline-rejects', against: 'scoreline', must: 1.1, aim: 1.05 },
  {
    title: 'one worker to two',
    work: 'logistic',
    figure: 'seconds',
    of: 'scoreline-1-worker',
    against: 'scoreline-2-workers',
    least: true,
    must: 1.5,
    aim: 1.8,
  },
  ...[
    ['logistic', 'logistic'],
    ['lightgbm', 'LightGBM'],
    ['strings', 'strings'],
  ].flatMap(([work, title]) =>
    ['cpuSeconds', 'seconds'].map((figure) => ({
      title: `${title}: contract, profile and drift${figure === 'cpuSeconds' ? ', CPU' : ''}`,
      work,
      figure,
      of: 'scoreline-watched',
      against: 'scoreline-unwatched',
      must: 1.15,
      aim: 1.05,
    })),
  ),
  { title: 'through pipes', work: 'logistic', figure: 'seconds', of: 'scoreline-pipes', against: 'scoreline', must: 1.2, aim: 1.1 },
];

/** The claims that a record has figures for: `{claim, rows, ours, theirs, value, verdict}`, the verdict being aim, must or short. */
export function judge({ results }) {
  return CLAIMS.flatMap((claim) => {
    const work = results.find(({ name }) => name === claim.work);
    const ours = figuresOf(work, claim.of, claim.figure);
    const theirs = claim.against && figuresOf(work, claim.against, claim.againstFigure ?? claim.figure);
    if (!ours || (claim.against && !theirs)) return [];
    const value = theirs ? ours.median / theirs.median : ours.most;
    return [{ claim, rows: work.rows, ours, theirs, value, verdict: verdictOf(claim, value) }];
  });
}

/** Median and ends of one figure of an entrant; undefined where it did not run or was not measured. */
export function figuresOf(work, name, figure) {
  const runs = work?.entrants.find((entrant) => entrant.name === name)?.runs ?? [];
  const values = runs.map((run) => run[figure]).filter((value) => value !== undefined);
  return values.length > 0 ? spread(values) : undefined;
}

function verdictOf({ must, aim, least = false }, value) {
  const reaches = (bound) => (least ? value >= bound : value <= bound);
  return reaches(aim) ? 'aim' : reaches(must) ? 'must' : 'short';
}
