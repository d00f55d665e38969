import type { Gate, Verdict } from '../check/gates/gate.js';
import type { Contract } from '../contract/contract.js';
import { publish } from '../publish/commit.js';
import { isStage, type Stage } from '../publish/stage.js';
import type { Sink } from '../publish/sink.js';
import { OutputError, type ScorelineError } from '../errors/errors.js';
import type { Accounting } from './accounting.js';
import { GateWatch } from './gate-watch.js';
import { actOn, gatesOf, isHeld, judgeRun, resourcesOf, warnOfFailed, withheld } from './gates.js';
import { peakMemoryBytes } from './machine.js';
import { FALLBACK_CAUSES, type ScoreOptions } from './options.js';
import type { Plan } from './plan.js';
import type { RunRecord } from './record.js';
import type { RejectsFile } from './rejects-file.js';

/** What gates look at, and act on. */
export interface GatedRun {
  readonly options: ScoreOptions;
  readonly record: RunRecord;
  readonly contract: Contract | undefined;
  readonly plan: Plan;
  readonly accounting: Accounting;
  readonly output: Sink;
  readonly rejects: RejectsFile;
  readonly deadlineMs: number | undefined;
  /** Stops the run wherever it is, for this reason. */
  readonly stop: (why: ScorelineError) => void;
}

/** The gates of a run. */
export interface Gates {
  /** Looks out for those that are broken before the end. */
  readonly watch: GateWatch;
  /** `watch` has ended the run. Throws WithheldError, once what may be seen is published. */
  stop(): Promise<never>;
  /** Every row is accounted for: may the predictions be published? If not, they are kept aside, and the rejects published. Throws WithheldError. */
  pass(): Promise<void>;
}

/** Where predictions that are not published can be looked at. */
const WITHHELD = '.withheld';

/** Before the first chunk, when the accounts hold what an earlier run has counted. */
export function openGates(run: GatedRun): Gates {
  const { options, record, contract, plan, accounting, output, rejects, deadlineMs } = run;
  const given: readonly Gate[] = options.gates ?? [];
  const hasFallback = options.fallback !== undefined && (options.fallback.on ?? FALLBACK_CAUSES).includes('gate');

  /** Why the run ends here, before its end. */
  const stopping = (verdicts: readonly Verdict[], published?: string): ScorelineError => {
    record.gates = verdicts;
    warnOfFailed(verdicts, record.warnings);
    return withheld(verdicts, { held: { seen: seenOf(output), rejects: published }, hasFallback });
  };
  const watch = new GateWatch({
    gates: gatesOf(given, contract),
    before: { rows: accounting.rowsIn, rejected: accounting.rejected },
    mostRows: options.limit ?? options.expectRows,
    resources: () => resourcesOf({ contract, plan, nowMs: Date.now(), deadlineMs, seconds: record.seconds, memoryBytes: peakMemoryBytes() }),
    alarm: (verdicts) => run.stop(stopping(verdicts)),
  });
  return {
    watch,
    async stop() {
      const verdicts = watch.verdicts ?? [];
      // as where too many are rejected: those that were found say what is wrong
      const byRejects = verdicts.some((verdict) => isHeld(verdict) && ['rejects', 'reject-rate'].includes(verdict.name));
      throw stopping(verdicts, byRejects ? await publishRejects(record, rejects) : undefined);
    },
    async pass() {
      const figures = record.figuresNow();
      if (figures === undefined) return;
      record.gates = judgeRun(given, { figures, accounting, plan, contract, nowMs: Date.now(), deadlineMs });
      const held = record.gates.some(isHeld);
      const aside = held && isStage(output) ? await keepAside(output, record) : undefined;
      record.aside = aside;
      const published = held ? await publishRejects(record, rejects) : undefined;
      actOn(record.gates, {
        warnings: record.warnings,
        held: { aside, seen: seenOf(output), rejects: published },
        hasFallback,
        scope: { ...plan, contract, deadlineMs },
      });
    },
  };
}

/** The rejects alone, without predictions; gives their path, where there are any. */
async function publishRejects(record: RunRecord, { sink }: RejectsFile): Promise<string | undefined> {
  if (sink === undefined) return undefined;
  await publish({ rejects: sink });
  record.published = { output: false, rejects: true };
  return sink.name;
}

/** Undefined where they could not be kept: what the gate says stands all the same. */
async function keepAside(output: Stage, { warnings }: RunRecord): Promise<string | undefined> {
  try {
    await output.finish();
    return await output.setAside(WITHHELD);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    warnings.add('withheld-not-kept', `the predictions that a gate keeps back are lost: ${error.message}`);
    return undefined;
  }
}

/** Predictions that were written straight through are seen, whatever is found out about them. */
function seenOf({ name, visible, bytes }: Sink): string | undefined {
  return visible && bytes > 0 ? name : undefined;
}
