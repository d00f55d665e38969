import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NotOursError } from '../../files/append-line.js';
import { swapFile } from '../../files/swap-file.js';
import { systemCode } from '../../errors/system-code.js';
import type { JobEnd, JobRun, SinkEvent, StartFacts } from '../event.js';
import { jobName } from '../job-name.js';
import { untold, type Sink } from '../sink.js';
import { formatFamilies, sampleOf, splitFamilies, type Family } from './exposition.js';
import { jobFamilies, LAST_JOB_SUCCESS } from './job-families.js';
import { isRunFamily, LAST_SUCCESS, runFamilies } from './run-families.js';

/** First line of every file: only a file that begins so is ever replaced. */
const HEADER = '# Written by Scoreline for the textfile collector of node_exporter; each run replaces it.\n';
/** For a collector of another user, whatever the umask. */
const MODE = 0o644;

/**
 * The last run in a file for the textfile collector. What stands in the file of the job and not of its last run stays there, and so does the time of the last success.
 *
 * @param path a file, or a folder: there each job gets a file of its own, `scoreline-JOB.prom`.
 */
export function openMetrics(path: string): Sink {
  const starts = new Map<string, { readonly record: StartFacts; readonly at: string }>();
  let job: string | undefined;
  return {
    warning: (found, times) => ({ code: 'metrics-failed', message: untold(path, found), count: times }),
    async tell(event: SinkEvent) {
      if (event.kind === 'START') starts.set(event.run, event);
      if (event.kind !== 'COMMIT' && event.kind !== 'FAIL') return;
      const started = starts.get(event.run);
      starts.delete(event.run);
      const start = started?.record ?? event.dead?.start ?? undefined;
      if (start === undefined) return; // a dead run of which nothing is known: the next one will say more
      const own = jobName(start);
      await rewrite(path, own, (old) => {
        const lastSuccess = sampleOf(old.get(LAST_SUCCESS), { job: own });
        const ended = { start, startedAt: started?.at ?? null, endedAt: event.at, record: event.record, lastSuccess };
        return { replaced: isRunFamily, families: runFamilies(ended) };
      });
    },
    jobBegun(run: JobRun) {
      job = run.job;
      return Promise.resolve();
    },
    async jobEnded(end: JobEnd) {
      const own = job;
      if (own === undefined) return;
      await rewrite(path, own, (old) => ({
        replaced: (name) => !isRunFamily(name),
        families: jobFamilies(own, end, sampleOf(old.get(LAST_JOB_SUCCESS), { job: own })),
      }));
    },
  };
}

interface Rewriting {
  /** Which of the old families go. */
  readonly replaced: (name: string) => boolean;
  readonly families: readonly Family[];
}

async function rewrite(path: string, job: string, make: (old: ReadonlyMap<string, string>) => Rewriting): Promise<void> {
  const file = await fileOf(path, job);
  const old = splitFamilies(await readOwn(file));
  const { replaced, families } = make(old);
  const kept = [...old].filter(([name]) => !replaced(name)).map(([, text]) => text);
  await swapFile(file, Buffer.from(`${HEADER}${kept.join('')}${formatFamilies(families)}`), MODE);
}

async function fileOf(path: string, job: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (found?.isDirectory() === true) return join(path, `scoreline-${job.replace(/[^A-Za-z0-9._-]/g, '_')}.prom`);
  if (found?.isFile() === false) throw new NotOursError('it is no plain file');
  return path;
}

/** No file of ours is larger. */
const LARGEST_BYTES = 1 << 24;
const FOREIGN = 'it holds something else, which is not replaced';

/** The file as it stands; empty where there is none. */
async function readOwn(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if ((found?.size ?? 0) > LARGEST_BYTES) throw new NotOursError(FOREIGN);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return '';
  });
  if (text !== '' && !text.startsWith(HEADER)) throw new NotOursError(FOREIGN);
  return text;
}
