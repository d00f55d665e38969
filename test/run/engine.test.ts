import { syncBuiltinESMExports } from 'node:module';
import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownProcess, tuneEngine } from '#src/run/engine.js';

const LONG = 1 << 30;
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
  test('is left as it is in a process that is not ours, and tuned for a long run in one that is, where it knows the flag', () => {
    tuneEngine(LONG);
    expect(set).not.toHaveBeenCalled();
    ownProcess();
    tuneEngine(1000);
    expect(set).not.toHaveBeenCalled();
    const flags = process.versions.node.startsWith('20.') ? ['--interrupt-budget=200000'] : [];
    tuneEngine(LONG);
    tuneEngine(undefined);
    expect(set.mock.calls.flat()).toEqual([...flags, ...flags]);
  });
});
