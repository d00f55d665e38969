import { afterAll, describe, expect, test } from 'vitest';
import { PARTS } from '../../tools/faults/parts.mjs';
import { Context, runPart } from '../../tools/faults/schedule.mjs';
import { hasTool } from '../support/tools.js';

// A sample of the parts of `npm run test:faults`, spread over their points; docs/reliability.md says what they are. That a broken build is caught is a step of CI.
describe.runIf(hasTool('cc'))('a sample of the faults', () => {
  const context = new Context();
  afterAll(() => context.close());

  for (const part of PARTS.filter(({ quick }) => quick > 0)) {
    const can = (part.tools ?? []).every(hasTool) && part.possible?.() !== false;
    test.runIf(can)(`${part.name}: ${part.about}`, { timeout: 120_000 }, async () => {
      const { points, violations } = await runPart(part, context, { quick: true });
      expect(violations).toEqual([]);
      expect(points).toBeGreaterThan(0);
    });
  }
});
