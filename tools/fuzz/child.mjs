// One fuzzing process: goes through numbered inputs of one target and says, before each, which it is. The parent watches it.
import { writeSync } from 'node:fs';
import { mutate, randomOf } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

const [kind, seed, from, count] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const { seeds, draw, run } = TARGETS[kind];
const say = (message) => writeSync(1, `${JSON.stringify(message)}\n`);

for (let number = from; number < from + count; number++) {
  const random = randomOf(Math.imul(seed, 0x9e3779b1) + number);
  // damaged seeds, and inputs that a target draws by itself: some of those are damaged too
  const drawn = draw !== undefined && random() < 0.6 ? [draw(random)] : undefined;
  const bytes = drawn === undefined || random() < 0.3 ? mutate(drawn ?? seeds, kind, random) : drawn[0];
  say({ begin: number });
  try {
    await run(bytes, random);
  } catch (error) {
    say({ failed: number, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
say({ done: count });
process.exit(0); // nothing that an input left running may hold the process
