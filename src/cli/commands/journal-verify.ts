import type { StatusName } from '../../errors/statuses.js';
import { PublishedFiles, type CheckedFile } from '../../journal/published.js';
import { verifyJournal } from '../../journal/verify.js';
import type { Context } from '../command.js';
import type { SettingsOf } from '../flag.js';
import { groupFiles, namedFiles, rotatedBeside, type JournalFiles } from '../journal/files.js';
import type { JOURNAL_VERIFY_FLAGS } from '../journal/flags.js';
import { isProven, isWhole, verdictLine, verdictText, type Verdict } from '../journal/verify-text.js';

type Settings = SettingsOf<typeof JOURNAL_VERIFY_FLAGS>;

/**
 * `scoreline journal verify`: 0 where every journal is whole, 65 where one is not, 77 where a published file could not be read and so nothing is known of it.
 * Throws what reading a journal throws.
 */
export async function runJournalVerify(settings: Settings, { effects, reporter }: Context): Promise<StatusName> {
  const verdicts: Verdict[] = [];
  for (const files of await journalsOf(settings, effects.env)) {
    effects.signal.throwIfAborted();
    const verdict = await verdictOf(files, settings.skipOutputs !== true, effects.signal);
    verdicts.push(verdict);
    const text = settings.json === true ? verdictLine(verdict) : verdictText(verdict, settings.utc === true);
    if (!reporter.people.quiet || !isProven(verdict)) effects.stdout.write(text);
  }
  if (!verdicts.every(isWhole)) return 'data';
  return verdicts.every(isProven) ? 'ok' : 'permission';
}

async function journalsOf({ journal, rotated }: Settings, env: Context['effects']['env']): Promise<readonly JournalFiles[]> {
  const groups = await groupFiles(await namedFiles(journal, env));
  if (rotated !== true) return groups;
  return Promise.all(groups.map(async ({ path, rotated: given }) => ({ path, rotated: given.length > 0 ? given : await rotatedBeside(path) })));
}

async function verdictOf(files: JournalFiles, checkOutputs: boolean, signal: AbortSignal): Promise<Verdict> {
  const first = await read(files);
  if (!checkOutputs) return { report: first.report, rotated: files.rotated, same: 0, others: [] };
  const seen = await filesOf(first.published, files.path, signal);
  // a run may have published after the journal was read to its end: then the journal says so now
  if ([files.path, ...files.rotated].includes('-') || seen.others.every(({ state }) => state !== 'changed'))
    return { ...seen, report: first.report, rotated: files.rotated };
  const second = await read(files);
  return { ...(await filesOf(second.published, files.path, signal)), report: second.report, rotated: files.rotated };
}

async function read({ path, rotated }: JournalFiles) {
  const published = new PublishedFiles();
  const report = await verifyJournal(path, { rotated, onEntry: (entry) => published.add(entry) });
  return { published, report };
}

async function filesOf(published: PublishedFiles, journal: string, signal: AbortSignal): Promise<Pick<Verdict, 'same' | 'others'>> {
  const others: CheckedFile[] = [];
  let same = 0;
  for await (const file of published.check(journal)) {
    signal.throwIfAborted();
    if (file.state === 'same') same++;
    else others.push(file);
  }
  return { same, others };
}
