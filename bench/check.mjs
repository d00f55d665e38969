// Before anything is timed: every entrant's output is what ours is.
import { compareOutputs, isRepeated, shareOfLabels } from './compare.mjs';

/** Runs each entrant once and holds its output against that of `scoreline`; throws at the first difference. This also warms the file cache. */
export async function checkOutputs(kit, work, entrants) {
  const ours = entrants.find(({ name }) => name === 'scoreline');
  kit.must(ours.command);
  const reference = await asCsv(kit, ours.output);
  for (const { name, output, command, checking, compare } of entrants.filter((entrant) => entrant !== ours)) {
    kit.must(checking ?? command);
    await CHECKS[compare.kind]({ name, path: await asCsv(kit, output), reference, work, ...compare });
  }
}

const CHECKS = {
  rows: async ({ name, path, reference, work, rejects = 0 }) => {
    const compared = await compareOutputs(path, reference, { ...work.tolerance, rejects });
    if (compared !== work.rows - rejects) throw new Error(`${name} and scoreline wrote ${compared} rows of ${work.rows}`);
  },
  labels: async ({ name, path, reference, work, columns, least }) => {
    const { rows, share } = await shareOfLabels(path, reference, columns);
    if (rows !== work.rows) throw new Error(`${name} wrote ${rows} rows of ${work.rows}`);
    if (share < least) throw new Error(`${name}: only ${(100 * share).toFixed(1)}% of the labels are ours`);
  },
  repeated: ({ name, path, reference, times }) => {
    if (!isRepeated(path, reference, times)) throw new Error(`${name}: not ${times} times the output of one`);
  },
};

async function asCsv(kit, path) {
  if (!path.endsWith('.arrow')) return path;
  kit.must([kit.python, kit.contender('arrow_to_csv.py'), path, `${path}.csv`]);
  return `${path}.csv`;
}
