import { readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { openFolder } from './folder.js';
import { runShell, works } from './run-child.js';

const canTrace = works('strace -f -qq -o /dev/null true');

/** The calls that make a publication durable, as the kernel saw them: `fsync FILE`, `rename`, `link`. */
async function trace(folder: string, flags: string): Promise<string[]> {
  const log = join(openFolder(), 'trace');
  const { status } = await runShell(
    `strace -f -qq -y -e trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat -o ${log} "$NODE" "$CHILD" ${folder}/out.csv 100000 ${flags}`,
    folder,
  );
  expect(status).toBe(0);
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, call, path] = /^\d+ +(\w+)\((?:\d+<([^>]*)>)?/.exec(line) ?? [];
      if (call === undefined || line.includes('resumed>')) return [];
      return [path === undefined ? call : `${call} ${basename(path).replace(/\.[0-9a-f]{12}\./, '.XXXX.')}`];
    });
}

test.runIf(canTrace).each([
  ['', 'rename'],
  ['--no-clobber', 'link'],
])('the file is synced before it is named, and its folder after (%s)', async (flags, step) => {
  const folder = realpathSync(openFolder());
  expect(await trace(folder, flags)).toEqual(['fsync .out.csv.XXXX.scoreline-tmp', step, `fsync ${basename(folder)}`]);
});
