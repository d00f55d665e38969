import { readFileSync } from 'node:fs';

/** Resident memory of a process, in bytes; undefined where the system does not tell: the process is gone, or there is no /proc. */
export function residentBytes(pid: number): number | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return undefined;
  }
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
