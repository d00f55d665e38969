import { constants } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';
import { writeAll } from './write-all.js';

/**
 * Puts a small file in the place of the old one, in one step: whoever reads it finds the old content or the new. Only under a lock: the name of the fresh
 * file is fixed (`PATH.new`), so that what killed writers left cannot pile up. The content is synced; the folder is not, which is the caller's to do where
 * the old content must not come back after a power cut. Throws what the system says.
 */
export async function replaceFile(path: string, content: Uint8Array, mode: number): Promise<void> {
  const fresh = `${path}.new`;
  await unlink(fresh).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  await writeAndRename(fresh, path, content, mode);
}

/** Makes a new file `fresh`, synced, the file `path`; where anything fails, neither is changed. `exactMode`: set after it was made, so that the umask takes nothing of it. */
export async function writeAndRename(fresh: string, path: string, content: Uint8Array, mode: number, exactMode?: number): Promise<void> {
  const file = await open(fresh, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  try {
    try {
      await writeAll(file, content);
      if (exactMode !== undefined) await file.chmod(exactMode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => undefined);
    throw error;
  }
}
