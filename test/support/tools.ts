import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const PLACES = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];

/**
 * Is a tool on this machine? What CI has installed (`.ci/run` lists it in SCORELINE_CI_TOOLS) must be: there a missing tool is a failure, not a test that is
 * passed over.
 */
export function hasTool(name: string): boolean {
  const found = toolPath(name) !== undefined;
  if (!found && (process.env['SCORELINE_CI_TOOLS'] ?? '').split(' ').includes(name)) {
    throw new Error(`CI says that it installed ${name}, and it is not here`);
  }
  return found;
}

/** Where a tool stands, also those of the administrator. */
export function toolPath(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
