// node bench/profile.mjs FOLDER [TOP]: of the profiles that `node --cpu-prof --cpu-prof-dir=FOLDER bin/scoreline.js score ...` left, one a thread, the
// functions that took most time themselves. `(idle)` of the main thread is what it waited; native code counts for the function that called it.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Self time by function and file, `[{name, seconds, share}]`, the longest first. */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const micros = new Map();
  samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = frames.get(id);
    const name = url === '' ? functionName : `${functionName || '(anonymous)'} ${basename(url)}:${lineNumber + 1}`;
    micros.set(name, (micros.get(name) ?? 0) + timeDeltas[index]);
  });
  const total = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros].map(([name, value]) => ({ name, seconds: value / 1e6, share: value / total })).sort((a, b) => b.seconds - a.seconds);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [folder = '.', top = '15'] = process.argv.slice(2);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    process.stdout.write(`\n${file}\n`);
    for (const { name, seconds, share } of selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8'))).slice(0, Number(top))) {
      process.stdout.write(`${(100 * share).toFixed(1).padStart(6)}%${seconds.toFixed(2).padStart(8)} s  ${name}\n`);
    }
  }
}
