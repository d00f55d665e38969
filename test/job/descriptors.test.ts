import { describe, expect, test } from 'vitest';
import { inheritedStdio, namedDescriptors } from '#src/job/descriptors.js';

describe('descriptors that a scoring process inherits', () => {
  test('are those that paths name, each once', () => {
    const options = { input: '/dev/fd/63', output: '/proc/self/fd/7', rejects: '/dev/fd/7', model: 'dev/fd/5', journal: '/dev/fd/1', workers: 9 };
    expect(namedDescriptors(options)).toEqual([63, 7]);
  });

  test('keep their numbers, and the channel takes one that is free', () => {
    expect(inheritedStdio([])).toEqual([0, 1, 2, 'ipc']);
    expect(inheritedStdio([3])).toEqual([0, 1, 2, 3, 'ipc']);
    expect(inheritedStdio([5, 4])).toEqual([0, 1, 2, 'ipc', 4, 5]);
  });
});
