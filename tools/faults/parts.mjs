// Every part of the matrix, in the order in which it runs.
import { fullDisk } from './parts/disk.mjs';
import { fallbackCrash, fallbackKill, fallbackRefuse } from './parts/fallback.mjs';
import { changedInputs, cutInputs } from './parts/input.mjs';
import { changedJournal } from './parts/journal.mjs';
import { killAtEveryCall, killAtRandom, killJob, killTwice } from './parts/kill.mjs';
import { starters, stoppedHolder } from './parts/lock.mjs';
import { hostileNames, plantedLinks } from './parts/names.mjs';
import { crashes, endless, memory } from './parts/native.mjs';
import { jobAgain, jobStarters, skipPublished } from './parts/once.mjs';
import { outside, unprivileged } from './parts/outside.mjs';
import { pipes, statuses } from './parts/pipes.mjs';
import { powerCut } from './parts/power.mjs';
import { refuse, shortWrites } from './parts/refuse.mjs';
import { canaries, fidelity } from './parts/values.mjs';

/** @type {import('./schedule.mjs').Part[]} */
export const PARTS = [
  killAtEveryCall,
  killTwice,
  killAtRandom,
  powerCut(),
  refuse,
  shortWrites,
  fullDisk,
  starters,
  stoppedHolder,
  killJob,
  powerCut({ scene: 'job', most: 300 }),
  powerCut({ scene: 'clock', most: 100 }),
  powerCut({ scene: 'clean' }),
  powerCut({ scene: 'elsewhere' }),
  jobStarters,
  jobAgain,
  skipPublished,
  endless,
  crashes,
  memory,
  fallbackKill,
  fallbackRefuse,
  fallbackCrash,
  cutInputs,
  changedInputs,
  hostileNames,
  plantedLinks,
  changedJournal,
  outside,
  unprivileged,
  canaries,
  fidelity,
  pipes,
  statuses,
];
