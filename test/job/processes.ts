import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** Waits until something is there, for at most `ms`. */
export async function until<T>(look: () => T | undefined | false, ms = 20_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${look.toString()}`);
    await wait(5);
  }
}

/** Processes that a process has started and that are not gone. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** State of a process as the kernel says it: R, S, D, T, Z; undefined where it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    return /^State:\s*(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** The scoring process beneath a supervisor, and not the one that it has given up. */
export function scorerOf(pid: number, not?: number): Promise<number> {
  return until(() => childrenOf(pid).find((child) => child !== not && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('scoring-process')));
}

/** Processor time of a process so far, in ticks of the kernel. */
export function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Paths below a folder that a process has open; one that has no name any more ends with ` (deleted)`. */
export function openBelow(folder: string, pid: number): string[] {
  try {
    const paths = readdirSync(`/proc/${pid}/fd`).map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    return paths.filter((path) => path.startsWith(`${folder}/`));
  } catch {
    return []; // it ends, or closes one, while we look
  }
}
