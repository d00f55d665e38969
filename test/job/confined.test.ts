import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMAND, tempFolder } from '../support/command.js';
import { hasTool } from '../support/tools.js';
import { jobFolder } from './folder.js';

const CHANGES =
  'open,openat,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,truncate,mknod,mknodat';
const WRITES = /O_WRONLY|O_RDWR|O_CREAT/;
/** Written to by everybody: the null device, and what the kernel says and is told of a process itself. */
const ITS_OWN = /^\/dev\/(null|tty)$|^\/proc\/(self|\d+)\//;

test.runIf(hasTool('strace'))(
  'a job, its children included, opens no socket but local pairs between parent and child, and writes nowhere but where it should',
  () => {
    const folder = jobFolder();
    const { path, job } = folder;
    folder.input('a.csv', 1, 2);
    const [home, temp] = [tempFolder(), tempFolder()];
    const log = join(tempFolder(), 'log');
    mkdirSync(join(home, 'cache'));
    const trace = ['-f', '-qq', '-y', '-s', '4096', '-e', `trace=%network,${CHANGES}`, '-o', log];
    const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: join(home, 'cache'), TMPDIR: temp };
    const { status, stderr } = spawnSync('strace', [...trace, process.execPath, COMMAND, 'run', job], { env, cwd: '/', encoding: 'utf8' });
    expect([status, stderr, folder.has('scores/a.csv')]).toEqual([0, '', true]);

    const calls = readFileSync(log, 'utf8').split('\n').map((line) => line.replace(/^\d+ +/, '')); // prettier-ignore
    const named = (name: RegExp): string[] => calls.filter((call) => name.test(call));
    expect(named(/^(socket|connect|bind|listen|accept4?|sendto)\(/)).toEqual([]);
    const pairs = named(/^socketpair\(/);
    expect(pairs.length).toBeGreaterThan(0); // the trace follows parent and child
    expect(pairs.filter((call) => !call.startsWith('socketpair(AF_UNIX'))).toEqual([]);

    const changing = calls.filter((call) =>
      /^(open|openat)\(/.test(call) ? WRITES.test(call) : new RegExp(`^(${CHANGES.replaceAll(',', '|')})\\(`).test(call),
    );
    const paths = changing.flatMap((call) => [...call.matchAll(/"([^"]*)"/g)].map(([, each = '']) => each));
    expect(paths.filter((each) => each.startsWith(`${path}/`)).length).toBeGreaterThan(10);
    expect(paths.filter((each) => !each.startsWith(`${path}/`) && !ITS_OWN.test(each))).toEqual([]);
  },
);
