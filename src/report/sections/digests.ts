import type { Section } from '../content.js';
import type { ReportRun } from '../material.js';

/** What was scored by what into what, to the byte: for who has to prove it. */
export function digestsSection({ start, figures: { input, output, rejects, withheld } }: ReportRun): Section | undefined {
  const all: readonly (readonly [what: string, path: string | undefined, sha256: string | null | undefined])[] = [
    ['model', start?.model.path, start?.model.sha256],
    ['contract', start?.contract?.path, start?.contract?.sha256],
    ['input', start?.input.path, input?.sha256],
    ['output', output?.path, output?.sha256],
    ['withheld', withheld?.path, withheld?.sha256],
    ['rejects', rejects?.path, rejects?.sha256],
  ];
  const rows = all.flatMap(([what, path, sha256]) => (typeof sha256 === 'string' ? [[what, path ?? '-', sha256]] : []));
  if (rows.length === 0) return undefined;
  const head = [{ name: 'what' }, { name: 'path' }, { name: 'sha256' }];
  return { id: 'digests', title: 'Digests', blocks: [{ kind: 'table', table: { caption: 'Files and their digests', head, rows } }] };
}
