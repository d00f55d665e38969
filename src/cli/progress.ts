import type { Progress } from '../run/options.js';
import type { Effects } from './effects.js';
import { bytesText, countText, rateText, secondsText } from './report/figures.js';
import { progressLine } from './report/json.js';
import type { People } from './people.js';

/** Shows how far a run is; `close` takes it off the screen, before anything else is printed. */
export interface ProgressView {
  readonly update: (progress: Progress) => void;
  readonly close: () => void;
}

export type ProgressMode = 'bar' | 'lines' | 'none';

/**
 * How progress is shown: as a bar that is redrawn, where stderr is a terminal that can; as lines where it was asked for and is not; else not
 * at all. Predictions that run over the same terminal leave no room for a bar.
 */
export function progressMode(
  asked: 'auto' | 'always' | 'never' | undefined,
  people: People,
  output: string,
  { stderr, stdout, env }: Pick<Effects, 'stderr' | 'stdout' | 'env'>,
): ProgressMode {
  if (asked === 'never' || people.quiet) return 'none';
  const redraws = stderr.isTTY && env['TERM'] !== 'dumb' && people.logFormat === 'text' && !(output === '-' && stdout.isTTY);
  if (redraws) return 'bar';
  return asked === 'always' ? 'lines' : 'none';
}

/** Opens the view; the progress library is loaded only for a bar. */
export async function openProgress(mode: ProgressMode, people: People, effects: Pick<Effects, 'stderr' | 'now'>): Promise<ProgressView> {
  if (mode === 'none') return { update: () => undefined, close: () => undefined };
  return mode === 'bar' ? openBar(effects) : openLines(people, effects);
}

/** One line of figures: percent and time left where the size is known, rows, rate, bytes and time where it is not. */
export function progressText({ rows, rejected, bytes, totalBytes, seconds, resumed = { rows: 0, bytes: 0 } }: Progress): string {
  const rejects = rejected > 0 ? `  ${countText(rejected)} rejected` : '';
  const done = `${countText(rows)} rows  ${rateText(rows - resumed.rows, seconds)}${rejects}`;
  if (totalBytes === undefined) return `${done}  ${bytesText(bytes)}  ${secondsText(seconds)}`;
  const share = totalBytes === 0 ? 1 : Math.min(bytes / totalBytes, 1);
  const left = bytes > resumed.bytes ? secondsText((seconds * Math.max(0, totalBytes - bytes)) / (bytes - resumed.bytes)) : '-';
  return `${String(Math.floor(share * 100)).padStart(3)}%  ${done}  ETA ${left}`;
}

const LINE_INTERVAL_MS = 1000;

function openLines(people: People, { stderr, now }: Pick<Effects, 'stderr' | 'now'>): ProgressView {
  let last = Number.NEGATIVE_INFINITY;
  const update = (progress: Progress) => {
    const time = now();
    if (time.getTime() - last < LINE_INTERVAL_MS) return;
    last = time.getTime();
    stderr.write(people.logFormat === 'json' ? progressLine(progress, time) : `scoreline: ${progressText(progress)}\n`);
  };
  return { update, close: () => undefined };
}

const MAX_BAR_WIDTH = 30;
const MIN_BAR_WIDTH = 8;

async function openBar({ stderr }: Pick<Effects, 'stderr'>): Promise<ProgressView> {
  const { default: library } = await import('cli-progress');
  let latest: Progress = { rows: 0, rejected: 0, bytes: 0, totalBytes: undefined, seconds: 0 };
  const bar = new library.SingleBar({
    stream: stderr.raw(),
    clearOnComplete: true,
    barsize: MAX_BAR_WIDTH,
    // a second signal ends the process at once: nothing is changed on the terminal that would have to be changed back
    hideCursor: false,
    linewrap: true,
    // signals are ours
    gracefulExit: false,
    format: (options, params) => {
      const width = params.maxWidth - 1;
      const text = progressText(latest);
      const room = Math.min(width - text.length - 4, MAX_BAR_WIDTH);
      if (latest.totalBytes === undefined || room < MIN_BAR_WIDTH) return text.slice(0, width);
      return `[${library.Format.BarFormat(params.progress, { ...options, barsize: room })}]  ${text}`;
    },
  });
  bar.start(0, 0);
  return {
    update: (progress) => {
      latest = progress;
      if (progress.totalBytes !== undefined) bar.setTotal(progress.totalBytes);
      bar.update(progress.bytes);
    },
    close: () => bar.stop(),
  };
}
