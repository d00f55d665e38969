import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixture, scoreline, tempFolder } from '../../support/command.js';
import { cells, codeOf } from './support.js';

const MODEL = fixture('california', 'california-trees.onnx');
const INPUT = fixture('arrow', 'california-head.arrow');

/** Scores the fixture with the built command; gives what it wrote. */
async function score(name: string, ...args: string[]): Promise<Uint8Array> {
  const output = join(tempFolder(), name);
  const run = await scoreline(['score', '-m', MODEL, INPUT, '-o', output, '--keep', 'all', '--no-journal', ...args]);
  expect([run.status, run.stderr]).toEqual([0, '']);
  return new Uint8Array(readFileSync(output));
}

describe.each(['lz4', 'zstd'])('--compression %s', (codec) => {
  it.each(['scores.arrow', 'scores.arrows'])('of %s gives the same cells in fewer bytes, whatever the workers', async (name) => {
    const plain = await score(name, '--compression', 'none');
    const packed = await score(name, '--compression', codec);
    expect(packed.length).toBeLessThan(plain.length);
    expect(await cells(packed)).toEqual(await cells(plain));
    expect(Buffer.compare(await score(name, '--compression', codec, '--workers', '1'), packed)).toBe(0);
  });
});

it('a file from a stream is cut, and found to be', async () => {
  const packed = await score('scores.arrow', '--compression', 'lz4');
  expect(await codeOf(cells(packed.subarray(0, packed.length - 20), { pipe: true }))).toBe('arrow-truncated');
});
