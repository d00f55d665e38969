import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));

export interface Ending {
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
  readonly bytes?: number;
  readonly details?: Record<string, unknown>;
}

/** A shell line in which `$NODE` and `$CHILD` stand for the publication; gives its exit status, its stdout and how the publication ended. */
export function runShell(line: string, cwd: string): Promise<{ status: number | null; stdout: Buffer; ending: Ending | undefined }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', line], { cwd, env: { ...process.env, NODE: process.execPath, CHILD }, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let err = '';
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
    child.on('error', reject);
    child.on('close', (status) => {
      const last = err.trim().split('\n').at(-1) ?? '';
      resolve({ status, stdout: Buffer.concat(out), ending: last.startsWith('{') ? (JSON.parse(last) as Ending) : undefined });
    });
  });
}

/** Whether a shell line works here: for tests of what not every machine allows. */
export function works(line: string): boolean {
  return spawnSync('bash', ['-c', line], { stdio: 'ignore' }).status === 0;
}
