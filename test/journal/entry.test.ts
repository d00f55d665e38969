import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { decodeEntry, encodeEntry, GENESIS, type EntryDraft } from '#src/journal/entry.js';
import { checkAccounting } from '#src/journal/record.js';
import { COMMIT, ROWS, sampleDrafts, sampleRun } from './samples.js';

const AT = '2025-10-09T08:53:20.000Z';

/** A START whose options are any JSON. */
const draftOf = (options: unknown): EntryDraft => ({ kind: 'START', run: sampleRun(1), record: { options } as never });

/** The text of a line whose options are this value, and what reads back. */
function through(value: unknown): { text: string; back: unknown } {
  const { line } = encodeEntry(draftOf({ value }), AT, GENESIS);
  const decoded = decodeEntry(line.subarray(0, -1));
  if (!decoded.ok || decoded.entry.kind !== 'START') throw new Error('does not read back');
  return { text: line.toString(), back: decoded.entry.options['value'] };
}

describe('a line', () => {
  test('holds envelope, record and chain in this order', () => {
    const first = encodeEntry({ kind: 'ABORT', run: sampleRun(1), record: { reason: 'died', by: null } }, AT, GENESIS);
    const digest = createHash('sha256')
      .update(`{"v":1,"seq":1,"kind":"ABORT","run":"${sampleRun(1)}","at":"${AT}","reason":"died","by":null,"prev":"${'0'.repeat(64)}"}`)
      .digest('hex');
    expect(first.line.toString()).toBe(
      `{"v":1,"seq":1,"kind":"ABORT","run":"${sampleRun(1)}","at":"${AT}","reason":"died","by":null,"prev":"${'0'.repeat(64)}","digest":"${digest}"}\n`,
    );
    expect(first.link).toEqual({ seq: 1, digest, bytes: first.line.length });
    const second = encodeEntry({ kind: 'ABORT', run: sampleRun(2), record: { reason: 'rebooted', by: sampleRun(3) } }, AT, first.link);
    expect(decodeEntry(second.line.subarray(0, -1))).toMatchObject({ ok: true, entry: { seq: 2, prev: digest }, link: second.link });
  });

  test('of every kind reads back', () => {
    for (const draft of sampleDrafts()) {
      const { line, link } = encodeEntry(draft, AT, GENESIS);
      expect(decodeEntry(line.subarray(0, -1))).toMatchObject({ ok: true, link, entry: { kind: draft.kind, run: draft.run } });
    }
  });

  test('is one line of valid UTF-8 whatever it holds, and reads back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const { text, back } = through(value);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        // eslint-disable-next-line no-control-regex -- the point of the test
        expect(text.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(back).toEqual(value);
      }),
    );
  });

  test('keeps members that are named like the prototype', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":"x"}') as unknown;
    const { back } = through(hostile);
    expect(JSON.stringify(back)).toBe(JSON.stringify(hostile));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(through(new Map([['__proto__', 1]])).text).toContain('{"__proto__":1}');
  });

  test('gives a form to what JSON has none for', () => {
    const { text } = through([NaN, Infinity, -Infinity, -0, 9007199254740991n, 9007199254740993n, -9007199254740993n, undefined]);
    expect(text).toContain('["NaN","inf","-inf",-0,9007199254740991,"9007199254740993","-9007199254740993",null]');
  });

  test.each([[new Date(0)], [new Uint8Array(1)], [() => 1], [Symbol('s')]])('does not take %s', (value) => {
    expect(() => through(value)).toThrow(/cannot hold/);
  });

  test('does not take a record that pretends to be an envelope', () => {
    const draft = { kind: 'START', run: sampleRun(1), record: { digest: 'x' } } as never;
    expect(() => encodeEntry(draft, AT, GENESIS)).toThrow(/'digest'/);
  });
});

describe('decodeEntry', () => {
  const { line } = encodeEntry(sampleDrafts()[3]!, AT, GENESIS);
  const whole = line.subarray(0, -1);

  test('sees any change of any byte', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(whole);
        changed[at] = changed[at]! ^ change;
        expect(decodeEntry(changed).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  test('sees any cut', () => {
    for (let length = 0; length < whole.length; length++) expect(decodeEntry(whole.subarray(0, length))).toEqual({ ok: false, fault: 'torn' });
  });

  test.each([
    ['unknown-version', `{"v":2,"prev":"x"}`],
    ['not-an-entry', `{"v":1,"seq":1,"kind":"HELLO","run":"r","at":"t","prev":"p"}`],
    ['not-an-entry', `[1}`],
  ])('says %s of a line that is whole and not ours', (fault, body) => {
    const digest = createHash('sha256').update(body).digest('hex');
    expect(decodeEntry(Buffer.from(`${body.slice(0, -1)},"digest":"${digest}"}`))).toEqual({ ok: false, fault });
  });
});

describe('checkAccounting', () => {
  test('passes figures that add up', () => {
    expect(() => checkAccounting(ROWS)).not.toThrow();
    expect(() => checkAccounting(COMMIT.rows)).not.toThrow();
  });

  test.each([
    ['a lost row', { in: 1001 }],
    ['a row counted twice', { scored: 998 }],
    ['a reject without a code', { byCode: { 'ragged-row': 2 } }],
    ['a reject without a column', { byColumn: [] }],
  ])('takes %s for a defect', (_, change) => {
    expect(() => checkAccounting({ ...ROWS, ...change })).toThrow(expect.objectContaining({ code: 'defect', status: 70 }));
  });
});
