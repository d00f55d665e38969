import { readlinkSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { onTestFinished, vi } from 'vitest';

/** From now on until the test ends no file is synced (as with eatmydata); gives the folders that should have been, in their order, as they come. */
export async function watchFolderSyncs(told: (folder: string) => void = () => undefined): Promise<string[]> {
  const folders: string[] = [];
  const handle = await open('/dev/null');
  const methods = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const spy = vi.spyOn(methods, 'sync').mockImplementation(function (this: FileHandle) {
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    if (statSync(path).isDirectory()) {
      folders.push(path);
      told(path);
    }
    return Promise.resolve();
  });
  onTestFinished(() => spy.mockRestore());
  return folders;
}
