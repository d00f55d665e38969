import type { Block, Section } from '../content.js';
import { bytesText, countText, plural, rateText, secondsText, shareText } from '../figures.js';
import type { ReportRun } from '../material.js';

const STAGES: readonly (readonly [stage: 'decode' | 'check' | 'score' | 'encode' | 'read' | 'write', about: string])[] = [
  ['decode', 'bytes to tensors'],
  ['check', 'looking at values'],
  ['score', 'the model itself'],
  ['encode', 'predictions to bytes'],
  ['read', 'waiting for the input'],
  ['write', 'waiting for the output'],
];

/** Where the time went, and what was used. */
export function effortSection({ start, figures: { seconds, cpu, peakMemoryBytes, rows } }: ReportRun): Section | undefined {
  const plan = start?.plan ?? undefined;
  const pairs = [
    ['total', seconds === undefined ? undefined : secondsText(seconds.total)],
    ['rate', seconds === undefined || rows === undefined ? undefined : rateText(rows.in, seconds.total)],
    ['processor time', cpu === undefined ? undefined : `${secondsText(cpu.user)} user, ${secondsText(cpu.system)} system`],
    ['peak memory', peakMemoryBytes === undefined ? undefined : bytesText(peakMemoryBytes)],
    ['workers', plan && `${plural(plan.workers, 'worker')} of ${plural(plan.threads, 'thread')}`],
    ['machine', plan?.machine && `${plural(plan.machine.cores, 'core')}, ${bytesText(plan.machine.memoryBytes)}`],
    ['chunks of', plan && bytesText(plan.chunkBytes)],
    ['rows a call', plan && countText(plan.batchRows)],
  ] as const;
  const known = pairs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]));
  const blocks: readonly Block[] = [
    ...(known.length === 0 ? [] : [{ kind: 'pairs' as const, caption: 'Resources', pairs: known }]),
    ...(seconds === undefined ? [] : stages(seconds)),
  ];
  return blocks.length === 0 ? undefined : { id: 'effort', title: 'Time and resources', blocks };
}

function stages(seconds: NonNullable<ReportRun['figures']['seconds']>): readonly Block[] {
  const sum = STAGES.reduce((total, [stage]) => total + seconds[stage], 0);
  const share = (stage: keyof typeof seconds): number => (sum === 0 ? 0 : seconds[stage] / sum);
  const plot = {
    kind: 'bars' as const,
    title: 'Time by stage',
    summary: 'share of the time of all stages',
    bars: STAGES.map(([stage]) => ({ name: stage, run: share(stage) })),
  };
  return [
    {
      kind: 'table',
      table: {
        caption: 'Time by stage, added up over the workers',
        head: [{ name: 'stage' }, { name: 'what it does' }, { name: 'seconds', right: true }, { name: 'share', right: true }],
        rows: STAGES.map(([stage, about]) => [stage, about, secondsText(seconds[stage]), shareText(share(stage))]),
      },
    },
    ...(sum === 0 ? [] : [{ kind: 'plots' as const, caption: 'Where the time went', plots: [plot] }]),
  ];
}
