import { open } from 'node:fs/promises';
import { outputFailure, systemCode } from './failure.js';

/**
 * Makes the names in a folder durable: without it a power cut after rename(2) may leave the temp file's name and the old target. Filesystems that cannot
 * sync a folder (EINVAL, some network and FUSE mounts) have nothing better to offer and are let pass.
 */
export async function syncFolder(folder: string, name: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'EINVAL') return;
    throw outputFailure(error, { name, action: 'sync' });
  }
}
