import { fstatSync } from 'node:fs';

/**
 * Does stderr go to the journal of systemd? It then says so by JOURNAL_STREAM, device and inode of the socket, which is inherited also by those whose stderr has been sent elsewhere since:
 * hence the comparison (systemd.exec(5)).
 */
export function isJournalStream(text: string | undefined, descriptor = 2): boolean {
  if (text === undefined || !/^\d+:\d+$/.test(text)) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return text === `${dev}:${ino}`;
  } catch {
    return false;
  }
}
