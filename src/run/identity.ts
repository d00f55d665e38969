import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { version } from '../version.js';
import { writeObject } from '../files/json.js';
import { realPath } from './settings.js';
import type { ScoreOptions } from './options.js';

/** What a run is the same by, besides its options. */
export interface IdentityParts {
  readonly options: ScoreOptions;
  /** Hex sha256 of the model's file. */
  readonly model: string;
  /** Hex sha256 of the contract's file, where there is one. */
  readonly contract: string | undefined;
  /** Hex sha256 of the file of the fallback for single rows, and of its contract, where there are any. */
  readonly fallback?: readonly (string | undefined)[] | undefined;
  /** Version of the runtime. */
  readonly runtime: string;
  /** Where each chunk becomes a record batch of the output. */
  readonly chunksShow: boolean;
}

/** Options that change no byte of output or rejects: how fast, watched by whom, recorded where. `chunkBytes` shows in Arrow output alone. */
const NEUTRAL: ReadonlySet<string> = new Set<keyof ScoreOptions>([
  'model',
  'contract',
  'input',
  'maxModelBytes',
  'chunkBytes',
  'flushMs',
  'workers',
  'stringCodes',
  'journal',
  'stateDir',
  'labels',
  'followLinks',
  'profile',
  'journalValues',
  'gates',
  'lockWaitMs',
  'ledger',
  'skipIfPublished',
  'resume',
  'checkpointEveryMs',
  'signal',
  'onProgress',
  'onWarning',
  'onEvent',
  'insteadOf',
]);

/**
 * What makes two runs into one output the same: model, contract, input (where it stands, and that it is unchanged since), the options that can change a byte of output or rejects, the
 * versions of tool and runtime. A digest of each; undefined where the input is no plain file, which nobody can read a second time.
 */
export async function identityOf(parts: IdentityParts): Promise<string | undefined> {
  const { options, model, contract, fallback, runtime, chunksShow } = parts;
  const input = typeof options.input === 'string' && options.input !== '-' ? await inputIdentity(options.input) : undefined;
  if (input === undefined || typeof options.output !== 'string') return undefined;
  const asked = Object.entries(options)
    .filter(([name, value]) => value !== undefined && (!NEUTRAL.has(name) || (name === 'chunkBytes' && chunksShow)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const same: Record<keyof typeof PARTS, unknown> = {
    model,
    contract,
    input,
    options: Object.fromEntries([
      ...asked,
      ...(fallback === undefined ? [] : [['fallbackDigests', fallback.map((digest) => digest ?? null)] as const]),
      ...(options.insteadOf === undefined ? [] : [['byFallback', true] as const]), // rows are marked so, and counted
    ]),
    versions: { v: 1, version, runtime },
  };
  return Object.entries(same).map(([name, value]) => `${name}:${digestOf(value)}`).join(' '); // prettier-ignore
}

/** What an identity is made of, in words. */
const PARTS = {
  model: 'the model',
  contract: 'the contract',
  input: 'the input',
  options: 'the options',
  versions: 'Scoreline or its runtime',
} as const;

/** What is another in two identities, in words: "the input and the options". */
export function whatDiffers(one: string, other: string): string {
  const [ones, others] = [one.split(' '), other.split(' ')];
  const parts = Object.values(PARTS).filter((_, index) => ones[index] !== others[index]);
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(writeObject([['value', value]])).digest('hex').slice(0, 32); // prettier-ignore
}

async function inputIdentity(path: string): Promise<Record<string, unknown> | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  // No device number: on network filesystems, btrfs and overlays it is another one after each boot or mount.
  const { size, mtimeNs, ctimeNs, ino } = found;
  // ctime, as anybody may put back size and mtime.
  return { path: realPath(path), size, mtimeNs, ctimeNs, ino };
}
