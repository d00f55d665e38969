import type { FormatName } from '../format/format.js';
import { runtimeVersion } from '../model/ort-session.js';
import { isSpecialOutput } from '../publish/open.js';
import { removeStaged } from '../publish/recover.js';
import type { LedgerDraft } from '../publish/ledger.js';
import type { RunState, TakenOver } from '../publish/run-state.js';
import { asCheckpoint, nextRow, type Checkpoint } from './checkpoint.js';
import type { Checkpointer } from './checkpointer.js';
import type { Outcome, OutputClaim } from './claim.js';
import { goOn, type GoneOn } from './go-on.js';
import { identityOf, whatDiffers } from './identity.js';
import type { RunSummary } from './options.js';
import type { RunRecord } from './record.js';
import type { Places } from './settings.js';
import { needsFiles, openSkipLedger } from './skip.js';
import { openInput, openWork, type OpenedInput, type Work, type WorkRequest } from './work.js';

/** A run that has begun: at the first row, or where another one had its last checkpoint. */
export interface Begun {
  readonly kind: 'begun';
  readonly work: Work;
  readonly from: (Omit<GoneOn, 'work'> & { readonly checkpoint: Checkpoint }) | undefined;
  /** What shall stand in a ledger once the run is published. */
  readonly ledger: LedgerDraft | undefined;
}

/** A run that has nothing to do: a dead run, the same as this one, had done all of it, or the same was published before and is not to be published again. */
export type NotBegun =
  | { readonly kind: 'finished'; readonly outcome: Outcome }
  | { readonly kind: 'published'; readonly earlier: NonNullable<RunSummary['alreadyPublished']> };

export interface BeginRequest extends Omit<WorkRequest, 'marks'> {
  readonly places: Places;
  /** Absent where the output is not staged. */
  readonly claim: OutputClaim | undefined;
  readonly checkpointer: Checkpointer;
}

/**
 * Opens the input and begins the run. What dead runs have left at the output is dealt with first: one that was the same as this one may have done all of it (`finished`), or left a
 * checkpoint; whatever else is left is removed.
 */
export async function beginRun(request: BeginRequest): Promise<Begun | NotBegun> {
  const { options, places, claim, record, checkpointer } = request;
  const hashed =
    places.journal !== undefined ||
    options.onEvent !== undefined ||
    options.ledger !== undefined ||
    options.skipIfPublished === true ||
    options.expectSha256 !== undefined ||
    checkpointer.isOn;
  const open = (): Promise<OpenedInput> => openInput(options, hashed, request);
  const input = await open();
  if (!(await canGoOn(input, places))) checkpointer.disable();
  if (claim === undefined) {
    if (options.skipIfPublished === true) throw needsFiles();
    return begun(input, request);
  }
  const identity = await identify(request, input.outputFormat);
  const skip = options.skipIfPublished === true ? openSkipLedger(options, identity) : undefined;
  const found = await claim.settle(identity, checkpointer.isOn);
  if (found.kind === 'finished') return found;
  const earlier = await skip?.find((await claim.lock()).target);
  if (earlier !== undefined) return { kind: 'published', earlier };
  const ledger = options.ledger ?? skip?.draft;
  // Not before the run is planned: a command line that does not fit leaves no journal.
  const begin = async (takenOver?: TakenOver): Promise<void> => claim.begin({ journal: await record.openJournal(), ledger }, takenOver);
  if (found.kind === 'fresh') {
    if (identity !== undefined && checkpointer.isOn && request.options.insteadOf === undefined)
      tellWhyNot((await claim.lock()).found, identity, record);
    const fresh = await begun(input, request);
    await begin();
    return { ...fresh, ledger };
  }
  const gone = await tryGoOn(found.state, { ...request, input });
  const going = gone?.begun ?? (await begun(await open(), request));
  await begin(gone?.takenOver);
  return { ...going, ledger };
}

/** A run that was killed may have been long: whoever expects it to be gone on with is told why it is not. */
function tellWhyNot(dead: RunState | undefined, identity: string, { warnings }: RunRecord): void {
  if (dead?.checkpoint === undefined || dead.prepared !== undefined || dead.header.identity === null) return;
  warnings.add('not-resumed', notResumed(dead, `${whatDiffers(dead.header.identity, identity)} changed since`));
}

function notResumed({ header }: RunState, why: string): string {
  return `the checkpoint of run ${header.run} was set aside, and the run begun anew: ${why}`;
}

async function begun(input: OpenedInput, request: BeginRequest): Promise<Begun> {
  return { kind: 'begun', work: await openWork(input, { ...request, marks: request.checkpointer }), from: undefined, ledger: undefined };
}

/** What is read must be there to be read again, and what is written to be cut off. */
async function canGoOn({ source }: OpenedInput, { rejects, follows }: Places): Promise<boolean> {
  return source.size !== undefined && (rejects === undefined || !(await isSpecialOutput(rejects, { followLinks: follows.rejects })));
}

function identify({ options, model, contract, fallback }: BeginRequest, outputFormat: FormatName): Promise<string | undefined> {
  const digests = fallback && [fallback.model.sha256, fallback.contract?.sha256];
  return identityOf({
    options,
    model: model.sha256,
    contract: contract?.sha256,
    fallback: digests,
    runtime: runtimeVersion(),
    chunksShow: outputFormat !== 'csv',
  });
}

/** Goes on from what a dead run has left; undefined where that is not what it should be. Then it is removed, and the reason told. */
async function tryGoOn(
  dead: RunState,
  request: BeginRequest & { readonly input: OpenedInput },
): Promise<{ readonly begun: Begun; readonly takenOver: TakenOver } | undefined> {
  const { record, checkpointer } = request;
  const { header, staged } = dead;
  const checkpoint = asCheckpoint(dead.checkpoint);
  checkpointer.goesOn(checkpoint);
  const gone = checkpoint && (await goOn(checkpoint, request));
  if (checkpoint === undefined || gone === undefined || typeof gone === 'string') {
    checkpointer.goesOn(undefined);
    await removeStaged(staged);
    await request.input.source.close();
    record.warnings.add('not-resumed', notResumed(dead, typeof gone === 'string' ? gone : 'it cannot be read'));
    return undefined;
  }
  const kept = [checkpoint.output.staged, checkpoint.rejects?.staged];
  const [own, others] = [staged.filter((name) => kept.includes(name.staged)), staged.filter((name) => !kept.includes(name.staged))];
  await removeStaged(others);
  const { rowsIn: rows, bytes } = checkpoint.accounting.sums;
  record.resumed = { run: header.run, fromRow: nextRow(checkpoint), rows, bytes };
  record.warnings.inherit(checkpoint.warnings);
  const { work, ...written } = gone;
  return { begun: { kind: 'begun', work, from: { ...written, checkpoint }, ledger: undefined }, takenOver: { staged: own, checkpoint } };
}
