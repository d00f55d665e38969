import { open } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';

/**
 * Makes the names in a folder durable: without it a power cut after rename(2) may leave the temp file's name and the old target. Filesystems that cannot
 * sync a folder (EINVAL, some network and FUSE mounts) have nothing better to offer and are let pass. Throws what the system says.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (systemCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}
