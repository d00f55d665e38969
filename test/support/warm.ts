import { afterAll } from 'vitest';
import { dismissIdle } from '#src/run/hire.js';
import { stayWarm } from '#src/run/warm.js';

/*
 * For files whose tests score again and again in this process, and promise nothing of a worker's start or end: workers and their sessions rest from one
 * run to the next, as in a job, instead of a thread each that loads the runtime anew (0.1 s of processor time). That warm runs give what cold ones give is
 * what test/job/warm.test.ts shows.
 */
stayWarm();
afterAll(() => dismissIdle());
