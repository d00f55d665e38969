import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { isUrl, lineageOf, placeOf } from '#src/sinks/openlineage/destination.js';
import type { RunEvent } from '#src/sinks/openlineage/events.js';
import { openOpenLineage } from '#src/sinks/openlineage/openlineage.js';
import { endlessModel } from '../job/models.js';
import { scorerOf, ticksOf, until } from '../job/processes.js';
import { COMMAND, fixture, scoreline, tempFolder } from '../support/command.js';
import { serve } from './server.js';
import { committed, ENDED, failed, FULL, NASTY, PATIENT, RUN, started } from './records.js';
import { faultsOf } from './schemas.js';

const MODEL = fixture('types', 'single.onnx');

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, 'lineage.jsonl');
});

type Facets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function events(): RunEvent[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => JSON.parse(line) as RunEvent);
}

const types = (): string[] => events().map(({ eventType }) => eventType);

function expectSound(): void {
  expect(events().length).toBeGreaterThan(0);
  for (const event of events()) expect(faultsOf(event)).toEqual([]);
}

describe('an event', () => {
  test('holds to OpenLineage’s schemas, whatever is known of the run', async () => {
    const sink = openOpenLineage(file, {});
    for (const end of [committed(), committed({}), committed({ ...FULL, output: null, rejects: null }), failed(), failed('interrupted', 130)]) {
      await sink.tell(started(), PATIENT);
      await sink.tell(end, PATIENT);
    }
    await sink.tell({ kind: 'ABORT', run: RUN, at: ENDED, record: { reason: 'died' }, dead: { start: null } }, PATIENT);
    expectSound();
    expect(types()).toEqual(['START', 'COMPLETE', 'START', 'COMPLETE', 'START', 'COMPLETE', 'START', 'FAIL', 'START', 'ABORT', 'ABORT']);
    // the controls: what is wrong in an event, or in a facet alone, is noticed
    const [start] = events();
    expect(faultsOf({ ...start, eventType: 'DONE' })).not.toEqual([]);
    expect(faultsOf({ ...start, run: { runId: 'one', facets: {} } })).not.toEqual([]);
    expect(JSON.stringify(faultsOf({ ...start, run: { runId: RUN, facets: { errorMessage: { _producer: 'urn:x', _schemaURL: 'https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet' } } } }))).toContain("property 'message'"); // prettier-ignore
  });

  test('names files as the conventions say, the model among what is read, with columns, versions, statistics and quality', async () => {
    const sink = openOpenLineage(file, {});
    await sink.tell(started(), PATIENT);
    await sink.tell(committed(), PATIENT);
    const [start, complete] = events();
    const [input, model] = complete?.inputs ?? [];
    expect([input?.namespace, input?.name, model?.name]).toEqual(['file', '/srv/churn/in.csv', '/srv/churn/churn.onnx']);
    expect(complete?.outputs.map(({ name }) => name)).toEqual(['/srv/churn/scores.csv', '/srv/churn/scores.csv.rejects.csv']);
    expect(start?.job).toMatchObject({ namespace: 'scoreline', name: 'nightly' });
    const [facets, inputFacets, outputFacets] = [complete?.outputs[0]?.facets as Facets, input?.inputFacets as Facets, complete?.outputs[0]?.outputFacets as Facets];
    expect(facets['schema']).toMatchObject({ fields: [{ name: 'id', ordinal_position: 1 }, { name: 'prediction', type: 'string', ordinal_position: 2 }] });
    expect(facets['version']).toMatchObject({ datasetVersion: 'ef'.repeat(32) });
    expect((model?.facets as Facets)['version']).toMatchObject({ datasetVersion: 'ab'.repeat(32) });
    expect(outputFacets['outputStatistics']).toMatchObject({ rowCount: 97, size: 987 });
    expect(inputFacets['inputStatistics']).toMatchObject({ rowCount: 100, size: 1234 });
    expect(inputFacets['dataQualityMetrics']).toMatchObject({
      rowCount: 100,
      columnMetrics: {
        age: { count: 95, nullCount: 2, min: 17, max: 90, quantiles: { '0.01': 18, '0.5': 40 } },
        city: { count: 97, nullCount: 0, distinctCount: 12 },
        [NASTY]: { nullCount: 4 },
      },
    });
    expect(readFileSync(file, 'utf8')).toContain('"__proto__":{"count":97,"nullCount":0}');
    expect(inputFacets['dataQualityAssertions']).toMatchObject({
      assertions: [
        { assertion: 'psi', column: 'age', success: false, severity: 'warn', expected: '<= 0.25', actual: '0.31' },
        { assertion: 'rejects', success: true, severity: 'error' },
      ],
    });
  }); // prettier-ignore

  test('a run that was published and whose COMMIT is still to come is complete: a later run will say so again', async () => {
    const sink = openOpenLineage(file, {});
    await sink.tell(started(), PATIENT);
    await sink.tell(
      { kind: 'FAIL', run: RUN, at: ENDED, record: { ...FULL, error: { code: 'commit-not-recorded', status: 74, message: 'm' } } },
      PATIENT,
    );
    expect(types()).toEqual(['START', 'COMPLETE']);
    expectSound();
  });
});

