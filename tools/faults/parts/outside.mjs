// What a run touches outside: no network, no file that was not named, no privilege.
import { readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { BIN, startProcess } from '../command.mjs';
import { csvInput } from '../material.mjs';
import { checkFinished, firstLine } from '../oracle.mjs';

/** The runtime's telemetry would ask for its vendor's host within a minute. */
const ALIVE_MS = 60_000;
const WRITES = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/;
const CALLS =
  'socket,connect,bind,sendto,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,truncate,chmod,fchmodat,mknod,mknodat';
/** What is no file of anybody's: the bit bucket, the terminal, what the kernel shows of the process itself. */
const HARMLESS = /^\/dev\/(null|tty|pts\/|urandom)|^\/proc\/(self|\d+)\//;

/** @type {import('../schedule.mjs').Part} */
export const outside = {
  name: 'strace',
  about:
    'strace over a scoring run in CSV, in Arrow, through pipes (alive for 60 s), a failing run, inspect: no sockets, no file written that was not declared',
  promises: ['P11'],
  quick: 2,
  tools: ['strace'],
  trials: async (context) => {
    const csv = await context.scene('csv');
    const arrow = await context.scene('arrow');
    const trial = (name, scene, args, feed) => ({ name, run: (point, lane) => traced(context, point, lane, scene, args, feed) });
    return [
      trial('csv', csv, csv.spec.args),
      trial('stdin to stdout', csv, ['score', '-m', 'model.onnx', '--max-rejects', '5%'], context.full ? ALIVE_MS : 1),
      trial('arrow', arrow, arrow.spec.args),
      trial('too many rejects', csv, ['score', '-m', 'model.onnx', 'in.csv', '-o', 'out.csv']),
      trial('inspect', csv, ['inspect', 'model.onnx']),
    ];
  },
};

async function traced(context, point, lane, scene, args, aliveMs) {
  const folder = lane.copy(scene);
  const home = lane.folder();
  const log = `${folder}.strace`;
  const command = [process.execPath, context.bin ?? BIN, ...args];
  const { child, ended } = startProcess('strace', ['-f', '-qq', '-s', '4096', '-e', `trace=${CALLS}`, '-o', log, ...command], {
    cwd: folder,
    env: { HOME: home, TMPDIR: home },
    stdin: aliveMs === undefined ? undefined : 'pipe',
  });
  if (aliveMs !== undefined) {
    const input = csvInput({ rows: 3000 });
    child.stdin.write(input.subarray(0, 100_000));
    await wait(aliveMs);
    child.stdin.end(input.subarray(100_000));
  }
  const { status, stderr } = await ended;
  point.check('P11', status === 0 || status === 65, () => `ended with ${status}: ${firstLine(stderr)}`);
  const lines = readFileSync(log, 'utf8').split('\n');
  point.check(
    'P11',
    lines.some((line) => line.includes('model.onnx')),
    'the trace does not even show that the model is read',
  );
  for (const line of lines) {
    const wrong = judge(line, folder);
    if (wrong !== undefined) point.check('P11', false, wrong);
  }
  point.check('P11', readdirSync(home).length === 0, () => `the home folder now has ${readdirSync(home).join(', ')}`);
}

/** What is wrong with a call, if anything. */
function judge(line, folder) {
  const [, call, rest] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
  if (call === undefined) return undefined;
  if (['socket', 'connect', 'bind', 'sendto'].includes(call)) return /AF_UNIX|AF_LOCAL/.test(rest) ? undefined : `a socket: ${line}`;
  if (call.startsWith('open') && !WRITES.test(rest)) return undefined;
  for (const [, path] of rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)) {
    const whole = isAbsolute(path) ? path : resolve(folder, path);
    if (!whole.startsWith(`${folder}/`) && whole !== folder && !HARMLESS.test(whole)) return `written outside: ${line}`;
  }
  return undefined;
}

const NOBODY = 65_534;
const SCRIPT = `
work=$1 before=$2 results=$3; shift 3
mount --make-rprivate / && mount --bind "$results" "$results" && mount -t tmpfs none "$work" || exit 99
cp -r --preserve=timestamps "$before/." "$work" && chown -R ${NOBODY}:${NOBODY} "$work" && mount -o remount,bind,ro / || exit 99
cd /
setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs env -i "$@" 2> "$results/stderr"
status=$?
cp -r "$work" "$results/folder"
exit $status
`;

/** @type {import('../schedule.mjs').Part} */
export const unprivileged = {
  name: 'nobody',
  about: 'as uid 65534, no capabilities, no-new-privs, no network, empty environment, everything but the work folder read-only, from /',
  promises: ['P12'],
  quick: 1,
  tools: ['unshare', 'setpriv'],
  possible: () => process.getuid() === 0,
  trials: async (context) => {
    const scenes = [await context.scene('csv'), await context.scene('arrow')];
    return scenes.map((scene) => ({
      name: scene.spec.name,
      run: async (point, lane) => {
        const work = lane.folder();
        const results = lane.folder();
        const command = [process.execPath, context.bin ?? BIN, ...scene.spec.args.map((arg) => (FILE.test(arg) ? join(work, arg) : arg))];
        const { ended } = startProcess('unshare', ['-mn', 'bash', '-c', SCRIPT, 'nobody', work, scene.template, results, ...command], { cwd: '/' });
        const { status, signal, stderr } = await ended;
        if (status === 99) throw new Error(`cannot take the privileges away: ${stderr}`);
        const said = readFileSync(join(results, 'stderr'), 'utf8');
        point.check('P12', status === 0, () => `ended with ${status ?? signal}: ${firstLine(said)}`);
        await checkFinished(point, scene, join(results, 'folder'), { status, signal, stderr: said });
      },
    }));
  },
};

/** The arguments of a scene that name files. */
const FILE = /^(model\.onnx|in\.\w+|out\.\w+)$/;
