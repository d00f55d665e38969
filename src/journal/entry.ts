import { createHash } from 'node:crypto';
import { DefectError } from '../errors/errors.js';
import { writeObject } from '../files/json.js';
import type { AbortRecord, CheckpointRecord, CommitRecord, FailRecord, PrepareRecord, StartRecord } from './record.js';

/** The content of each kind of line. */
export interface Records {
  readonly START: StartRecord;
  readonly COMMIT: CommitRecord;
  readonly FAIL: FailRecord;
  readonly ABORT: AbortRecord;
  readonly CHECKPOINT: CheckpointRecord;
  readonly PREPARE: PrepareRecord;
}

export type EntryKind = keyof Records;

const KINDS: ReadonlySet<string> = new Set<EntryKind>(['START', 'COMMIT', 'FAIL', 'ABORT', 'CHECKPOINT', 'PREPARE']);

/** The kinds that end a run. */
export const TERMINAL: ReadonlySet<EntryKind> = new Set<EntryKind>(['COMMIT', 'FAIL', 'ABORT']);

/** What a caller has to say; the writer adds the rest. */
export type EntryDraft = { [K in EntryKind]: { readonly kind: K; /** Run id. */ readonly run: string; readonly record: Records[K] } }[EntryKind];

/** What every line has around its record. */
export interface Envelope {
  readonly v: 1;
  /** Counts the lines of the journal from 1, on through rotations. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** Digest of the line before; zeros before the first. */
  readonly prev: string;
  readonly digest: string;
}

/** A line as read: envelope and record side by side, as it stands in the file. Figures are as `Figure` says. */
export type Entry = { [K in EntryKind]: Envelope & { readonly kind: K; readonly run: string } & Records[K] }[EntryKind];

/** The end of the chain: what the next line builds on, kept in the head file. */
export interface Link {
  readonly seq: number;
  readonly digest: string;
  /** Length of the line, newline included. */
  readonly bytes: number;
}

/** Before the first line. */
export const GENESIS: Link = { seq: 0, digest: '0'.repeat(64), bytes: 0 };

export interface EncodedEntry {
  readonly line: Buffer;
  readonly link: Link;
}

/**
 * One line: `{"v":1,"seq":...,"kind":...,"run":...,"at":..., RECORD,"prev":"..."}` is hashed as it stands, and the digest put in as its last member. As the
 * line holds the digest of the line before, it covers all lines before it.
 */
export function encodeEntry(draft: EntryDraft, at: string, before: Link): EncodedEntry {
  const seq = before.seq + 1;
  const members = Object.entries(draft.record);
  for (const [name] of members)
    if (RESERVED.has(name)) throw new DefectError(`a journal record has a member named '${name}', which is the envelope's`);
  const body = writeObject([['v', 1], ['seq', seq], ['kind', draft.kind], ['run', draft.run], ['at', at], ...members, ['prev', before.digest]]);
  const digest = sha256(body);
  const line = Buffer.from(`${body.slice(0, -1)},"digest":"${digest}"}\n`);
  return { line, link: { seq, digest, bytes: line.length } };
}

const RESERVED: ReadonlySet<string> = new Set(['v', 'seq', 'kind', 'run', 'at', 'prev', 'digest']);
const DIGEST_BYTES = Buffer.byteLength(`,"digest":"${GENESIS.digest}"}`);

/** Why a line is not an entry. `torn`: not a whole line, as a crash in the midst of a write leaves it. */
export type LineFault = 'torn' | 'digest-mismatch' | 'unknown-version' | 'not-an-entry';

export type DecodedLine = { readonly ok: true; readonly entry: Entry; readonly link: Link } | { readonly ok: false; readonly fault: LineFault };

/** Reads one line, without its newline, and proves it against its own digest; `prev` is for the reader of the whole chain to check. */
export function decodeEntry(line: Uint8Array): DecodedLine {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.length);
  const digest = /^,"digest":"([0-9a-f]{64})"\}$/.exec(bytes.toString('latin1', Math.max(0, bytes.length - DIGEST_BYTES)))?.[1];
  if (digest === undefined) return { ok: false, fault: 'torn' };
  const body = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  if (createHash('sha256').update(body).update('}').digest('hex') !== digest) return { ok: false, fault: 'digest-mismatch' };
  const value = parse(bytes);
  if (value?.['v'] !== undefined && value['v'] !== 1) return { ok: false, fault: 'unknown-version' };
  if (!isEntry(value)) return { ok: false, fault: 'not-an-entry' };
  return { ok: true, entry: value, link: { seq: value.seq, digest, bytes: bytes.length + 1 } };
}

function parse(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Looks at the envelope; the record is what a writer of this version put there, as the digest shows. */
function isEntry(value: Record<string, unknown> | undefined): value is Record<string, unknown> & Entry {
  if (value === undefined) return false;
  const texts = ['run', 'at', 'prev', 'digest'].every((name) => typeof value[name] === 'string');
  return texts && typeof value['kind'] === 'string' && KINDS.has(value['kind']) && Number.isSafeInteger(value['seq']);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