describe('where events go', () => {
  test('the environment is looked at where the flag says so, and nowhere else', () => {
    const env = { OPENLINEAGE_URL: 'http://h:5000', OPENLINEAGE_API_KEY: 'secret', OPENLINEAGE_NAMESPACE: 'ns', OPENLINEAGE_ENDPOINT: '/v2' };
    expect(lineageOf('env', env)).toEqual({ destination: { kind: 'http', url: new URL('http://h:5000/v2'), apiKey: 'secret' }, namespace: 'ns' });
    expect(lineageOf('http://other', env)).toEqual({ destination: { kind: 'http', url: new URL('http://other/api/v1/lineage'), apiKey: undefined }, namespace: 'scoreline' }); // prettier-ignore
    expect(lineageOf('a/b', env)).toEqual({ destination: { kind: 'file', path: 'a/b' }, namespace: 'scoreline' });
    expect(lineageOf('env', { ...env, OPENLINEAGE_DISABLED: 'true' })).toBeUndefined();
    expect(() => lineageOf('env', {})).toThrow('OPENLINEAGE_URL is not set');
    expect(placeOf('https://user:secret@h/p?key=secret')).toBe('https://h/p');
    expect([isUrl('http://h'), isUrl('http:'), isUrl('file')]).toEqual([true, false, false]);
  });

  test('a file is appended to after a line that a crash cut off, and no other file ever is', async () => {
    const sink = openOpenLineage(file, {});
    writeFileSync(file, '{"eventType":"START","ev');
    await sink.tell(started(), PATIENT);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual(['{"eventType":"START","ev', expect.stringContaining(RUN), '']);
    writeFileSync(file, 'id,x\n');
    await expect(sink.tell(started(), PATIENT)).rejects.toMatchObject({ code: 'NOT_OURS' });
    expect(readFileSync(file, 'utf8')).toBe('id,x\n');
  });

  test('processes that append at once do not mix their lines', async () => {
    await Promise.all(Array.from({ length: 16 }, () => openOpenLineage(file, {}).tell(started(), PATIENT)));
    expect(events()).toHaveLength(16);
  });

  test('a URL gets each event as JSON, in order, with the key of the environment', async () => {
    const server = await serve([200, 201]);
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    const env = { OPENLINEAGE_URL: server.url, OPENLINEAGE_API_KEY: 'key' };
    const { status, stderr } = await scoreline(['score', '-v', '-m', MODEL, 'in.csv', '-o', 'out.csv', '--openlineage', 'env'], { cwd: folder, env });
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('warning')]);
    expect(server.seen.map(({ path, key, type }) => [path, key, type])).toEqual([
      ['/api/v1/lineage', 'Bearer key', 'application/json'],
      ['/api/v1/lineage', 'Bearer key', 'application/json'],
    ]);
    const told = server.seen.map(({ body }) => JSON.parse(body) as RunEvent);
    expect(told.map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
    for (const event of told) expect(faultsOf(event)).toEqual([]);
  });

  test('a server at fault is asked once more; one that refuses is not', async () => {
    const busy = await serve([503, 200, 500, 502]);
    const sink = openOpenLineage(busy.url, {});
    await sink.tell(started(), PATIENT);
    await expect(sink.tell(committed(), PATIENT)).rejects.toThrow('status 502');
    expect(busy.seen).toHaveLength(4);
    const strict = await serve([401]);
    await expect(openOpenLineage(strict.url, {}).tell(started(), PATIENT)).rejects.toThrow('status 401');
    expect(strict.seen).toHaveLength(1);
  });

  test('a server that never answers delays a run by no more than 5 s, and is a warning', async () => {
    const server = await serve(['silence']);
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    const begun = performance.now();
    const { status, stderr } = await scoreline(['score', '-v', '-m', MODEL, 'in.csv', '-o', 'out.csv', '--openlineage', server.url], { cwd: folder });
    expect(performance.now() - begun).toBeLessThan(8000);
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: http:\/\/127\.0\.0\.1:\d+\/ was not told of the run: .*\[openlineage-failed\]/);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe('id,prediction\na,3\n');
  }, 30_000);
});

