import type { Contract } from '../../contract/contract.js';
import { contractPathOf, loadContract } from '../../contract/load.js';
import { ContractError } from '../../errors/errors.js';
import { outputFormat } from '../../format/detect.js';
import { loadModel, type LoadedModel } from '../../model/load.js';
import { silenceTelemetry } from '../../model/telemetry.js';
import { isSpecialOutput } from '../../publish/open.js';
import { Closers } from '../../run/closers.js';
import { isFor } from '../../run/fallback.js';
import { driftOf } from '../../run/figures.js';
import type { ScoreOptions } from '../../run/options.js';
import { Pool } from '../../run/pool.js';
import { checkPlaces, placesOf } from '../../run/settings.js';
import { checkOptions } from '../../run/validate.js';
import { otherReading } from './as-if.js';
import { attempt } from './attempt.js';
import { contractFindings, contractFitFindings, usualRowsFindings } from './contract-state.js';
import { brokenFallback, takenOver, tryFallback } from './fallback.js';
import { failed, ok, type Finding } from './finding.js';
import { readFirstRows, type FirstRows } from './first-rows.js';
import { gateFindings } from './gates.js';
import { headerFindings } from './header.js';
import { idleShare, inputFinding, rowsIn, silentFinding } from './input.js';
import { missingFindings } from './missing.js';
import { outputFindings } from './output.js';
import { planFirst, type PlannedFirst } from './plan-first.js';
import { predictionFindings } from './predictions.js';
import { rejectedFinding } from './rejected.js';
import { surveyRows, type Survey } from './survey.js';
import { bytesText, pathText } from './texts.js';
import { tryPlanned } from './try-planned.js';
import type { Trial } from './trial.js';
import { rangeFindings, typeFindings, unseenFindings } from './unexpected.js';
import { unreadFindings } from './unread.js';

export interface CheckOptions {
  /** What a run may take; undefined: as long as it likes. */
  readonly deadlineMs: number | undefined;
  /** Bytes of all inputs that are to be scored; undefined: this one only. */
  readonly pendingBytes?: number;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Tries everything that a run of these options needs, in the order of a run, on the first rows of the input, and leaves nothing behind. What fails keeps nothing from being looked at
 * that can be looked at without it. Throws only when it is stopped.
 */
export async function checkScore(options: ScoreOptions, check: CheckOptions): Promise<readonly Finding[]> {
  const closers = new Closers();
  const stop = (): void => void closers.closeAll();
  check.signal.addEventListener('abort', stop, { once: true });
  try {
    silenceTelemetry();
    const findings = await lookAt(options, check, closers);
    check.signal.throwIfAborted();
    return await takenOver(withoutRepeats(findings), options);
  } finally {
    check.signal.removeEventListener('abort', stop);
    await closers.closeAll();
  }
}

async function lookAt(options: ScoreOptions, check: CheckOptions, closers: Closers): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if ((await attempt('options', findings, () => checkOptions(options) ?? true)) === undefined) return findings;
  const pool = await closers.add(new Pool()); // loads its code and the runtime meanwhile
  const model = await attempt('model', findings, () => loadModel(options.model, options.maxModelBytes));
  if (model !== undefined) findings.push(modelFinding(model));
  const { contract, isRefused } = await lookAtContract(options, model, check, findings);
  await attempt('output', findings, async () => {
    const places = placesOf(options, await isSpecialOutput(options.output));
    checkPlaces(places, options.model, contract?.path ?? contractPathOf(options.model), options.fallback?.model);
  });
  const first = await attempt('input', findings, () => readFirstRows(options, closers));
  if (first === undefined && findings.every(({ subject }) => subject !== 'input')) findings.push(silentFinding(options));
  const tried = first === undefined ? undefined : await lookAtRows({ options, model, contract, isRefused, first, check, pool, closers }, findings);
  if (check.signal.aborted) return findings;
  const { deadlineMs, pendingBytes } = check;
  findings.push(...(await outputFindings({ options, deadlineMs, pendingBytes, inputBytes: first?.inputBytes, trial: tried })));
  return findings;
}

function modelFinding({ path, family, sizeBytes, sha256 }: LoadedModel): Finding {
  return ok('model', `${pathText(path)}: ${family}, ${bytesText(sizeBytes)}, sha256 ${sha256.slice(0, 12)}`, {
    details: { path, family, sizeBytes, sha256 },
  });
}

/** A contract that is refused is set aside for what comes behind it. */
async function lookAtContract(
  options: ScoreOptions,
  model: LoadedModel | undefined,
  { nowMs }: CheckOptions,
  findings: Finding[],
): Promise<{ readonly contract: Contract | undefined; readonly isRefused: boolean }> {
  if (model === undefined) return { contract: undefined, isRefused: false };
  try {
    const contract = await loadContract(options.contract, model.path, model.sha256);
    findings.push(...contractFindings(contract, options, nowMs));
    return { contract, isRefused: false };
  } catch (error) {
    findings.push(failed('contract', error));
    return { contract: undefined, isRefused: true };
  }
}

