import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownProcess, tuneEngine } from '#src/run/engine.js';

const set = vi.spyOn(v8, 'setFlagsFromString');

beforeEach(() => {
  set.mockReset();
  syncBuiltinESMExports();
});

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('V8', () => {
  test('is left as it is in a process that is not ours, and made patient in one that is, where it knows the flag', () => {
    tuneEngine();
    expect(set).not.toHaveBeenCalled();
    ownProcess();
    tuneEngine();
    expect(set.mock.calls.flat()).toEqual(process.versions.node.startsWith('20.') ? ['--interrupt-budget=500000'] : []);
  });
});
