import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

/** A folder of the running test's own, removed after it. */
export function openFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'scoreline-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Exactly these names are in the folder: no temp file, nothing lost. */
export function expectNames(folder: string, ...names: string[]): void {
  expect(readdirSync(folder).sort()).toEqual([...names].sort());
}

/** The error that a promise is rejected with. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ code: string; status: number; message: string; fix?: string; details: Record<string, unknown> }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: string; status: number; message: string; details: Record<string, unknown> };
  }
  throw new Error('expected a failure, found none');
}

/** The mask of this process, as a child inherits it: process.umask() sets it to find it out. */
export function umask(): number {
  return parseInt(execFileSync('sh', ['-c', 'umask'], { encoding: 'utf8' }), 8);
}
