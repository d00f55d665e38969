// Full disks: a small tmpfs in a mount namespace of its own, then the same command where there is room.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkRescored, lookBefore } from '../again.mjs';
import { BIN, startProcess } from '../command.mjs';
import { checkFinished, checkInstant, firstLine } from '../oracle.mjs';
import { namesBelow } from '../scene.mjs';

const SCRIPT = `
size=$1 disk=$2 before=$3 results=$4; shift 4
mount -t tmpfs -o size=\${size}k none "$disk" && cp -r --preserve=timestamps "$before/." "$disk" && cd "$disk" || exit 99
"$@" 2> "$results/full.stderr"; echo $? > "$results/full.status"
cp -r . "$results/full"
mount -o remount,size=64m "$disk" || exit 99
"$@" 2> "$results/again.stderr"; echo $? > "$results/again.status"
cp -r . "$results/again"
`;

/** @type {import('../schedule.mjs').Part} */
export const fullDisk = {
  name: 'disk',
  about: 'a tmpfs with room for less than the run needs, at 20 sizes; then room is made and the same command given',
  promises: ['P7', 'P4'],
  quick: 3,
  tools: ['unshare'],
  possible: canMount,
  trials: async (context) => smallDisk(context, await context.scene('csv'), 20),
};

/** The run on disks of so many sizes. */
export function smallDisk(context, scene, sizes) {
  const before = kilobytes(scene.template);
  // From hardly any room to a page less than enough: what is there after the run, and the old predictions besides.
  const needed = before + kilobytesOf([...scene.golden.values()].map(({ length }) => length));
  return Array.from({ length: sizes }, (_, index) => {
    const size = Math.round(before + 4 + ((needed - before - 8) * index) / (sizes - 1));
    const { name } = scene.spec;
    return { name: `${name} on ${size} KB, of which ${before} are taken`, run: (point, lane) => onDisk(context, scene, point, lane, size) };
  });
}

async function onDisk(context, scene, point, lane, size) {
  const disk = lane.folder();
  const results = lane.folder();
  mkdirSync(join(results, 'full'));
  mkdirSync(join(results, 'again'));
  const command = [process.execPath, context.bin ?? BIN, ...scene.spec.args];
  const args = ['-Urm', 'bash', '-c', SCRIPT, 'disk', String(size), disk, scene.template, results, ...command];
  const ended = await startProcess('unshare', args, { cwd: results }).ended;
  if (ended.status !== 0) throw new Error(`cannot make a small disk: ${ended.stderr}`);
  const read = (name) => readFileSync(join(results, name), 'utf8');
  const full = Number(read('full.status'));
  point.check('P7', full === 74 || full === 73, () => `a full disk ended the run with ${full}: ${firstLine(read('full.stderr'))}`);
  point.check('P7', read('full.stderr').includes('no space left'), () => `said ${firstLine(read('full.stderr'))}`);
  await checkInstant(point, scene, join(results, 'full'));
  const before = lookBefore(scene, join(results, 'full'));
  const again = { status: Number(read('again.status')), signal: null, stderr: read('again.stderr') };
  await checkFinished(point, scene, join(results, 'again'), again);
  checkRescored(point, scene, join(results, 'again'), before);
}

/** May this user mount? */
export function canMount() {
  return spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' }).status === 0;
}

function kilobytes(folder) {
  return kilobytesOf(namesBelow(folder).map((name) => statSync(join(folder, name)).size));
}

/** In pages of 4 KB, as a tmpfs counts. */
function kilobytesOf(sizes) {
  return sizes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4, 0);
}
