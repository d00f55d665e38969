/** In the long suite (`npm run test:long`, a step of .ci/run) tests that draw try more: what a commit waits for draws a few. */
export const LONG = process.env['SCORELINE_LONG_TESTS'] === '1';
