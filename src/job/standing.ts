import { lstat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { JobError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { digestFile } from './digest.js';
import type { History, Known } from './history.js';
import type { Job } from './job.js';

/** What became of predictions that were published: paths of those that are gone, and of those that are other bytes by now. */
export interface Standing {
  readonly gone: readonly string[];
  readonly changed: readonly string[];
}

/** Where size and time say nothing, so much is read at most: to look after outputs must cost next to nothing. */
const MOST_BYTES = 64 << 20;

/**
 * Looks whether published predictions still stand: by size, then by the time of their last change, and only where that is after their publication by digest. What the system does
 * not show, and what is too much to read, counts as standing. An output that another input was published into since is that one's.
 */
export async function judgeStanding(published: Iterable<Known>, history: Pick<History, 'writerOf'>, signal: AbortSignal): Promise<Standing> {
  const [gone, changed] = [new Set<string>(), new Set<string>()];
  let left = MOST_BYTES;
  for (const { name, sha256, paths } of published) {
    const known = history.writerOf(paths.output);
    if (known?.published === undefined || known.name !== name || known.sha256 !== sha256) continue;
    const { at, output } = known.published;
    const found = await statOf(output.path);
    if (found === 'unseen') continue;
    if (found === undefined) gone.add(paths.output);
    else if (!found.isFile() || Number(found.size) !== output.bytes) changed.add(paths.output);
    else if (Number(found.mtimeNs / 1_000_000n) > Date.parse(at) && output.bytes <= left) {
      left -= output.bytes;
      const is = await digestFile(output.path, signal).catch(() => undefined);
      signal.throwIfAborted();
      if (is !== undefined && is.sha256 !== output.sha256) changed.add(paths.output);
    }
  }
  return { gone: [...gone], changed: [...changed] };
}

/**
 * The error of a file that stands where an input's predictions would go, and was published by no run of this job, neither there nor elsewhere: another job's, or a
 * person's. Undefined where there is none.
 *
 * @param read whether the file may be read where its size is one that was published; else it is taken for that one.
 */
export async function foreignOutput(
  input: string,
  output: string,
  history: Pick<History, 'writerOf' | 'contentsOf'>,
  { job, read, signal }: { readonly job: Pick<Job, 'file'>; readonly read: boolean; readonly signal: AbortSignal },
): Promise<JobError | undefined> {
  if (history.writerOf(output) !== undefined) return undefined;
  const found = await statOf(output);
  if (found === undefined || found === 'unseen' || !found.isFile()) return undefined; // what is no file is refused where it is opened
  const contents = history.contentsOf(Number(found.size));
  if (contents.size > 0) {
    const is = read ? await digestFile(output, signal).catch(() => undefined) : undefined;
    signal.throwIfAborted();
    if (!read || (is !== undefined && contents.has(is.sha256))) return undefined;
  }
  return new JobError('job-foreign-output', `the input is not scored: '${output}' is there already, and this job has not published it`, {
    place: { file: input },
    details: { output },
    fix: `See what it is: two jobs must not have one output. Name another output in ${job.file}, move the file away, or run with --rescore, which replaces it.`,
  });
}

async function statOf(path: string): Promise<BigIntStats | 'unseen' | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes(systemCode(error)) ? undefined : 'unseen';
  }
}
