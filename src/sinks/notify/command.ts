import { spawn, type ChildProcess } from 'node:child_process';
import { systemCode } from '../../errors/system-code.js';

/** A command that is to hear of a verdict: a program with its arguments, as they are. */
export interface Command {
  readonly argv: readonly string[];
  readonly folder: string;
}

/** What a command is given. */
export interface Told {
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** How long a killed command may take to be gone: one that waits for a device does not go. */
const KILLED_MS = 2000;
/** How long what it said before its end may take to come through, where something that it has started holds its stderr. */
const LAST_WORDS_MS = 100;
/** So much of what it says is looked at. */
const SAID_BYTES = 4096;

/**
 * Runs a command without a shell and waits for its end. Its stdout goes nowhere, of its stderr the first line is told where it fails. It has a process group of its own, which is killed
 * when `signal` is aborted. Throws what went wrong, in words.
 */
export async function runCommand({ argv, folder }: Command, { env, stdin }: Told, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...args] = argv;
  // where the system has no descriptor left, it has no pipes: nullable, whatever spawn's own type says
  const child: ChildProcess = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
  const end = endOf(child);
  const said = listen(child);
  child.stdin?.on('error', () => undefined); // it need not read
  child.stdin?.end(stdin);
  try {
    const { error, status, by } = await unlessStopped(child, end, signal);
    if (error !== undefined) throw notStarted(error);
    await lastWords(child);
    if (status === 0) return;
    const line = firstLine(said());
    throw new Error(`it ended with ${by ?? `status ${status ?? 'unknown'}`}${line === '' ? '' : `: ${line}`}`);
  } finally {
    // what it has left running may hold them, and would hold this process
    child.stdin?.destroy();
    child.stderr?.destroy();
    child.unref();
  }
}

interface End {
  readonly status: number | null;
  readonly by: NodeJS.Signals | null;
  readonly error?: Error;
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.on('exit', (status, by) => resolve({ status, by }));
    child.on('error', (error) => resolve({ status: null, by: null, error }));
  });
}

/** Collects the first of what a command says on stderr, and lets it say the rest. */
function listen({ stderr }: ChildProcess): () => string {
  const said: Buffer[] = [];
  let bytes = 0;
  stderr?.on('data', (piece: Buffer) => {
    if (bytes < SAID_BYTES) said.push(piece.subarray(0, SAID_BYTES - bytes));
    bytes += piece.length;
  });
  return () => Buffer.concat(said).toString();
}

/** Waits for the end of a command, which it brings about once the signal is aborted. Throws the signal's reason then. */
async function unlessStopped(child: ChildProcess, end: Promise<End>, signal: AbortSignal): Promise<End> {
  const stopped = new Promise<'stopped'>((resolve) => signal.addEventListener('abort', () => resolve('stopped'), { once: true }));
  const first = await Promise.race([end, stopped]);
  if (first !== 'stopped') return first;
  killGroup(child);
  await within(end, KILLED_MS);
  throw signal.reason;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}

/** Its output is closed by its end, unless something that it has started holds it. */
async function lastWords({ stderr }: ChildProcess): Promise<void> {
  if (stderr?.closed !== false) return;
  await within(new Promise<void>((resolve) => stderr.once('close', resolve)), LAST_WORDS_MS);
}

async function within(event: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([event, late]);
  clearTimeout(timer);
}

function notStarted(error: Error): Error {
  const code = systemCode(error);
  if (code === 'ENOENT') return new Error('there is no such command');
  return new Error(code === 'EACCES' ? 'it may not be executed' : `it could not be started (${code || error.message})`);
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
