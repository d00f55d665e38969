import { nearMisses } from '../errors/nearest.js';
import type { Warning } from '../run/options.js';
import { COMMANDS } from './command.js';
import type { Effects } from './effects.js';
import { variableOf, type Flag } from './flag.js';

/** What a command of `notify` is told; it may well call Scoreline. */
const TOLD = 'SCORELINE_NOTIFY_';

/** A variable that looks like one of ours and is none was probably mistyped, and would be passed over without a word. */
export function unknownVariables(env: Effects['env']): readonly Warning[] {
  const known = new Set(COMMANDS.flatMap(({ flags }) => flags.filter((flag: Flag) => flag.environment !== false).map(variableOf)));
  return Object.keys(env)
    .filter((name) => name.startsWith('SCORELINE_') && !known.has(name) && !name.startsWith(TOLD))
    .map((name) => {
      const [near] = nearMisses(name, [...known]);
      const hint = near === undefined ? '' : `; did you mean ${near}?`;
      return { code: 'unknown-variable', message: `the environment variable ${name} means nothing to Scoreline${hint}`, count: 1 };
    });
}
