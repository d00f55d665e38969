import type { StatusName } from '../../errors/statuses.js';
import type { OwnKind } from '../../publish/own-file.js';
import { isReportPage, PAGE_HEAD_BYTES } from '../../report/html/mark.js';
import { makeReport } from '../../report/report.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { LineFaults } from '../journal/faults.js';
import { groupFiles, namedFiles, rotatedBeside } from '../journal/files.js';
import { findRun } from '../run-report/find.js';
import type { REPORT_FLAGS } from '../run-report/flags.js';
import { reportText } from '../run-report/text.js';
import { zonedTime } from '../run-report/zoned-time.js';

type Settings = SettingsOf<typeof REPORT_FLAGS>;

const TREND_RUNS = 30;
/** A report is made again and again under one name: it replaces itself, and nothing else. */
const REPORT: OwnKind = { kind: 'a report', headBytes: PAGE_HEAD_BYTES, isOwn: isReportPage };

/**
 * `scoreline report`: one run from its journal, as a page or on the terminal. Throws what reading a journal and writing an output throw, and as `findRun`;
 * `journal-damaged` (65) after the report, which says so itself, is there.
 */
export async function runReport(settings: Settings, { effects, reporter }: Context): Promise<StatusName> {
  const { output, run: id, runs = TREND_RUNS, utc = false } = settings;
  const journals = await journalsOf(settings, effects.env);
  await checkTarget(output, journals.flat());
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
    else await (await import('../../publish/own-file.js')).writeOwn(output, page, { noClobber: false });
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

/** @throws UsageError `same-file`, OutputError `output-foreign`. */
async function checkTarget(output: string | undefined, files: readonly string[]): Promise<void> {
  const { refuseInputs, standingAt } = await import('../../publish/own-file.js');
  await refuseInputs('the report', output ?? '-', files.map((file) => ['the journal', file] as const)); // prettier-ignore
  if (output !== undefined) await standingAt(output, REPORT);
}
