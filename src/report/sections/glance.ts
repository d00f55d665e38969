import type { Finding, Section } from '../content.js';
import { bytesText, countText, rateText, secondsText } from '../figures.js';
import type { ReportRun } from '../material.js';
import { isWithheld } from './gates.js';

type Pair = readonly [name: string, text: string | undefined];

const STATUSES = { committed: 'published', failed: 'failed', aborted: 'aborted' } as const;

/** The run on one screen. */
export function glanceSection(run: ReportRun, findings: readonly Finding[], time: (ms: number) => string): Section {
  const { id, status, startedMs, endedMs, start, figures } = run;
  const seconds = figures.seconds?.total ?? (endedMs - startedMs) / 1000;
  const labels = Object.entries(start?.labels ?? {});
  const pairs: readonly Pair[] = [
    ['run', id],
    ['status', run.error !== undefined && isWithheld(run.error) ? 'withheld by a gate' : STATUSES[status]],
    ['started', time(startedMs)],
    ['ended', time(endedMs)],
    ['took', figures.rows === undefined ? secondsText(seconds) : `${secondsText(seconds)}, ${rateText(figures.rows.in, seconds)}`],
    ['resumes', start?.resumes],
    ['checkpoints', run.checkpoints === 0 ? undefined : countText(run.checkpoints)],
    ...labels.map(([name, value]): Pair => [`label ${name}`, value]),
    ...files(run),
    ['versions', versionsText(run)],
    ['journal', run.journal],
  ];
  const known = pairs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  return { id: 'glance', title: 'At a glance', blocks: [{ kind: 'findings', findings }, { kind: 'pairs', caption: 'The run', pairs: known }] }; // prettier-ignore
}

function files({ start, figures: { input, output, rejects, withheld } }: ReportRun): readonly Pair[] {
  return [
    ['model', start && listed(start.model.path, [start.model.family, start.model.producer, size(start.model.bytes), digest(start.model.sha256)])],
    ['contract', start?.contract?.path],
    ['input', start && listed(start.input.path, [start.input.format, size(input?.bytes ?? start.input.bytes)])],
    ['output', output ? listed(output.path, [size(output.bytes)]) : start && `${start.output.path} (not published)`],
    ['withheld', withheld && listed(withheld.path, [size(withheld.bytes)])],
    ['rejects', rejects ? listed(rejects.path, [size(rejects.bytes)]) : undefined],
  ];
}

function versionsText({ start }: ReportRun): string | undefined {
  return start && `Scoreline ${start.versions.scoreline}, Node ${start.versions.node}, ONNX Runtime ${start.versions.runtime}`;
}

function listed(path: string, about: readonly (string | null | undefined)[]): string {
  return [path, ...about.filter((text) => typeof text === 'string' && text !== '')].join(', ');
}

function size(bytes: number | null | undefined): string | undefined {
  return typeof bytes === 'number' ? bytesText(bytes) : undefined;
}

/** Enough to tell one model from another; the whole stands among the digests. */
function digest(sha256: string | null): string | undefined {
  return sha256 === null ? undefined : `sha256 ${sha256.slice(0, 12)}`;
}
