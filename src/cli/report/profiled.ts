import { escapeControl } from './escape.js';
import { countText, plural } from './figures.js';

/** What a contract was made from. */
export interface Profiled {
  /** Where it went; `-`: stdout. */
  readonly contract: string;
  readonly rows: number;
  /** That it names. */
  readonly columns: number;
  readonly rejected: number;
}

export function profiledMessage({ rows, columns, rejected }: Profiled): string {
  return `profiled ${plural(rows, 'row')} and ${plural(columns, 'column')}${rejected === 0 ? '' : `, ${countText(rejected)} more rejected`}`;
}

/** One line. */
export function profiledText(profiled: Profiled): string {
  const { contract } = profiled;
  return `scoreline: ${profiledMessage(profiled)}; the contract is ${contract === '-' ? 'on stdout' : escapeControl(contract)}\n`;
}
