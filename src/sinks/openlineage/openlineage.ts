import { appendLine } from '../../files/append-line.js';
import type { Columns, JobRun, SinkEvent, StartFacts } from '../event.js';
import { jobName } from '../job-name.js';
import { untold, type Sink } from '../sink.js';
import { lineageOf, placeOf, type Destination } from './destination.js';
import { jobEndEvent, jobStartEvent, runEvent, type RunEvent } from './events.js';
import { post } from './post.js';

interface Begun {
  readonly start: StartFacts;
  readonly columns: Columns | null;
  readonly parent: JobRun | undefined;
}

/**
 * Events of OpenLineage: for each run START and one of COMPLETE, FAIL and ABORT. A run of a job has such events, too, where any input is scored, and is the parent of those of its
 * inputs.
 *
 * @param to a path, a URL, or `env` (destination.ts).
 */
export function openOpenLineage(to: string, env: Readonly<Record<string, string | undefined>>): Sink {
  const begun = new Map<string, Begun>();
  let job: { readonly run: JobRun; told: boolean } | undefined;
  let knownAs: string | undefined;

  async function send(make: (namespace: string) => RunEvent | undefined, signal: AbortSignal): Promise<void> {
    const lineage = lineageOf(to, env);
    const event = lineage && make(lineage.namespace);
    if (lineage !== undefined && event !== undefined) await deliver(lineage.destination, event, signal);
  }

  async function tell(event: SinkEvent, signal: AbortSignal): Promise<void> {
    if (event.kind === 'START') {
      begun.set(event.run, { start: event.record, columns: event.columns, parent: job?.run });
      knownAs = jobName(event.record);
      const before = job;
      if (before !== undefined && !before.told) {
        before.told = true;
        await send((namespace) => jobStartEvent(before.run, namespace), signal);
      }
    }
    const known = begun.get(event.run);
    if (event.kind !== 'START') begun.delete(event.run);
    const start = known?.start ?? event.dead?.start ?? undefined;
    const { columns = null, parent } = known ?? {};
    await send((namespace) => runEvent(event, { namespace, start, columns, parent, knownAs }), signal);
  }

  return {
    warning: (found, times) => ({ code: 'openlineage-failed', message: untold(to === 'env' ? 'OpenLineage' : placeOf(to), found), count: times }),
    tell,
    jobBegun(run) {
      job = { run, told: false };
      return Promise.resolve();
    },
    async jobEnded(end, signal) {
      const ended = job;
      job = undefined;
      if (ended?.told === true) await send((namespace) => jobEndEvent(ended.run, end, namespace), signal);
    },
  };
}

/** A file holds one event a line; nothing else is ever appended to. */
async function deliver(destination: Destination, event: RunEvent, signal: AbortSignal): Promise<void> {
  const text = JSON.stringify(event);
  if (destination.kind === 'http') return post(destination.url, text, { apiKey: destination.apiKey, signal });
  await appendLine(destination.path, text, (head) => head.startsWith(FIRST));
}

/** How a line of such a file begins. */
const FIRST = '{"eventType":"';