describe('START and exactly one end', () => {
  const run = (...args: string[]) => scoreline(['score', '-m', MODEL, 'in.csv', '-o', 'out.csv', '--openlineage', file, ...args], { cwd: folder });
  const endless = (): readonly string[] => {
    writeFileSync(join(folder, 'm.onnx'), endlessModel());
    writeFileSync(join(folder, 'in.csv'), 'X\n1\n');
    return ['score', '-m', 'm.onnx', 'in.csv', '-o', 'out.csv', '--workers', '1', '--openlineage', file];
  };

  test('of a run that is published, of one that fails, with a journal and without', async () => {
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\nb,z\n');
    expect(await run('--max-rejects', '1')).toMatchObject({ status: 0, stderr: '' });
    expect(await run()).toMatchObject({ status: 65 });
    expect(await run('--no-journal', '--max-rejects', '1')).toMatchObject({ status: 0 });
    expect(await run('--no-journal')).toMatchObject({ status: 65 });
    expect(types()).toEqual(['START', 'COMPLETE', 'START', 'FAIL', 'START', 'COMPLETE', 'START', 'FAIL']);
    expectSound();
    expect(new Set(events().map(({ run: { runId } }) => runId)).size).toBe(4);
    expect((events()[3]?.run.facets as Facets)['errorMessage']).toMatchObject({ message: expect.stringContaining('(too-many-rejects)') as string });
  });

  test('of a supervised run that must be killed inside native code: the supervisor tells it', async () => {
    expect(await scoreline([...endless(), '--deadline', '1s'], { cwd: folder })).toMatchObject({ status: 124 });
    expect(types()).toEqual(['START', 'FAIL']);
    expectSound();
    expect((events()[1]?.run.facets as Facets)['errorMessage']).toMatchObject({ message: expect.stringContaining('(deadline)') as string });
  });

  test('of a run whose scoring process is killed, and of one that is killed whole: the next run ends it with ABORT', async () => {
    const args = endless();
    const killed = await scoreline([...args, '--deadline', '1m'], {
      cwd: folder,
      during: (child) => void stuckIn(child.pid ?? 0).then((pid) => process.kill(pid, 'SIGKILL')),
    });
    expect(killed.status).toBe(69);
    expect(types()).toEqual(['START', 'FAIL']);
    const alone = spawn(process.execPath, [COMMAND, ...args], { cwd: folder, stdio: 'ignore' });
    await until(() => events().length === 3);
    const gone = new Promise((resolve) => alone.once('exit', resolve));
    alone.kill('SIGKILL');
    await gone;
    writeFileSync(join(folder, 'in.csv'), 'id,x\na,1\n');
    expect(await run()).toMatchObject({ status: 0 });
    expect(types()).toEqual(['START', 'FAIL', 'START', 'ABORT', 'START', 'COMPLETE']);
    const [aborted, died] = [events()[2], events()[3]];
    expect(died?.run.runId).toBe(aborted?.run.runId);
    expect(died?.inputs.map(({ name }) => name)).toEqual(aborted?.inputs.map(({ name }) => name));
    expectSound();
  }, 60_000);

  async function stuckIn(parent: number): Promise<number> {
    const scorer = await scorerOf(parent);
    await until(() => events().length > 0);
    const before = ticksOf(scorer);
    await until(() => ticksOf(scorer) > before + 10);
    return scorer;
  }

  test('of each input of a job, with the run of the job as parent, which has its own; a job with nothing to do says nothing', async () => {
    for (const name of ['inbox', 'scores']) mkdirSync(join(folder, name));
    for (const [name, text] of [['a.csv', 'id,x\na,1\n'], ['b.csv', 'id,x\na,z\n']] as const) {
      writeFileSync(join(folder, 'inbox', name), text);
      utimesSync(join(folder, 'inbox', name), 1e9, 1e9);
    }
    writeFileSync(join(folder, 'churn.yaml'), `model: ${MODEL}\ninput: inbox/*.csv\noutput: scores/{stem}.csv\nkeep: [id]\nsinks:\n  openlineage: lineage.jsonl\n  metrics: churn.prom\n`);
    expect(await scoreline(['run', 'churn.yaml'], { cwd: folder })).toMatchObject({ status: 65 });
    expectSound();
    const told = events().map(({ eventType, job: { name } }) => `${name} ${eventType}`);
    expect(told).toEqual(['churn START', 'churn.score START', 'churn.score COMPLETE', 'churn.score START', 'churn.score FAIL', 'churn FAIL']);
    const [parent, child] = events();
    expect((child?.run.facets as Facets)['parent']).toMatchObject({ run: { runId: parent?.run.runId }, job: { name: 'churn' } });
    const metrics = readFileSync(join(folder, 'churn.prom'), 'utf8');
    expect(metrics).toContain('scoreline_job_inputs{job="churn",state="published"} 1\n');
    expect(metrics).toContain('scoreline_job_inputs{job="churn",state="failed"} 1\n');
    expect(metrics).toContain('scoreline_job_exit_status{job="churn"} 65\n');
    expect(metrics).toMatch(/scoreline_run_exit_status\{job="churn",model="single"\} 65\n/);
    writeFileSync(join(folder, 'inbox', 'b.csv'), 'id,x\na,2\n');
    utimesSync(join(folder, 'inbox', 'b.csv'), 1e9, 1e9);
    expect(await scoreline(['run', 'churn.yaml'], { cwd: folder })).toMatchObject({ status: 0 });
    expect(types().slice(6)).toEqual(['START', 'START', 'COMPLETE', 'COMPLETE']);
    expect(await scoreline(['run', 'churn.yaml'], { cwd: folder })).toMatchObject({ status: 0 });
    expect(types()).toHaveLength(10);
    expect(readFileSync(join(folder, 'churn.prom'), 'utf8')).toContain('scoreline_job_known_inputs{job="churn"} 2\n');
  }, 60_000); // prettier-ignore
});
