import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCodec, type Codec } from '#src/format/arrow/codec/codec.js';
import { LZ4 } from '#src/format/arrow/codec/lz4.js';
import { xxh32 } from '#src/format/arrow/codec/xxh32.js';
import { openZstd } from '#src/format/arrow/codec/zstd.js';
import { made } from '../fixtures.js';

const CODECS: readonly (readonly [name: string, codec: Codec])[] = [
  ['lz4', LZ4],
  ['zstd as it is here', await openZstd()],
  ['zstd without Node’s own', await openZstd(false)],
];

/** What the frames of make.py hold. */
const CONTENT = Uint8Array.from({ length: 70_000 }, (_, index) => (index % 4096 < 3000 ? Math.floor((index * index) / 32) % 251 : 7));
const FRAMES = readdirSync(join(import.meta.dirname, '..', 'pyarrow')).filter((name) => name.endsWith('.frame'));

function decode(codec: Codec, bytes: Uint8Array, length: number): Uint8Array {
  const into = new Uint8Array(length);
  const compressed = codec.open(bytes);
  expect(compressed.atMost).toBeGreaterThanOrEqual(length);
  compressed.decodeInto(into);
  return into;
}

/** Whether it came out as it went in; a RangeError is an answer, anything else is thrown on. */
function attempt(codec: Codec, bytes: Uint8Array, content: Uint8Array): 'equal' | 'other' | 'refused' {
  try {
    const into = new Uint8Array(content.length);
    codec.open(bytes).decodeInto(into);
    return Buffer.compare(into, content) === 0 ? 'equal' : 'other';
  } catch (error) {
    if (error instanceof RangeError) return 'refused';
    throw error;
  }
}

/** Bytes as columns have them: runs, small alphabets, noise. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.tuple(fc.nat(255), fc.nat(5000)), { maxLength: 20 }).map((runs) => Uint8Array.from(runs.flatMap(([byte, length]) => Array<number>(length).fill(byte)))),
  fc.tuple(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }), fc.array(fc.nat(4), { maxLength: 400 }))
    .map(([words, picks]) => Uint8Array.from(picks.flatMap((pick) => [...words[pick % words.length]!]))),
); // prettier-ignore

describe('the checksum of LZ4', () => {
  it('is that of the xxHash project', () => {
    const text = (value: string): number => xxh32(Buffer.from(value));
    expect([text(''), text('a'), text('abc'), text('Nobody inspects the spammish repetition')]).toEqual([
      0x02cc5d05, 0x550d7456, 0x32d153ff, 0xe2293b2f,
    ]);
  });
});

describe.each(FRAMES)('%s', (name) => {
  const frame = made(name);
  const codecs = CODECS.filter(([codec]) => codec.slice(0, 3) === name.slice(0, 3));

  it.each(codecs)('is read by %s', (_, codec) => {
    expect(Buffer.compare(decode(codec, frame, CONTENT.length), CONTENT)).toBe(0);
    expect(attempt(codec, Buffer.concat([frame, new Uint8Array(7)]), CONTENT)).toBe('equal');
  });

  it.each(codecs)('is refused by %s when it is cut, longer, or gives another length', (_, codec) => {
    for (let length = 0; length < frame.length; length += 7)
      expect([length, attempt(codec, frame.subarray(0, length), CONTENT)]).toEqual([length, 'refused']);
    expect(attempt(codec, frame.subarray(0, frame.length - 1), CONTENT)).toBe('refused');
    expect(attempt(codec, Buffer.concat([frame, Uint8Array.of(1)]), CONTENT)).toBe('refused');
    expect(attempt(codec, frame, CONTENT.subarray(1))).toBe('refused');
    expect(attempt(codec, frame, new Uint8Array(CONTENT.length + 1))).toBe('refused');
  });

  it.each(codecs)('with damage is refused by %s, or gives other bytes where it has no checksum', (_, codec) => {
    const seen = { equal: 0, other: 0, refused: 0 };
    for (let at = 0; at < frame.length; at += 3) {
      const damaged = frame.slice();
      damaged[at] = (damaged[at]! + 1 + (at % 255)) % 256;
      seen[attempt(codec, damaged, CONTENT)]++;
    }
    expect(seen.refused).toBeGreaterThan(0);
    if (/checksum|high|no-size/.test(name)) expect(seen.other).toBe(0);
  });
});

describe.each(CODECS)('%s', (_, codec) => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        fc.pre(content.length > 0);
        expect(Buffer.compare(decode(codec, codec.encode(content), content.length), content)).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('gives back more than one block', () => {
    const long = Uint8Array.from({ length: 9_000_001 }, (__, index) => ((index >> 3) * 31 + (index % 5)) & 255);
    const encoded = codec.encode(long);
    expect(encoded.length).toBeLessThan(long.length / 2);
    expect(Buffer.compare(decode(codec, encoded, long.length), long)).toBe(0);
  });

  it('never crashes on damage', () => {
    const content = CONTENT.subarray(0, 3000);
    const encoded = codec.encode(content);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(encoded.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const damaged = encoded.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        expect(['equal', 'other', 'refused']).toContain(attempt(codec, damaged, content));
      }),
      { numRuns: 500 },
    );
  });
});

it('LZ4 that it writes itself always finds damage', () => {
  const content = CONTENT.subarray(0, 3000);
  const encoded = LZ4.encode(content);
  for (let at = 0; at < encoded.length; at++) {
    const damaged = encoded.slice();
    damaged[at]! ^= 1 << (at % 8);
    expect([at, attempt(LZ4, damaged, content)]).not.toEqual([at, 'other']);
  }
});

it('a codec is loaded by its name', async () => {
  expect([(await loadCodec('lz4')).name, (await loadCodec('zstd')).name]).toEqual(['lz4', 'zstd']);
});
