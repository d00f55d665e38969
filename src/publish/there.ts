import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { systemCode } from '../errors/system-code.js';

/** What is under a name, a link not followed; undefined where nothing is. Throws what the system says otherwise. */
export async function lstatOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function sameFile(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
