import { basename, extname } from 'node:path';
import type { StartFacts } from './event.js';

/** What a run belongs to: its job, else what its label `job` says (`--tag job=NAME`), else the name of its output, else of its model. */
export function jobName({ labels, output, model }: Pick<StartFacts, 'labels' | 'output' | 'model'>): string {
  const named = labels['job'];
  if (named !== undefined && named !== '') return named;
  return STREAMS.has(output.path) ? modelName(model) : basename(output.path, extname(output.path));
}

const STREAMS: ReadonlySet<string> = new Set(['stdout', 'output stream', '-']);

/** Name of the file without suffix. */
export function modelName({ path }: StartFacts['model']): string {
  return basename(path, extname(path));
}

/** Does a path stand for a stream, which has no place in a file system? */
export function isStream(path: string): boolean {
  return STREAMS.has(path) || path === 'stdin' || path === 'input stream';
}
