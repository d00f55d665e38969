import { resolve } from 'node:path';
import { JobError, UsageError } from '../errors/errors.js';
import type { YamlEntry, YamlNode } from '../files/yaml.js';
import type { FlagKeys, FlagValues } from '../job/load.js';
import { omit } from '../job/omit.js';
import { isRepeatable, keyOf, type Flag } from './flag.js';
import { SCORE_FLAGS } from './flags.js';
import { quoteItem, quotePairName } from './list.js';
import { checkTogether, engineOptions, type ScoreSettings } from './score-options.js';
import { readSettings, type Given } from './settings.js';
import { jobExampleOf } from './usage.js';

/** Flags of `scoreline score` that a job says in its own way, or not at all. */
const OWN = new Set(['input', 'output', 'fallback']);
const IN_SINKS = 'it stands in sinks, as sinks: { metrics: churn.prom }';
const REFUSED: Readonly<Record<string, string>> = {
  spoolStdout: 'its predictions go to files',
  skipIfPublished: 'it scores each input once as it is',
  metrics: IN_SINKS,
  openlineage: IN_SINKS,
  syslog: IN_SINKS,
  fallbackOn: 'it stands in fallback, as fallback: { model: churn.rules.yaml, on: [load, rows] }',
};

/** The flags of `scoreline score` that are keys of a job file, by the names that they have there. */
export const JOB_FLAGS: readonly Flag[] = SCORE_FLAGS.filter((flag) => !OWN.has(flag.name) && !Object.hasOwn(REFUSED, keyOf(flag)));

/** What of a job file the command line's own flag table reads, with the same readers and messages as on the command line. */
export function flagKeys(readText: (path: string) => string): FlagKeys & { readonly settings: () => ScoreSettings } {
  let settings: ScoreSettings = {};
  return {
    names: JOB_FLAGS.map(keyOf),
    refused: REFUSED,
    settings: () => settings,
    read(entries, file, folder) {
      settings = readFlags(entries, file, folder, readText);
      return valuesOf(settings);
    },
  };
}

function valuesOf(settings: ScoreSettings): FlagValues {
  const { model, rejects, journal, noJournal, stateDir, keep } = settings;
  return {
    model,
    options: omit(engineOptions(settings), 'rejects'),
    rejects,
    journal: noJournal === true ? false : journal,
    stateDir,
    keepSaid: keep !== undefined,
  };
}

/** Reads the entries as if they stood on the command line; what is wrong is told with line and character. */
function readFlags(entries: readonly YamlEntry[], file: string, folder: string, readText: (path: string) => string): ScoreSettings {
  const table = JOB_FLAGS.map((flag) => ({ flag, entry: entries.find(({ key }) => key === keyOf(flag)) }));
  const given = table.flatMap(({ flag, entry }) => (entry === undefined ? [] : givenOf(flag, entry, file, folder)));
  try {
    const settings = readSettings(SCORE_FLAGS, { given, env: {}, readText: (path) => readText(resolve(folder, path)) });
    checkTogether(settings, '', false);
    return settings;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const entry = table.find(({ flag }) => `--${flag.name}` === error.details['flag'])?.entry;
    throw new JobError('job-invalid', `the job file is wrong: ${error.message}`, {
      place: { file, ...entry?.node.spot },
      details: error.details,
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    });
  }
}

/** What would stand on the command line for an entry. */
function givenOf(flag: Flag, { key, node }: YamlEntry, file: string, folder: string): Given[] {
  const as = (text: string | undefined): Given => ({ name: flag.name, text, label: key, from: 'job file' });
  switch (flag.kind) {
    case 'boolean':
      if (node.kind !== 'scalar' || typeof node.value !== 'boolean') throw wrong(flag, node, file, 'true or false');
      return node.value ? [as(undefined)] : [];
    case 'pairs':
      if (node.kind !== 'map') throw wrong(flag, node, file, 'names with values');
      return node.entries.map(({ key: name, node: value }) => as(`${quotePairName(name)}=${quoteValue(scalarText(flag, value, file))}`));
    case 'list':
      if (node.kind === 'scalar') return [as(scalarText(flag, node, file))];
      if (node.kind !== 'list') throw wrong(flag, node, file, 'a list of names');
      // of a list that is no keyword the last one would hold: it goes as one
      return [as(node.items.map((item) => quoteName(flag, scalarText(flag, item, file))).join(','))];
    case 'texts':
    case 'gates':
      return (node.kind === 'list' ? node.items : [node]).map((item) => as(scalarText(flag, item, file)));
    case 'path': {
      const text = scalarText(flag, node, file);
      if (text === '-') throw wrong(flag, node, file, 'a path; a job reads and writes files');
      return [as(text === '' || (flag.name === 'contract' && text === 'none') ? text : resolve(folder, text))];
    }
    default:
      return [as(scalarText(flag, node, file))];
  }
}

/** A name as it must stand in a list, so that it is no keyword. */
function quoteName(flag: Flag, name: string): string {
  return flag.kind === 'list' && flag.keywords?.includes(name) === true ? `"${name}"` : quoteItem(name);
}

/** A value as it must stand behind `NAME=`. */
function quoteValue(text: string): string {
  return text.startsWith('"') ? `"${text.replaceAll('"', '""')}"` : text;
}

/** As it was written: 01 stays 01, and null is a text. */
function scalarText(flag: Flag, node: YamlNode, file: string): string {
  if (node.kind === 'scalar') return node.text;
  throw wrong(flag, node, file, isRepeatable(flag) ? 'texts' : 'one value');
}

function wrong(flag: Flag, node: YamlNode, file: string, expected: string): JobError {
  const found = node.kind === 'scalar' ? `'${node.text}'` : node.kind === 'list' ? 'a list' : 'keys with values';
  return new JobError('job-invalid', `the job file is wrong: ${keyOf(flag)} takes ${expected}, found ${found}`, {
    place: { file, ...node.spot },
    fix: `For example: ${keyOf(flag)}: ${jobExampleOf(flag)}`,
  });
}
