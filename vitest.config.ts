import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// One suite by default; tools/test-corpora.mjs asks for the other, whose material may not ship with the project.
const suites = {
  default: { include: ['test/**/*.test.ts'], exclude: ['test/corpora/**'], testTimeout: 30_000 },
  corpora: { include: ['test/corpora/**/*.test.ts'], exclude: [], testTimeout: 120_000 },
};

// Begun first, in this order: begun last, as the small files that they are, they would keep one core waiting for the other.
const LONGEST = [
  'faults/faults',
  'resume/kill',
  'job/warm',
  'cases/cases',
  'job/run',
  'resume/go-on',
  'oracle/scores',
  'command/recovery',
  'command/supervised',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`)) + 1 || Infinity;
    return (await super.sort(files))
      .map((file) => [rank(file), file] as const)
      .sort(([a], [b]) => (a === b ? 0 : a - b))
      .map(([, file]) => file);
  }
}

export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'corpora' ? suites.corpora : suites.default),
    hookTimeout: 60_000,
    // A test that asserts nothing proves nothing.
    expect: { requireAssertions: true },
    // Worker threads and signals are part of what is tested: each file gets a process of its own, so nothing leaks from one into the next.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // The built files are what ships, and what worker threads load: Node imports them itself, untransformed.
    server: { deps: { external: [/\/dist\//] } },
    // The same in a terminal, in a pipe and in CI.
    allowOnly: false,
    watch: false,
    passWithNoTests: false,
    reporters: [['default', { summary: false }]],
  },
}));
