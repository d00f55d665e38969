import { usageError } from '../usage.js';

/** The job file of a command that needs one. Throws UsageError `missing-job`. */
export function jobFile(command: string, given: string | undefined): string {
  if (given !== undefined) return given;
  throw usageError('missing-job', `scoreline ${command} needs a job file, and none is given`, `For example: scoreline ${command} nightly.yaml`);
}
