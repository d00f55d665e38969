import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { encodeEntry, GENESIS, type EntryDraft, type Link } from '#src/journal/entry.js';
import { encodeHead } from '#src/journal/head.js';
import { verifyJournal, type VerifyReport } from '#src/journal/verify.js';
import { failureOf, openFolder } from './folder.js';
import { sampleDrafts, sampleRun, START } from './samples.js';

const headOf = (link: Link): string => encodeHead({ ...link, open: [] }).toString();

/** The lines of a journal and its head, made without the writer. */
function encoded(drafts: readonly EntryDraft[]): { lines: Buffer[]; head: string } {
  let link = GENESIS;
  const lines = drafts.map((draft) => {
    const { line, link: next } = encodeEntry(draft, '2025-10-09T08:53:20.000Z', link);
    link = next;
    return line;
  });
  return { lines, head: headOf(link) };
}

/** Verifies a journal of this text, with this head or none. */
async function verify(text: Buffer, head: string | undefined): Promise<VerifyReport> {
  const folder = mkdtempSync(join(tmpdir(), 'scoreline-test-'));
  try {
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, text);
    if (head !== undefined) writeFileSync(`${path}.head`, head);
    return await verifyJournal(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a whole journal', () => {
  const { lines, head } = encoded(sampleDrafts());
  const whole = Buffer.concat(lines);

  test('is whole', async () => {
    expect(await verify(whole, head)).toMatchObject({ ok: true, entries: lines.length, head: 'current' });
  });

  test('is not, with any byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = changed[at]! ^ change;
        expect((await verify(changed, head)).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('is not, with any newline changed', async () => {
    for (let at = whole.indexOf('\n'); at !== -1; at = whole.indexOf('\n', at + 1)) {
      const changed = Buffer.from(whole);
      changed[at] = 0x20;
      expect((await verify(changed, head)).ok).toBe(false);
    }
  });

  test('is not, with any byte of the head changed', async () => {
    for (let at = 0; at < head.length; at++) {
      for (const byte of ['0', '1', 'a', ' ']) {
        const changed = head.slice(0, at) + byte + head.slice(at + 1);
        if (changed !== head) expect((await verify(whole, changed)).ok).toBe(false);
      }
    }
  });

  test('is not, cut anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        fc.pre(length > 0);
        expect((await verify(whole.subarray(0, length), head)).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
    expect((await verify(whole.subarray(0, -1), head)).problems).toMatchObject([{ code: 'cut-tail' }]);
  });

  test('is not, with lines lost, doubled or swapped', async () => {
    for (let at = 0; at < lines.length; at++) {
      const others = lines.filter((_, index) => index !== at);
      // The first line alone cannot be missed: the journal may go on from an earlier file, and says so.
      expect(await verify(Buffer.concat(others), head)).toMatchObject(at === 0 ? { continues: true } : { ok: false });
      expect((await verify(Buffer.concat([...lines.slice(0, at + 1), ...lines.slice(at)]), head)).ok).toBe(false);
      if (at > 0)
        expect((await verify(Buffer.concat([...lines.slice(0, at - 1), lines[at]!, lines[at - 1]!, ...lines.slice(at + 1)]), head)).ok).toBe(false);
    }
  });

  test('is not without its head', async () => {
    expect((await verify(whole, undefined)).problems).toMatchObject([{ code: 'head-missing' }]);
  });
});

describe('problems are named', () => {
  test('with the line that was changed', async () => {
    const { lines, head } = encoded(sampleDrafts());
    const text = Buffer.concat(lines).toString().replace('"total":0.31', '"total":0.13');
    expect((await verify(Buffer.from(text), head)).problems).toMatchObject([{ code: 'damaged-line', line: 4 }]);
  });

  const start = (n: number): EntryDraft => ({ kind: 'START', run: sampleRun(n), record: START });
  const abort = (n: number): EntryDraft => ({ kind: 'ABORT', run: sampleRun(n), record: { reason: 'died', by: null } });
  const prepare = (n: number): EntryDraft => ({ kind: 'PREPARE', run: sampleRun(n), record: { output: null, rejects: null, removes: null } });
  test.each([
    ['second-start', [start(1), start(1)], 2],
    ['second-start', [start(1), abort(1), start(1)], 3],
    ['second-end', [start(1), abort(1), abort(1)], 3],
    ['no-start', [start(2), abort(1)], 2],
    ['after-end', [start(1), abort(1), prepare(1)], 3],
  ])('the rule of runs: %s', async (code, drafts, line) => {
    const { lines, head } = encoded(drafts);
    expect((await verify(Buffer.concat(lines), head)).problems).toMatchObject([{ code, line }]);
  });

  test('a line of another version is not taken for torn', async () => {
    const { lines } = encoded([start(1)]);
    const { line, link } = encodeEntry(start(2), 'now', { seq: 1, digest: /"digest":"(\w+)"/.exec(lines[0]!.toString())![1]!, bytes: 1 });
    expect(await verify(Buffer.concat([lines[0]!, line]), headOf(link))).toMatchObject({ ok: true });
    const garbage = Buffer.from('{"hello":1}\n');
    expect(await verify(Buffer.concat([lines[0]!, garbage, line]), headOf(link))).toMatchObject({ ok: true, torn: [{ line: 2 }] });
  });
});

test('nothing to verify is 66, an empty journal is whole', async () => {
  const path = join(openFolder(), 'journal.jsonl');
  expect(await failureOf(verifyJournal(path))).toMatchObject({ code: 'journal-missing', status: 66 });
  writeFileSync(path, '');
  expect(await verifyJournal(path)).toMatchObject({ ok: true, entries: 0, head: 'missing' });
  rmSync(path);
});

test('long lines of another program are read over', async () => {
  const { lines, head } = encoded(sampleDrafts());
  const junk = Buffer.concat([Buffer.alloc(600_000, 'x'), Buffer.from('\n')]);
  expect(await verify(Buffer.concat([lines[0]!, junk, ...lines.slice(1)]), head)).toMatchObject({ ok: true, torn: [{ line: 2, bytes: 600_000 }] });
});