interface Parts {
  readonly options: ScoreOptions;
  readonly model: LoadedModel | undefined;
  readonly contract: Contract | undefined;
  /** There is one, and it could not be taken. */
  readonly isRefused: boolean;
  readonly first: FirstRows;
  readonly check: CheckOptions;
  readonly pool: Pool;
  readonly closers: Closers;
}

/** Header, values and scores of the first rows. */
async function lookAtRows({ options, model, contract, isRefused, first, check, pool, closers }: Parts, findings: Finding[]): Promise<Trial | undefined> {
  if (findings.every(({ subject }) => subject !== 'input')) findings.push(inputFinding(options, first));
  const written = await attempt('output', findings, () =>
    outputFormat(typeof options.output === 'string' ? options.output : undefined, options.outputFormat, first.format),
  );
  const tryAlone = () => tryFallback(options, { first, closers, outputFormat: written ?? first.format });
  if (model === undefined) {
    findings.push(...(await tryAlone()));
    return undefined;
  }
  const planned = await planFirst({ options, model, contract, first, outputFormat: written ?? first.format, closers });
  const other = otherReading(options, first, planned);
  const isFile = first.inputBytes !== undefined; // what came through a pipe is there once
  const again = isFile && other !== undefined ? await readFirstRows(other.options, closers).catch(() => undefined) : undefined;
  if (other !== undefined && again !== undefined) {
    findings.push(failed('columns', planned.failure, { text: other.text, fix: other.fix }));
    await lookAtRows({ options: other.options, model, contract, isRefused, first: again, check, pool, closers }, findings);
    return undefined;
  }
  // without its contract a model may well not know the order of its columns
  const isOfContract = isRefused && planned.failure instanceof ContractError;
  const idle = planned.failure === undefined ? await idleShare(first, planned) : undefined;
  if (!isOfContract) findings.push(...headerFindings(first, planned, idle));
  const survey = planned.layout && (await attempt('first rows', findings, () => surveyRows(first, planned.layout ?? { tensors: [], fields: [], kept: [] })));
  let broken: Finding | undefined;
  const onBrokenFallback = (error: unknown): void => void (broken = brokenFallback(error));
  const trial = await attempt('first rows', findings, () => tryPlanned({ options, model, contract, planned, first, survey, pool, closers, onBrokenFallback }));
  if (survey !== undefined) findings.push(...valueFindings({ options, contract, first, planned, survey, trial }));
  if (planned.plan !== undefined) {
    findings.push(...contractFitFindings(contract, planned.plan, first.schema.columns.map(({ name }) => name)));
    if (trial !== undefined) findings.push(...predictionFindings(trial, planned.plan, options));
    const seen = { rows: survey?.rows ?? 0, rejected: survey?.rejects.length ?? 0, isWhole: survey?.isWhole ?? false };
    // of a part of the rows the distance says nothing
    const drift = trial?.accounting.rowsIn === seen.rows && seen.isWhole ? driftOf(trial.accounting, { plan: planned.plan, contract }) : undefined;
    const { deadlineMs, nowMs } = check;
    findings.push(...gateFindings({ gates: options.gates ?? [], plan: planned.plan, contract, deadlineMs, nowMs, hasFallback: hasGateFallback(options), drift, ...seen }));
  }
  findings.push(...usualRowsFindings(contract, rowsIn(first, survey)));
  findings.push(...(broken === undefined ? await tryAlone() : [broken]));
  return planned.failure === undefined ? trial : undefined;
} // prettier-ignore

function hasGateFallback({ fallback }: ScoreOptions): boolean {
  return fallback !== undefined && isFor(fallback, 'gate');
}

interface Values extends Pick<Parts, 'options' | 'contract' | 'first'> {
  readonly planned: PlannedFirst;
  readonly survey: Survey;
  readonly trial: Trial | undefined;
}

function valueFindings({ options, contract, first, planned, survey, trial }: Values): readonly Finding[] {
  const unread = unreadFindings(survey, options);
  const file = typeof options.input === 'string' ? options.input : 'stream';
  return [
    rejectedFinding({ options, file, first, survey, trial: planned.plan === undefined ? undefined : trial, isOfValues: unread.length > 0 }),
    ...unread,
    ...unseenFindings(survey, options),
    ...rangeFindings(survey, options),
    ...typeFindings(survey, options),
    ...missingFindings(survey, contract),
  ];
}

/** What keeps a run from its plan may well be its output: one error is told once. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ level, text }, index) => level !== 'failed' || findings.findIndex((other) => other.text === text) === index);
}
