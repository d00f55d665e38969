import type { Ending } from './command.js';

/** How a command ends that has published with a warning: 3, or as `--warn-status` of the first that says so. */
export function warningStatus(...given: readonly { readonly warnStatus?: number }[]): Ending {
  const said = given.find(({ warnStatus }) => warnStatus !== undefined)?.warnStatus;
  return said === undefined ? 'warning' : { status: said };
}
