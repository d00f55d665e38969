import { basename, dirname, extname, isAbsolute, relative, resolve, sep } from 'node:path';
import { JobError, type Place } from '../errors/errors.js';
import { nearMisses } from '../errors/nearest.js';
import { isInput, samplePath } from './glob.js';
import type { Job } from './job.js';

/** What stands for the placeholders of a path. */
export interface Fill {
  /** `a.csv`: name of the input. */
  readonly name: string;
  /** Id of the run. */
  readonly run: string;
  /** YYYY-MM-DD in the job's zone, on which the input is scored for the first time. */
  readonly date: string;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;
const OF_INPUT = ['stem', 'name', 'date', 'run'] as const;
const OF_RUN = ['date', 'run'] as const;

/** The path that a template gives. */
export function fillTemplate(template: string, { name, run, date }: Fill): string {
  const values: Readonly<Record<string, string>> = { name, stem: basename(name, extname(name)), run, date };
  return template.replace(PLACEHOLDER, (whole, key: string) => values[key] ?? whole);
}

/** The folder that a template can give no path outside of: that before its first placeholder. */
export function templateFolder(template: string): string {
  const at = template.search(/\{/);
  return at === -1 ? dirname(template) : template.slice(0, template.lastIndexOf('/', at)) || '/';
}

/** The folder that must be there for inputs to be moved: all of `after.move`, or what stands before its first placeholder. */
export function archiveRoot(template: string): string {
  return templateFolder(`${template}/{name}`);
}

/**
 * Does a name of an input lead the path out of its folder? What is put in is the name of one file, so it can only be `..`, `.` or nothing, or make a segment that is
 * too long, which the system refuses.
 */
export function staysInside(template: string, path: string): boolean {
  const below = relative(templateFolder(template), path);
  const inside = below !== '' && !isAbsolute(below) && below !== '..' && !below.startsWith(`..${sep}`);
  return inside && path.split('/').length === template.split('/').length && path === resolve(path);
}

/**
 * Refuses templates that cannot be right for any input: placeholders that there are none of, an output that the job would take for an input.
 *
 * @throws JobError `job-template`, `job-output-is-input` (78).
 */
export function checkTemplates(job: Job, placeOf: (key: string) => Place): void {
  const { output, rejects, journal, after } = job;
  const templates: [key: string, template: string | undefined, known: readonly string[]][] = [
    ['output', output, OF_INPUT],
    ['rejects', rejects, OF_INPUT],
    ['journal', journal === false ? undefined : journal, OF_INPUT],
    ['after', after.kind === 'move' ? after.folder : undefined, OF_RUN],
  ];
  const sample = { name: 'sample.csv', run: 'run', date: '2026-01-02' };
  for (const [key, template, known] of templates) {
    if (template === undefined) continue;
    for (const [whole, name = ''] of template.matchAll(PLACEHOLDER)) {
      if (known.includes(name)) continue;
      const near = nearMisses(name, known);
      throw new JobError('job-template', `${key} has the placeholder ${whole}, which means nothing here`, {
        place: placeOf(key),
        fix: near.length > 0 ? `Did you mean {${near[0] ?? ''}}?` : `There are: ${known.map((each) => `{${each}}`).join(', ')}.`,
      });
    }
    for (const source of job.sources) {
      const name = basename(samplePath(source));
      const path = fillTemplate(key === 'after' ? `${template}/{name}` : template, { ...sample, name });
      if (isInput(path, job.sources)) throw outputIsInput(key, path, placeOf(key));
    }
  }
}

/** The error of a path that the job writes and would read in its next run. */
export function outputIsInput(key: string, path: string, place: Place): JobError {
  return new JobError('job-output-is-input', `${key} would be taken for an input by the next run: ${path}`, {
    place,
    fix: 'Write to another folder, or narrow the pattern of input.',
  });
}
