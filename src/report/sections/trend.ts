import type { Plot, Section } from '../content.js';
import { countText, numberText, secondsText, shareText } from '../figures.js';
import type { TrendPoint } from '../trend.js';

/** How the last runs went; undefined where there is but one. */
export function trendSection(points: readonly TrendPoint[], time: (ms: number) => string): Section | undefined {
  if (points.length < 2) return undefined;
  const plots = KINDS.flatMap((kind) => seriesPlot(kind, points, time) ?? []);
  const failed = points.filter(({ isFailed }) => isFailed);
  const failures =
    failed.length === 0
      ? 'all of them published'
      : `${countText(failed.length)} of them not published (marked ×), the last of these ${failed.at(-1)?.id ?? ''}`;
  return {
    id: 'trend',
    title: 'Trend',
    blocks: [
      { kind: 'text', text: `The last ${countText(points.length)} runs up to this one, ${failures}.` },
      ...(plots.length === 0 ? [] : [{ kind: 'plots' as const, caption: 'Trend over the last runs, oldest first', plots }]),
    ],
  };
}

interface Kind {
  readonly title: (points: readonly TrendPoint[]) => string;
  readonly value: (point: TrendPoint, column: string | undefined) => number | null;
  readonly show: (value: number) => string;
  readonly fromZero: boolean;
}

const KINDS: readonly Kind[] = [
  { title: () => 'Rows', value: ({ rows }) => rows, show: countText, fromZero: true },
  { title: () => 'Rejected rows', value: ({ rejectRate }) => rejectRate, show: shareText, fromZero: true },
  { title: () => 'Missing values, worst column', value: ({ missing }) => missing, show: shareText, fromZero: true },
  { title: () => 'Largest psi', value: ({ psi }) => psi, show: (psi) => numberText(Number(psi.toFixed(3))), fromZero: true },
  {
    title: (points) => `Mean of ${scoreColumn(points) ?? 'the score'}`,
    value: ({ score }, column) => (score !== null && score.column === column ? score.mean : null),
    show: numberText,
    fromZero: false,
  },
  { title: () => 'Seconds', value: ({ seconds }) => seconds, show: secondsText, fromZero: true },
];

/** The score of the latest run: an earlier model may have had others. */
function scoreColumn(points: readonly TrendPoint[]): string | undefined {
  return points.findLast(({ score }) => score !== null)?.score?.column;
}

function seriesPlot({ title, value, show, fromZero }: Kind, points: readonly TrendPoint[], time: (ms: number) => string): Plot | undefined {
  const column = scoreColumn(points);
  const values = points.map((point) => value(point, column));
  const known = values.filter((each) => each !== null);
  if (known.length < 2) return undefined;
  const last = values.at(-1) ?? null;
  const summary = `${last === null ? 'no figure for this run' : `now ${show(last)}`}, from ${show(Math.min(...known))} to ${show(Math.max(...known))}`;
  const drawn = points.map(({ startedMs, isFailed }, at) => ({ when: time(startedMs), value: values[at] ?? null, isFailed }));
  return { title: title(points), summary, kind: 'series', points: drawn, show, fromZero };
}
