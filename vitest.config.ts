import { defineConfig } from 'vitest/config';

// One suite by default; tools/test-corpora.mjs asks for the other, whose material may not ship with the project.
const suites = {
  default: { include: ['test/**/*.test.ts'], exclude: ['test/corpora/**'], testTimeout: 30_000 },
  corpora: { include: ['test/corpora/**/*.test.ts'], exclude: [], testTimeout: 120_000 },
};

export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'corpora' ? suites.corpora : suites.default),
    hookTimeout: 60_000,
    // A test that asserts nothing proves nothing.
    expect: { requireAssertions: true },
    // Worker threads and signals are part of what is tested: each file gets a process of its own, so nothing leaks from one into the next.
    pool: 'forks',
    maxWorkers: 2,
    // The built files are what ships, and what worker threads load: Node imports them itself, untransformed.
    server: { deps: { external: [/\/dist\//] } },
    // The same in a terminal, in a pipe and in CI.
    allowOnly: false,
    watch: false,
    passWithNoTests: false,
    reporters: [['default', { summary: false }]],
  },
}));
