import type { FileHandle } from 'node:fs/promises';

/**
 * Why an open file cannot be one that this user has made to keep state in; undefined where it can. Whoever may write into the folder can plant a file there: what it says
 * is then his, and what is written to it goes where he has linked it.
 */
export async function foreignFile(file: FileHandle): Promise<string | undefined> {
  const stats = await file.stat();
  if (!stats.isFile()) return 'it is no plain file';
  const user = process.geteuid?.();
  if (user !== undefined && stats.uid !== 0 && stats.uid !== user) return `it belongs to another user (${stats.uid})`;
  return stats.nlink > 1 ? 'it has another name, too (a hard link)' : undefined;
}
