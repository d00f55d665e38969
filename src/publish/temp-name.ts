import { createHash } from 'node:crypto';

const SUFFIX = '.scoreline-tmp';
const STATE_SUFFIX = '.scoreline-run';
/** Room for `.owner.NONCE.dead`, which lock-file.ts puts behind it. */
const OWNER_BYTES = 28;
/** Longest name on Linux filesystems, in bytes. */
const MAX_NAME_BYTES = 255;
const RANDOM_BYTES = 6;

/** Bytes of a mark, in the place of as many random ones. */
const MARK_BYTES = 3;

/**
 * The name of a temp file of a target: `.NAME.XXXXXXXXXXXX.scoreline-tmp`. A name too long to grow is cut and told apart by a digest of the whole, so
 * that every name the filesystem takes can be staged.
 *
 * @param beside real path of the output of the run that makes it, where that is not the target itself: the name bears a mark of it.
 */
export function tempName(name: string, random: (bytes: number) => Uint8Array, beside?: string): string {
  const bytes = Buffer.from(random(RANDOM_BYTES));
  if (beside !== undefined) markOf(beside).copy(bytes);
  return `.${stem(name)}.${bytes.toString('hex')}${SUFFIX}`;
}

/** True for the names that `tempName` gives with the mark of that output. Only such were made under the lock of that output: two runs may share a rejects file. */
export function isMarkedBy(beside: string, candidate: string): boolean {
  return candidate.slice(0, -SUFFIX.length).slice(-2 * RANDOM_BYTES).startsWith(markOf(beside).toString('hex')); // prettier-ignore
}

function markOf(beside: string): Buffer {
  return createHash('sha256').update(beside).digest().subarray(0, MARK_BYTES);
}

/** True for the names that `tempName` gives for this target. */
export function isTempNameOf(name: string, candidate: string): boolean {
  const prefix = `.${stem(name)}.`;
  if (!candidate.startsWith(prefix) || !candidate.endsWith(SUFFIX)) return false;
  const middle = candidate.slice(prefix.length, candidate.length - SUFFIX.length);
  return /^[0-9a-f]{12}$/.test(middle);
}

/** The name of the run-state file of a target: `.NAME.scoreline-run`. */
export function stateName(name: string): string {
  return `.${stem(name, MAX_NAME_BYTES - 1 - STATE_SUFFIX.length - OWNER_BYTES)}${STATE_SUFFIX}`;
}

function stem(name: string, room = MAX_NAME_BYTES - 2 - 2 * RANDOM_BYTES - SUFFIX.length): string {
  if (Buffer.byteLength(name) <= room) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(character) > room - digest.length - 1) break;
    kept += character;
  }
  return `${kept}~${digest}`;
}
