// Pipes, and what is said: whole outputs through pipes, readers that go away, statuses that stand in the table, silence where all went well.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, run, signalGroup, start, startProcess } from '../command.mjs';
import { csvInput, MODEL } from '../material.mjs';
import { firstLine } from '../oracle.mjs';

/** Rows that make 100 MB of predictions with all columns kept; a part of that with every commit. */
const ROWS = { full: 1_200_000, quick: 60_000 };

/** @type {import('../schedule.mjs').Part} */
export const pipes = {
  name: 'pipes',
  about: '100 MB through `| wc -c` exact, also to a slow reader; `| head -1` quiet; /dev/full is 74; a killed producer is 65',
  promises: ['P17'],
  quick: 5,
  trials: async (context) => {
    const shell = (name, line, judge) => ({
      name,
      run: async (point, lane) => {
        const folder = lane.folder();
        writeFileSync(join(folder, 'model.onnx'), MODEL);
        writeFileSync(join(folder, 'in.csv'), csvInput({ rows: context.full ? ROWS.full : ROWS.quick }));
        const env = { SCORE: `"${process.execPath}" "${context.bin ?? BIN}" score -m model.onnx --keep all --max-rejects 5%` };
        judge(
          point,
          await startProcess('bash', ['-c', `set -o pipefail; shopt -s expand_aliases; ${line.replaceAll('$SCORE', env.SCORE)}`], { cwd: folder })
            .ended,
          folder,
        );
      },
    });
    const counts = (point, { status, stdout, stderr }) => {
      const [piped, filed] = stdout.toString().split('\n');
      point.check('P17', status === 0 && stderr === '', `ended with ${status}: ${firstLine(stderr)}`);
      point.check('P17', piped === filed && Number(piped) > 1000, `${piped} bytes through the pipe, ${filed} in the file`);
    };
    return [
      shell('| wc -c', '$SCORE in.csv | wc -c && $SCORE in.csv -o out.csv && wc -c < out.csv', counts),
      shell(
        'a slow reader',
        '$SCORE in.csv | (sleep 1; dd bs=4k count=500 iflag=fullblock status=none; sleep 1; cat) | wc -c && $SCORE in.csv -o out.csv && wc -c < out.csv',
        counts,
      ),
      shell('| head -1', '$SCORE in.csv | head -1; echo "${PIPESTATUS[0]}"', (point, { stdout, stderr }) => {
        const [header, status] = stdout.toString().split('\n');
        point.check('P17', header.startsWith('id,'), `head found ${JSON.stringify(header)}`);
        point.check('P17', status === '141' && stderr === '', `ended with ${status}: ${firstLine(stderr)}`);
      }),
      shell('> /dev/full', '$SCORE in.csv > /dev/full', (point, { status, stderr }) => {
        point.check('P17', status === 74, `ended with ${status}: ${firstLine(stderr)}`);
      }),
      shell(
        'a producer that is killed',
        '(head -c 40000 in.csv; kill -9 $BASHPID) | $SCORE > out.csv; echo "${PIPESTATUS[1]}"',
        (point, { stdout, stderr }) => {
          point.check('P17', stdout.toString() === '65\n', `ended with ${stdout}: ${firstLine(stderr)}`);
        },
      ),
    ];
  },
};

/** Command lines and the status that each must end with, whatever the machine. */
const STATUSES = [
  [0, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--max-rejects', '5%']],
  [0, ['--version']],
  [64, ['score', 'in.csv']],
  [64, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'in.csv']],
  [64, ['score', '-m', 'model.onnx', 'in.csv', '--no-such-flag']],
  [65, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv']],
  [65, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--expect-rows', '1']],
  [66, ['score', '-m', 'model.onnx', 'missing.csv', '-o', 'out.csv']],
  [66, ['score', '-m', 'missing.onnx', 'in.csv', '-o', 'out.csv']],
  [69, ['score', '-m', 'in.csv', 'in.csv', '-o', 'out.csv']],
  [73, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'missing/out.csv']],
  [74, ['score', '-m', 'model.onnx', 'in.csv', '-o', '/dev/full', '--max-rejects', '5%']],
  [78, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv', '--contract', 'in.csv']],
];

/** @type {import('../schedule.mjs').Part} */
export const statuses = {
  name: 'statuses',
  about: 'command lines with a known status; signals end a run by themselves; success prints nothing on stderr where it is no terminal, failure does',
  promises: ['P18'],
  quick: 5,
  trials: async (context) => {
    const scene = await context.scene('csv');
    const lines = STATUSES.map(([status, args]) => ({
      name: `${status}: ${args.join(' ')}`,
      run: async (point, lane) => {
        const ended = await run(args, { cwd: lane.copy(scene), bin: context.bin });
        point.check('P18', ended.status === status, () => `ended with ${ended.status ?? ended.signal}: ${firstLine(ended.stderr)}`);
        point.check('P18', (ended.stderr === '') === (status === 0), () => `printed ${JSON.stringify(ended.stderr.slice(0, 200))}`);
      },
    }));
    const signals = ['SIGINT', 'SIGTERM'].map((signal) => ({
      name: `${signal} in its midst`,
      run: async (point, lane) => {
        const folder = lane.copy(scene);
        const { child, ended } = start(['score', '-m', 'model.onnx', '-', '-o', 'out.csv', '--max-rejects', '5%'], {
          cwd: folder,
          stdin: 'pipe',
          bin: context.bin,
        });
        const before = readFileSync(join(folder, 'out.csv'));
        child.stdin.write(csvInput({ rows: 3000 }));
        await stagedIn(folder, child);
        signalGroup(child.pid, signal);
        const { signal: by, status, stderr } = await ended;
        point.check('P18', by === signal, `ended with ${status ?? by}: ${firstLine(stderr)}`);
        point.check('P1', readFileSync(join(folder, 'out.csv')).equals(before), 'the old output is not what it was');
      },
    }));
    return [...lines, ...signals];
  },
};

/** Waits until the run has written to its staged file, or has ended. */
async function stagedIn(folder, child) {
  while (child.exitCode === null) {
    const staged = readdirSync(folder).find((name) => name.startsWith('.out.csv.') && name.endsWith('.scoreline-tmp') && !name.includes('rejects'));
    if (staged !== undefined && (statSync(join(folder, staged), { throwIfNoEntry: false })?.size ?? 0) > 0) return;
    await new Promise((go) => setTimeout(go, 5));
  }
}
