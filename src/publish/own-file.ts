import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { OutputError, UsageError } from '../errors/errors.js';
import { systemCode } from '../errors/system-code.js';
import { publish } from './commit.js';
import { outputFailure } from './failure.js';
import { openOutput } from './open.js';
import { sameFile } from './target.js';

/** A kind of file that a command writes whole: only one of its kind is ever replaced. */
export interface OwnKind {
  /** For messages, with its article: `a report`. */
  readonly kind: string;
  /** So many first bytes, at most, tell it. */
  readonly headBytes: number;
  readonly isOwn: (head: string) => boolean;
}

/** `nothing`: or what is written straight through, such as stdout and a pipe · `empty`: a file that nobody has filled, as of mktemp · `own`: a file of that kind. */
export type Standing = 'nothing' | 'empty' | 'own';

/**
 * Refuses to write where the command reads.
 *
 * @param target a path, or `-` for stdout, wherever the shell has sent it to.
 * @param inputs paths by what they are, for messages: `the training data`. `-` is stdin, undefined nothing.
 * @throws UsageError `same-file`.
 */
export async function refuseInputs(what: string, target: string, inputs: readonly (readonly [string, string | undefined])[]): Promise<void> {
  for (const [input, path] of inputs) {
    if (path === undefined || !(await sameFile(path === '-' ? 0 : path, target === '-' ? 1 : target))) continue;
    const where = target === '-' ? ', by redirection' : `: ${target}`;
    throw new UsageError('same-file', `${what} and ${input} are the same file${where}`, {
      ...(target === '-' ? {} : { place: { file: target } }),
      fix: 'Write to another path; Scoreline never changes a file in place.',
    });
  }
}

/**
 * What stands where a file of that kind would go.
 *
 * @throws OutputError `output-foreign` (73) for a file of another kind, and what reading it ends with.
 */
export async function standingAt(target: string, own: OwnKind): Promise<Standing> {
  if (target === '-') return 'nothing';
  const head = await headOf(target, own.headBytes).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return undefined; // a missing folder is told when it is written to
    throw outputFailure(error, { name: target, action: 'read' });
  });
  if (head === undefined) return 'nothing';
  if (head === '') return 'empty';
  if (own.isOwn(head)) return 'own';
  throw new OutputError('output-foreign', `cannot replace '${target}': expected ${own.kind} or nothing there, found another kind of file`, {
    place: { file: target },
    fix: 'Name another path with -o; or remove the file, if nobody needs it.',
  });
}

/** Its first bytes; undefined for a pipe, a device or a folder, which are never replaced. */
async function headOf(path: string, mostBytes: number): Promise<string | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  // A FIFO put there meanwhile must not hold us
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(Math.min((await file.stat()).size, mostBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Writes a small file whole: it appears in one step, or nothing has changed and nothing is left behind. Whoever calls has seen what stands there.
 *
 * @throws what openOutput and publish throw; `output-exists` (73) for a file that has come there meanwhile, under `noClobber`.
 */
export async function writeOwn(target: string, text: string, options: { readonly noClobber: boolean }): Promise<void> {
  const output = await openOutput(target, options);
  try {
    await output.write(Buffer.from(text));
  } catch (error) {
    await output.abort(error instanceof Error ? error : undefined);
    throw error;
  }
  await publish({ output }); // gives it up by itself where it fails
}
