import { describe, expect, test } from 'vitest';
import { planCrew, type CrewRequest } from '#src/run/crew.js';

const MB = 2 ** 20;
const GB = 2 ** 30;

const crew = (given: Partial<CrewRequest> = {}, machine: Partial<CrewRequest['machine']> = {}) =>
  planCrew({
    askedWorkers: undefined,
    askedThreads: undefined,
    inputBytes: 10 * GB,
    chunkBytes: MB,
    modelBytes: MB,
    blockBytes: 28 * 8 * 2048,
    ...given,
    machine: { cores: 4, memoryBytes: 16 * GB, ...machine },
  });

describe('the number of workers', () => {
  test.each<[string, Partial<CrewRequest>, Partial<CrewRequest['machine']>, ReturnType<typeof planCrew>]>([
    ['a tiny file takes one', { inputBytes: 26_000 }, {}, { workers: 1, threads: 1, limitedBy: 'input' }],
    ['an empty file takes one', { inputBytes: 0 }, {}, { workers: 1, threads: 1, limitedBy: 'input' }],
    ['a large file takes one a core', {}, {}, { workers: 4, threads: 1, limitedBy: 'cores' }],
    ['a pipe may be any size', { inputBytes: undefined }, {}, { workers: 4, threads: 1, limitedBy: 'cores' }],
    ['a quota of one core takes one', {}, { cores: 1 }, { workers: 1, threads: 1, limitedBy: 'cores' }],
    ['a wide table has chunks of 16 MB, and room for them', { chunkBytes: 16 * MB, blockBytes: 512 * 5000 * 8 }, {}, { workers: 4, threads: 1, limitedBy: 'cores' }],
    ['a wide table in little memory takes fewer, of one thread', { chunkBytes: 16 * MB, blockBytes: 512 * 5000 * 8 }, { memoryBytes: GB }, { workers: 3, threads: 1, limitedBy: 'memory' }],
    ['a limit of 256 MB takes fewer, of one thread', {}, { memoryBytes: 256 * MB, cores: 8 }, { workers: 3, threads: 1, limitedBy: 'memory' }],
    ['a model of 2 GB on 16 GB takes two sessions that share the cores', { modelBytes: 2 * GB }, {}, { workers: 2, threads: 2, limitedBy: 'memory' }],
    ['a model of 2 GB on 8 GB takes one session with every core', { modelBytes: 2 * GB }, { memoryBytes: 8 * GB }, { workers: 1, threads: 4, limitedBy: 'memory' }],
    ['what cannot fit is tried with one', { modelBytes: 2 * GB }, { memoryBytes: GB }, { workers: 1, threads: 4, limitedBy: 'memory' }],
    ['a model of 2 GB and a tiny file: one thread, so that no bit hangs on the machine', { modelBytes: 2 * GB, inputBytes: 100 }, {}, { workers: 1, threads: 1, limitedBy: 'input' }],
  ])('%s', (_, given, machine, expected) => {
    expect(crew(given, machine)).toEqual(expected);
  }); // prettier-ignore

  test('is as asked, and so are the threads, whatever the machine', () => {
    expect(crew({ askedWorkers: 7 }, { cores: 1, memoryBytes: 100 * MB })).toEqual({ workers: 7, threads: 1, limitedBy: 'asked' });
    expect(crew({ askedThreads: 3 })).toEqual({ workers: 4, threads: 3, limitedBy: 'cores' });
    expect(crew({ modelBytes: 2 * GB, askedThreads: 1 })).toEqual({ workers: 2, threads: 1, limitedBy: 'memory' });
  });
});
