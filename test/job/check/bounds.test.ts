import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { tempFolder } from '../../support/command.js';
import { ADULT, adultRows, check, csvFile } from './support.js';

const ROWS = adultRows(200);
const HEADER = `${ROWS[0]!.join(',')}\n`;
const LINES = ROWS.slice(1).map((row) => `${row.join(',')}\n`).join(''); // prettier-ignore

/** A stream that gives the header, then rows for ever, or as many pieces as there are and then nothing, and counts what was taken from it. */
function stream(pieces: number): Readable & { taken: number } {
  const made = Object.assign(new Readable({ highWaterMark: 1 << 16 }), { taken: 0 });
  let left = pieces;
  made._read = () => {
    if (left-- <= 0) return;
    const text = made.taken === 0 ? HEADER + LINES : LINES;
    made.taken += text.length;
    made.push(text);
  };
  return made;
}

describe('a check reads the first rows and no more', () => {
  test('of 10 GB', async () => {
    const input = csvFile([...ROWS, ...Array.from({ length: 100 }, () => ROWS.slice(1)).flat()]);
    await truncate(input, 10 * 2 ** 30);
    const file = await open(input);
    const read = vi.spyOn(Object.getPrototypeOf(file) as typeof file, 'read');
    await file.close();
    const { of } = await check({ model: ADULT, input, output: join(tempFolder(), 'out.csv'), maxRejects: { kind: 'rows', rows: 1 } });
    const results = await Promise.all(read.mock.results.map(({ value }) => value as Promise<{ bytesRead: number }>));
    read.mockRestore();
    const bytes = results.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    expect(bytes).toBeGreaterThan(1 << 20);
    expect(bytes).toBeLessThan(20 << 20);
    expect(of('first-rows').details).toMatchObject({ isWhole: false, rejected: 0 });
    expect((of('first-rows').details as { rows: number }).rows).toBeLessThanOrEqual(10_000);
  });

  test('of a pipe that never ends', async () => {
    const input = stream(Infinity);
    const { codes, of } = await check({ model: ADULT, input });
    expect([codes, of('first-rows').details]).toEqual([[], expect.objectContaining({ isWhole: false, rejected: 0 })]);
    expect(input.taken).toBeLessThan(3 << 20);
    expect(input.destroyed).toBe(true);
  });

  test('that come within its time, of a pipe that goes on to be silent; the half of a line at the end is no row', async () => {
    const [slow, cut, silent] = [stream(1), stream(0), stream(0)];
    cut.push(HEADER.slice(0, 20));
    const [some, half, none] = await Promise.all([check({ model: ADULT, input: slow }), check({ model: ADULT, input: cut }), check({ model: ADULT, input: silent })]);
    expect([some.status, some.of('first-rows').details]).toEqual([0, expect.objectContaining({ rows: 200, isWhole: false, rejected: 0 })]);
    for (const each of [half, none]) expect([each.status, each.codes]).toEqual([0, ['no-rows-yet']]);
  }); // prettier-ignore
});
