import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { fixture, ROOT, tempFolder } from '../support/command.js';
import { hasTool } from '../support/tools.js';

/*
 * As little as a process can have: uid 65534, no capabilities and no way to any, a root that is read-only but for one folder, a network namespace without a
 * way out, no variable in the environment. Made with unshare, mount and setpriv, so it takes root.
 */
const TOOLS = [hasTool('unshare'), hasTool('setpriv')].every(Boolean);
const CAN_CONFINE = TOOLS && process.getuid?.() === 0 && spawnSync('unshare', ['-mn', 'true']).status === 0;
const NOBODY = 'setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all env -i';

let folder: string;
let out: string;
beforeEach(() => {
  folder = tempFolder();
  out = join(folder, 'out');
  chmodSync(folder, 0o755);
  for (const name of ['app', 'out', 'locked']) mkdirSync(join(folder, name));
  chmodSync(out, 0o777);
  chmodSync(join(folder, 'locked'), 0o000);
  copyFileSync(process.execPath, join(folder, 'node'));
  chmodSync(join(folder, 'node'), 0o755);
  copyFileSync(fixture('types', 'single.onnx'), join(folder, 'm.onnx'));
  writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\nb,2\n');
});

/** Runs a shell line confined, from a folder; `$SCORELINE` is the command, `$NOBODY` what takes all rights away. */
function confined(line: string, from = '/') {
  const setup = [
    'set -e',
    'mount --make-rprivate /',
    `mount --bind ${folder} ${folder}`,
    `mount --bind ${ROOT} ${folder}/app`,
    `mount -o remount,bind,ro ${folder}/app`,
    `mount --bind ${out} ${out}`,
    `mount -o remount,bind,ro ${folder}`,
    'mount -o remount,bind,ro /',
    `mkdir ${out}/deleted`,
    `cd ${from}`,
    `rmdir ${out}/deleted`,
    `NOBODY='${NOBODY}'`,
    `SCORELINE="$NOBODY ${folder}/node ${folder}/app/bin/scoreline.js"`,
    line,
  ];
  return spawnSync('unshare', ['-mn', '/bin/sh', '-c', setup.join('\n')], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
}

const SCORE = () => `$SCORELINE score -m ${folder}/m.onnx ${folder}/in.csv -o ${out}/scores.csv`;

describe.runIf(CAN_CONFINE)('without any privilege', () => {
  test('the control: nothing but the one folder can be written, and nothing is left to lose', () => {
    const { status, stdout } = confined(
      `$NOBODY /bin/sh -c 'grep -E "^(Uid|CapEff|CapBnd|NoNewPrivs)" /proc/self/status; touch ${folder}/x || touch /x || echo read-only; ls /sys/class/net'`,
    );
    expect(status).toBe(0);
    expect(stdout.replaceAll('\t', ' ').trim().split('\n').slice(0, 5)).toEqual([
      'Uid: 65534 65534 65534 65534',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'NoNewPrivs: 1',
      'read-only',
    ]);
  });

  test.each(['/', 'LOCKED', 'DELETED'])('a file is scored and its journal proven, from the folder %s', (from) => {
    const place = from.replace('LOCKED', join(folder, 'locked')).replace('DELETED', join(out, 'deleted'));
    const { status, stdout, stderr } = confined(`${SCORE()}\n$SCORELINE journal verify -q ${out}\n$SCORELINE inspect ${folder}/m.onnx --json`, place);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ path: join(folder, 'm.onnx') });
    expect(readFileSync(join(out, 'scores.csv'), 'utf8')).toMatch(/^id,prediction\na,.*\nb,.*\n$/);
    expect(readdirSync(out).filter((name) => !name.startsWith('scores.csv'))).toEqual([]);
  });

  test('a pipe is scored, and a limit is kept by a supervisor', () => {
    const piped = confined(`cat ${folder}/in.csv | $SCORELINE score -m ${folder}/m.onnx`);
    expect([piped.status, piped.stderr, piped.stdout.split('\n').length]).toEqual([0, '', 4]);
    expect(confined(`${SCORE()} --deadline 1m`)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(out)).toContain('scores.csv');
  });

  test('from a folder that was deleted a relative path leads nowhere', () => {
    const gone = join(out, 'deleted');
    expect(confined(`$SCORELINE score -m m.onnx ${folder}/in.csv -o ${out}/scores.csv`, gone).stderr).toContain('model-missing');
    const { status, stderr } = confined(`$SCORELINE score -m ${folder}/m.onnx ${folder}/in.csv -o scores.csv`, gone);
    expect([73, 77]).toContain(status);
    expect(stderr).toMatch(/to do: /);
    // the first of the two runs has an output to keep its journal beside
    expect(readdirSync(out).filter((name) => !name.startsWith('scores.csv.journal.jsonl'))).toEqual([]);
  });
});
