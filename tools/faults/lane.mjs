// A lane does one point after another; several lanes share a machine. It hands out folders and clears them away.
import { cpSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from './reader.mjs';
import { copyScene } from './scene.mjs';

export class Lane {
  #count = 0;
  /** @type {string[]} */
  #folders = [];
  #reader;

  /** @param {string} work @param {number} index */
  constructor(work, index) {
    this.index = index;
    this.root = join(work, `lane-${index}`);
    mkdirSync(this.root, { recursive: true });
    this.root = realpathSync(this.root);
  }

  /** An empty folder, under its real path. */
  folder() {
    const folder = join(this.root, `point-${++this.#count}`);
    mkdirSync(folder);
    this.#folders.push(folder);
    return folder;
  }

  /** A folder with the scene as it is before its run. */
  copy(scene) {
    const folder = this.folder();
    copyScene(scene, folder);
    return folder;
  }

  /** The same, kept until the lane closes. */
  keep(scene) {
    const folder = join(this.root, `kept-${++this.#count}`);
    mkdirSync(folder);
    copyScene(scene, folder);
    return folder;
  }

  get reader() {
    return (this.#reader ??= new Reader());
  }

  /** Removes the folders of a point, or where it found something keeps them under its name. */
  clear(keepIn) {
    for (const folder of this.#folders.splice(0)) {
      if (keepIn !== undefined)
        cpSync(folder, join(keepIn, folder.slice(this.root.length + 1)), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async close() {
    await this.#reader?.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
