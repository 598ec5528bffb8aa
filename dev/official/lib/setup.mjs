// What the stories are told against: set by run.mjs, read here and nowhere else.
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const here = path.dirname(new URL(import.meta.url).pathname);

/** Path of the gateway's binary; absent when the reference is under test. */
export const binary = process.env.STORIES_BINARY;
/** Whether the stories run against the reference gateway, to prove that they use it as real clients do. */
export const reference = process.env.STORIES_REFERENCE === '1';
/** Folder that holds `node_modules` with the pinned official packages. */
export const modules = process.env.STORIES_MODULES ?? path.resolve(here, '..');

if (!reference && !binary) {
  throw new Error('start the stories with: node dev/official/run.mjs --binary <path to openclaw>');
}

const require = createRequire(path.join(modules, 'package.json'));

/** Imports a pinned package from the modules folder, wherever that is. */
export async function load(name) {
  return import(pathToFileURL(require.resolve(name)).href);
}

/** Path of a file inside the modules folder. */
export function inModules(...parts) {
  return path.join(modules, 'node_modules', ...parts);
}

/** Skip option for a story that only our gateway can live through, with the reason why the reference cannot. */
export function oursOnly(reason) {
  return reference ? { skip: `the reference differs: ${reason}` } : {};
}

const ends = new WeakMap();

/** Does `work` when the story `t` ends: last come, first served, and all of it even when some of it fails. */
export function atEnd(t, work) {
  if (!ends.has(t)) {
    const all = [];
    ends.set(t, all);
    t.after(async () => {
      const failures = [];
      while (all.length > 0) {
        try {
          await all.pop()();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    });
  }
  ends.get(t).push(work);
}
