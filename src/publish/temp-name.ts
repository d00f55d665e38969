import { createHash } from 'node:crypto';

const SUFFIX = '.scoreline-tmp';
/** Longest name on Linux filesystems, in bytes. */
const MAX_NAME_BYTES = 255;
const RANDOM_BYTES = 6;

/**
 * The name of a temp file of a target: `.NAME.XXXXXXXXXXXX.scoreline-tmp`. A name too long to grow is cut and told apart by a digest of the whole, so
 * that every name the filesystem takes can be staged.
 */
export function tempName(name: string, random: (bytes: number) => Uint8Array): string {
  return `.${stem(name)}.${Buffer.from(random(RANDOM_BYTES)).toString('hex')}${SUFFIX}`;
}

/** True for the names that `tempName` gives for this target. */
export function isTempNameOf(name: string, candidate: string): boolean {
  const prefix = `.${stem(name)}.`;
  if (!candidate.startsWith(prefix) || !candidate.endsWith(SUFFIX)) return false;
  const middle = candidate.slice(prefix.length, candidate.length - SUFFIX.length);
  return /^[0-9a-f]{12}$/.test(middle);
}

function stem(name: string): string {
  const room = MAX_NAME_BYTES - 2 - 2 * RANDOM_BYTES - SUFFIX.length;
  if (Buffer.byteLength(name) <= room) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16);
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(character) > room - digest.length - 1) break;
    kept += character;
  }
  return `${kept}~${digest}`;
}
