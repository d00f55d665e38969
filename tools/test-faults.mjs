// npm run test:faults: the promises of docs/reliability.md, each put to the test by breaking the command at many places.
//
//   npm run test:faults                            the whole matrix and its controls
//   npm run test:faults -- --only P1               the parts that show one promise; repeatable
//   npm run test:faults -- --only power            one part; `controls` are the controls
//   npm run test:faults -- --only kill --point 'csv kill at 31'   some points again, by a part of their name
//   npm run test:faults -- --keep FOLDER           keeps the folders of points that found something
//   npm run test:faults -- --rest                  goes on with the parts that have not been run since the sources changed
//   npm run test:faults -- --save                  afterwards the figures go into the documentation
//
// Each part leaves its figures in build/faults/results, so a matrix may be run in several goes.
import { parseArgs } from 'node:util';
import { CONTROLS, runControl } from './faults/controls.mjs';
import { PARTS } from './faults/parts.mjs';
import { keepFigures, missingFigures, readFigures, saveRecord } from './faults/record.mjs';
import { controlLines, partLines, promiseLines } from './faults/report.mjs';
import { Context, runPart } from './faults/schedule.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    point: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    keep: { type: 'string' },
    rest: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});
const lanes = Number(values.lanes);
const missing = values.rest ? missingFigures() : undefined;
const wanted = (name, promises) =>
  (values.only === undefined || values.only.some((only) => only === name || promises.includes(only))) && missing?.has(name) !== false;

let failures = 0;
for (const part of PARTS.filter(({ name, promises }) => wanted(name, promises))) {
  const context = new Context({ lanes, full: true });
  try {
    const result = await runPart(part, context, { only: values.point, keepIn: values.keep });
    if (values.point === undefined) keepFigures(part.name, result);
    failures += result.violations.length;
    process.stdout.write(partLines(part, result));
  } finally {
    await context.close();
  }
}
if (wanted('controls', [])) {
  const results = [];
  for (const control of CONTROLS) {
    const result = await runControl(control, { lanes, full: true });
    results.push(result);
    if (!result.caught) failures++;
    process.stdout.write(controlLines(result));
  }
  keepFigures('controls', results);
}
process.stdout.write(promiseLines(readFigures()));
if (values.save) saveRecord();
process.exitCode = failures === 0 ? 0 : 1;
