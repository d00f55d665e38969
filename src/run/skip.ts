import { UsageError } from '../errors/errors.js';
import { scanLedger, type LedgerDraft, type LedgerLine, type PublishedFile } from '../publish/ledger.js';
import { holds } from '../publish/recover.js';
import type { ScoreOptions } from './options.js';
import { stateFileOf } from './settings.js';

/** A run that published the same before. */
export interface EarlierRun {
  readonly run: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Where `skipIfPublished` looks and what it is to write: the ledger of the output, by the identity of the run. */
export interface SkipLedger {
  readonly draft: LedgerDraft;
  /**
   * The last run that was published, where it has this identity and its predictions still stand, by their digest, under `target`, the real path of the output; else undefined.
   * Throws as scanLedger, and OutputError where the output cannot be read.
   */
  readonly find: (target: string) => Promise<EarlierRun | undefined>;
}

/**
 * The ledger of an output that is scored once: `OUTPUT.ledger.jsonl`, or in the state folder. Only to be asked under the lock of the output: then no other run publishes meanwhile.
 *
 * @param identity of the run (identity.ts); undefined where it has none.
 * @throws UsageError `conflicting-options` where input or output is no plain file.
 */
export function openSkipLedger({ output, stateDir }: Pick<ScoreOptions, 'output' | 'stateDir'>, identity: string | undefined): SkipLedger {
  if (identity === undefined || typeof output !== 'string') throw needsFiles();
  const path = stateFileOf(output, stateDir, 'ledger.jsonl');
  return {
    draft: { path, entry: { kind: 'published', identity } },
    async find(target) {
      const lines: LedgerLine[] = [];
      await scanLedger(path, (line) => {
        if (line['kind'] === 'published') lines[0] = line;
      });
      const [last] = lines;
      if (last?.['identity'] !== identity || !(await stands(target, last['output']))) return undefined;
      return { run: String(last['run']), at: String(last['at']) };
    },
  };
}

/** Is what a ledger says was published still there? */
async function stands(target: string, output: unknown): Promise<boolean> {
  const { bytes, sha256 } = { ...(output as Partial<PublishedFile> | null) };
  return typeof bytes === 'number' && typeof sha256 === 'string' && (await holds(target, { bytes, sha256 }));
}

/** The error of a run that nobody could know again. */
export function needsFiles(): UsageError {
  return new UsageError(
    'conflicting-options',
    '--skip-if-published needs a file to read and a file to write: what goes through a pipe cannot be known again',
    {
      fix: 'Name the input and, with -o, the output; or leave --skip-if-published out.',
    },
  );
}
