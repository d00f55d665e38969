import { lstat, readFile, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';

/**
 * Gives a finished stage the mode that its target shall have: `mode` where asked for, else that of the file which it replaces, with its owner and group where the system
 * lets us, else what the umask leaves of 0666. What has a mode of its own has its owner, too: by the old file's, root would hand private rows to whoever had put a file
 * there. Before this the stage is 0600.
 */
export async function setMode(file: FileHandle, target: string, { mode }: { readonly mode?: number }): Promise<void> {
  if (mode !== undefined) return file.chmod(mode);
  const there = await lstat(target).catch(() => undefined);
  const old = there?.isFile() === true ? there : undefined; // a link is replaced: what it leads to says nothing
  const own = await file.stat();
  if (old !== undefined && (old.uid !== own.uid || old.gid !== own.gid)) await keepOwner(file, old.uid, old.gid);
  await file.chmod(old === undefined ? 0o666 & ~(await umask()) : old.mode & 0o777);
}

/** Only root may give a file away: to everybody else a refusal is no fault. */
async function keepOwner(file: FileHandle, uid: number, gid: number): Promise<void> {
  try {
    await file.chown(uid, gid);
  } catch (error) {
    if (systemCode(error) !== 'EPERM') throw error;
  }
}

/** Read from /proc: process.umask() sets the mask to 0 for a moment, and files that other threads create just then come out world-writable. */
async function umask(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const found = /^Umask:\s*([0-7]+)$/m.exec(status)?.[1];
  return found === undefined ? 0o077 : parseInt(found, 8);
}
