import { randomBytes } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeAndRename } from './replace.js';

/** What a killed writer left is swept when it is so old: no writer takes that long. */
const STALE_MS = 600_000;

/**
 * Puts a small file in the place of the old one in one step, without a lock: of several writers the last one holds, and a reader sees one of them whole. The temp file is hidden and
 * has no suffix by which a collector would read it. The mode is exactly `mode`, whatever the umask. Throws what the system says.
 */
export async function swapFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  const [folder, prefix] = [dirname(path), `.${basename(path)}.swap-`];
  await sweepStale(folder, prefix);
  await writeAndRename(join(folder, `${prefix}${randomBytes(8).toString('hex')}`), path, content, 0o600, mode);
}

async function sweepStale(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const left = join(folder, name);
    const found = await stat(left).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > STALE_MS) await unlink(left).catch(() => undefined);
  }
}
