import { RecordBatchReader, tableFromIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { made } from './fixtures.js';
import { cells, codeOf, rewrite, split } from './support.js';

const WORDS = ['a', 'b', null, 'a', 'a', 'b', 'c', 'b', 'z', null, 'z', 'z', 'new', 'a', 'c'];

const wordsOf = async (bytes: Uint8Array): Promise<(string | null)[]> => (await cells(bytes)).map((row) => row[1]!);

describe.each(['replaced.arrows', 'delta.arrows'])('the dictionaries of %s', (name) => {
  it('are read batch by batch', async () => {
    expect(await wordsOf(made(name))).toEqual(WORDS);
  });

  it('raise the version of the context when they change, and only hold what is needed', async () => {
    const { chunks } = await split(made(name));
    const versions = chunks.map(({ context }) => context!.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(5);
    expect(Math.max(...chunks.map(({ context }) => context!.messages.length))).toBe(name === 'delta.arrows' ? 2 : 1);
  });

  it('are replaced in a stream', async () => {
    const out = await rewrite(made(name), { container: 'stream' });
    expect(await wordsOf(out)).toEqual(WORDS);
    expect([...RecordBatchReader.from(out)].flatMap((batch) => [...batch.getChild('c')!])).toEqual(WORDS);
  });

  it('are united in a file, each category once', async () => {
    const out = await rewrite(made(name), { container: 'file' });
    expect(await wordsOf(out)).toEqual(WORDS);
    const column = tableFromIPC(out).getChild('c')!;
    expect([...column]).toEqual(WORDS);
    expect([...column.data[0]!.dictionary!]).toEqual(['a', 'b', 'c', 'z', 'new']);
  });

  it('are in one piece in a file, behind the batches', async () => {
    const out = await rewrite(made(name), { container: 'file' });
    const { chunks } = await split(out);
    expect(chunks[0]!.context!.messages).toHaveLength(1);
    expect(await codeOf(split(out, { pipe: true }))).toBe('arrow-not-streamable');
  });

  it('lose rejected rows', async () => {
    for (const container of ['file', 'stream'] as const) {
      const out = await rewrite(made(name), { container, reject: (row) => row % 4 === 1 });
      expect(await wordsOf(out)).toEqual(WORDS.filter((_, row) => row % 4 !== 1));
    }
  });

  it('are left out with their column', async () => {
    const out = await rewrite(made(name), { container: 'stream', keep: () => [{ name: 'id', column: 0 }] });
    const { chunks } = await split(out);
    expect(chunks.map(({ context }) => context)).toEqual([undefined]);
  });
});

it('a dictionary of a file that has more values added is written in one piece, in front', async () => {
  expect(await wordsOf(made('delta.arrow'))).toEqual(WORDS.slice(0, 7));
  const out = await rewrite(made('delta.arrow'), { container: 'file' });
  expect(await wordsOf(out)).toEqual(WORDS.slice(0, 7));
  expect((await split(out, { pipe: true })).chunks[0]!.context!.messages).toHaveLength(1);
});

it('a chunk hands on the same context until a dictionary changes', async () => {
  const { chunks } = await split(made('all-types.arrows'));
  expect(new Set(chunks.map(({ context }) => context)).size).toBe(1);
});

it('a dictionary that a batch needs and that never came is an error', async () => {
  const stream = made('replaced.arrows');
  const { chunks, setup } = await split(stream);
  const without = Buffer.concat([setup.schema, chunks[0]!.bytes, new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0])]);
  expect(await codeOf(cells(without))).toBe('arrow-corrupt');
});
