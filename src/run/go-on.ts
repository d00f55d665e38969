import { reopenStage, type ReopenedStage } from '../publish/stage.js';
import type { Checkpoint } from './checkpoint.js';
import type { Checkpointer } from './checkpointer.js';
import { sameMark, type InputMark, type Marks } from './input-mark.js';
import { PRIVATE_MODE } from './rejects-file.js';
import type { Places } from './settings.js';
import { openWork, type OpenedInput, type Work, type WorkRequest } from './work.js';

/** A run that goes on: what another one has written, and the input behind what that has scored. */
export interface GoneOn {
  readonly work: Work;
  readonly output: ReopenedStage;
  readonly rejects: ReopenedStage | undefined;
}

export interface GoOnRequest extends Omit<WorkRequest, 'marks'> {
  readonly places: Places;
  readonly input: OpenedInput;
  readonly checkpointer: Checkpointer;
}

/**
 * Goes on from a checkpoint, where all that it claims is proven: that the staged files hold what was written, and the input what was read. The chunks so far are
 * cut once more, so that those behind them are the very chunks that the other run would have cut, and passed over.
 *
 * @returns or why that cannot be, in words that follow "it was not gone on from, because"; everything is closed again then, and the staged files are gone.
 */
export async function goOn(checkpoint: Checkpoint, request: GoOnRequest): Promise<GoneOn | string> {
  const stages = await reopenStages(checkpoint, request);
  if (typeof stages === 'string') return stages;
  const { chunkBytes, threads } = checkpoint;
  const marks = new PassedMarks(checkpoint.accounting.sums.chunks, request.checkpointer);
  const work = await openWork(request.input, { ...request, options: { ...request.options, chunkBytes, threads }, marks });
  const { output, rejects } = stages;
  await work.assembler.goOn(checkpoint.assembler, output);
  if (await passOver(checkpoint, work, marks)) return { work, output, rejects };
  for (const opened of [output, rejects]) await opened?.abort();
  await work.source.close();
  return 'the input has changed';
}

async function reopenStages(
  { output, rejects }: Checkpoint,
  { options, places, closers, checkpointer }: GoOnRequest,
): Promise<Omit<GoneOn, 'work'> | string> {
  const keeps = (cause: Error | undefined): boolean => checkpointer.keeps(cause);
  const stage = await reopenStage(places.outputName, output, { noClobber: options.noClobber ?? false, keeps, followLinks: places.follows.output });
  if (typeof stage === 'string') return `the staged output ${stage}`;
  await closers.addSink(stage);
  if (rejects === null || places.rejects === undefined) return { output: stage, rejects: undefined };
  const second = await reopenStage(places.rejects, rejects, { mode: PRIVATE_MODE, keeps, followLinks: places.follows.rejects });
  if (typeof second !== 'string') return { output: stage, rejects: await closers.addSink(second) };
  await stage.abort();
  return `the staged rejects file ${second}`;
}

/** Takes the chunks off that were scored; false where they are not the same as then. */
async function passOver({ accounting, input }: Checkpoint, { chunks, splitter, assembler }: Work, marks: PassedMarks): Promise<boolean> {
  for (let index = 0; index < accounting.sums.chunks; index++) {
    const chunk = await chunks.pass();
    if (chunk === undefined) return false;
    assembler.pass(chunk.context);
    // the first one may still be asked for, to prove coded strings by
    if (index > 0) splitter.recycle(chunk.bytes.buffer as ArrayBuffer);
  }
  return marks.found !== undefined && sameMark(marks.found, input);
}

/** Marks the last of the chunks that are passed over; those behind them as the checkpoints to come want it. */
class PassedMarks implements Marks {
  found: InputMark | undefined;
  readonly #passed: number;
  readonly #next: Marks;

  constructor(passed: number, next: Marks) {
    this.#passed = passed;
    this.#next = next;
  }

  wants(index: number): boolean {
    return index < this.#passed ? index === this.#passed - 1 : this.#next.wants(index);
  }

  mark(index: number, mark: InputMark): void {
    if (index < this.#passed) this.found = mark;
    else this.#next.mark(index, mark);
  }
}
