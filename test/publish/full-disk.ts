import { open, type FileHandle } from 'node:fs/promises';
import { onTestFinished, vi } from 'vitest';

/** Until the test ends, files of this thread are as on a full disk: they can be made, and every write, or every sync, is refused. */
export async function failWrites(folder: string, step: 'write' | 'sync' = 'write'): Promise<void> {
  const handle = await open(folder);
  const methods = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const refused = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const spy = vi.spyOn(methods, step).mockRejectedValue(refused);
  onTestFinished(() => spy.mockRestore());
}
