// What a figure depends on, without what would name the machine or its owner.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { join } from 'node:path';

/** `loadBefore` is what others did in the minute before: far from 0, wall times mean little. Call it before anything is run. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    loadBefore: Number(loadavg()[0].toFixed(1)),
  };
}

/** Versions of everything that ran: ours with the commit it was built from (undefined outside git), the runtime's, Python's and its packages'. */
export function describeVersions({ root, python, contender }) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const said = (command, args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' }).stdout?.trim() || undefined;
  return {
    scoreline: manifest.version,
    commit: said('git', ['describe', '--always', '--dirty']),
    runtime: `onnxruntime-node ${manifest.dependencies['onnxruntime-node']}`,
    python: said(python, ['--version']),
    contenders: readFileSync(contender('requirements.txt'), 'utf8').trim().split('\n'),
  };
}
