import { realpath } from 'node:fs/promises';
import type { StatusName } from '../../errors/statuses.js';
import { makeReport } from '../../report/report.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { LineFaults } from '../journal/faults.js';
import { groupFiles, namedFiles, rotatedBeside } from '../journal/files.js';
import { findRun } from '../run-report/find.js';
import type { REPORT_FLAGS } from '../run-report/flags.js';
import { reportText } from '../run-report/text.js';
import { zonedTime } from '../run-report/zoned-time.js';
import { usageError } from '../usage.js';

type Settings = SettingsOf<typeof REPORT_FLAGS>;

const TREND_RUNS = 30;

/**
 * `scoreline report`: one run from its journal, as a page or on the terminal. Throws what reading a journal and writing an output throw, and as `findRun`;
 * `journal-damaged` (65) after the report, which says so itself, is there.
 */
export async function runReport(settings: Settings, { effects, reporter }: Context): Promise<StatusName> {
  const { output, run: id, runs = TREND_RUNS, utc = false } = settings;
  const journals = await journalsOf(settings, effects.env);
  if (output !== undefined && output !== '-') await refuseJournal(output, journals.flat());
  const faults = new LineFaults();
  const { run, trend } = await findRun(journals, id, runs, faults).catch((error: unknown) => {
    // a file that is no journal at all, or is damaged throughout, has no run either
    faults.close(reporter);
    throw error;
  });
  const time = zonedTime(utc);
  const report = makeReport(run, { trend, journalFindings: faults.findings(), time });
  if (output === undefined) effects.stdout.write(reportText(report, effects.stdout.columns));
  else {
    const [{ reportPage }, { drawPlot }] = await Promise.all([import('../../report/html/page.js'), import('../../report/svg/draw.js')]);
    const made = `Made by Scoreline ${effects.version} on ${time(effects.now().getTime())} from ${run.journal}, run ${run.id}. Lines of that run were proven by their digests; whether any is lost, scoreline journal verify tells.`;
    const page = reportPage(report, { version: effects.version, made, draw: drawPlot });
    if (output === '-') effects.stdout.write(page);
    else await writePage(output, page);
  }
  faults.close(reporter);
  return 'ok';
} // prettier-ignore

async function journalsOf({ journal, rotated }: Settings, env: Context['effects']['env']): Promise<readonly (readonly string[])[]> {
  const groups = await groupFiles(await namedFiles(journal, env));
  return Promise.all(
    groups.map(async ({ path, rotated: given }) => [...(rotated === true && given.length === 0 ? await rotatedBeside(path) : given), path]),
  );
}

/** A report in the place of the journal would be the end of both. */
async function refuseJournal(output: string, files: readonly string[]): Promise<void> {
  const real = await realpath(output).catch(() => output);
  for (const file of files) {
    if ((await realpath(file).catch(() => file)) !== real) continue;
    throw usageError('conflicting-flags', `the report would replace the journal '${file}'`, 'Give -o another path: report.html.');
  }
}

/** Appears whole. */
async function writePage(path: string, text: string): Promise<void> {
  const [{ openOutput }, { publish }] = await Promise.all([import('../../publish/open.js'), import('../../publish/commit.js')]);
  const output = await openOutput(path, { noClobber: false });
  await output.write(Buffer.from(text));
  await publish({ output });
}
