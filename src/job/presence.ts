import { lstat } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { UNREAD, type History, type Known } from './history.js';
import type { RunPlan } from './plan-run.js';

/**
 * Inputs whose file has gone since it was seen last, or holds another content by now: from when on they need not be remembered for ever. What a run cannot see, or does not look
 * for any more though it is there, is not gone.
 */
export async function newlyGone(history: Pick<History, 'all'>, { todo, published }: Pick<RunPlan, 'todo' | 'published'>): Promise<readonly Known[]> {
  const looked = [...todo, ...published].filter(({ sha256 }) => sha256 !== UNREAD);
  const there = new Set([...todo, ...published.map(({ known }) => known)].map(({ name, sha256 }) => `${sha256}/${name}`));
  const paths = new Set(looked.map(({ path }) => path));
  const gone: Known[] = [];
  for (const known of history.all()) {
    const { name, path, sha256, goneAt, published: done, settled } = known;
    if (goneAt !== undefined || (done !== undefined && !settled) || there.has(`${sha256}/${name}`)) continue;
    if (paths.has(path) || (await isGone(path))) gone.push(known);
  }
  return gone;
}

async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error: unknown) => systemCode(error) === 'ENOENT',
  );
}
