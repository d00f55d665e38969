import { afterAll, describe, expect, test } from 'vitest';
import { PARTS } from '../../tools/faults/parts.mjs';
import { Context, runPart } from '../../tools/faults/schedule.mjs';
import { LONG } from '../support/long.js';
import { hasTool } from '../support/tools.js';

/** In `npm test`: what every run has to survive, at one point each. The long suite has a sample of all parts. */
const BASE = new Set(['kill', 'refuse', 'job-kill']);
const BASE_POINTS = 1;

// A sample of the parts of `npm run test:faults`, spread over their points; docs/reliability.md says what they are. That a broken build is caught is a step of CI.
describe.runIf(hasTool('cc'))('a sample of the faults', () => {
  const context = new Context();
  afterAll(() => context.close());

  for (const part of PARTS.filter(({ name, quick }) => quick > 0 && (LONG || BASE.has(name)))) {
    const can = (part.tools ?? []).every(hasTool) && part.possible?.() !== false;
    test.runIf(can)(`${part.name}: ${part.about}`, { timeout: 120_000 }, async () => {
      const { points, violations } = await runPart(part, context, { points: LONG ? part.quick : BASE_POINTS });
      expect(violations).toEqual([]);
      expect(points).toBeGreaterThan(0);
    });
  }
});
