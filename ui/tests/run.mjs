// Runs the stories: node tests/run.mjs --binary <openclaw> [--only <story part>] [--shots <folder>] [--embedded yes].
// With --figures <minutes> it measures instead, and asserts nothing: paint, heap over that time, frames.
// With --lighthouse <folder> it has Lighthouse look at the pages, and leaves its reports there.
// With --images <folder> it takes the pictures of README and docs instead.
// Needs a built page: npm run build. With --embedded the page that was built into the program is looked at, with its own policy, and
// no other is needed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const usage = 'usage: node tests/run.mjs --binary <path to openclaw> [--only <file or story part>] [--shots <folder>] [--embedded yes] | --figures <minutes> | --lighthouse <folder> | --images <folder>';
const options = {};
for (let args = process.argv.slice(2); args.length > 0; ) {
  const name = args.shift();
  if (!['--binary', '--only', '--shots', '--embedded', '--figures', '--lighthouse', '--images'].includes(name) || args.length === 0) {
    console.error(usage);
    process.exit(2);
  }
  options[name.slice(2)] = args.shift();
}
const needed = [[options.binary, usage]];
if (!options.embedded) needed.push([path.join(here, '..', 'dist', 'index.html'), 'the page is not built: npm run build']);
for (const [file, why] of needed) {
  if (!file || !fs.existsSync(file)) {
    console.error(why);
    process.exit(2);
  }
}
const files = fs.readdirSync(path.join(here, 'stories')).filter((name) => name.endsWith('.test.mjs')).sort();
const named = options.only ? files.filter((name) => name.startsWith(options.only)) : [];
const chosen = (named.length > 0 ? named : files).map((name) => path.join(here, 'stories', name));
const filter = options.only && named.length === 0 ? [`--test-name-pattern=${options.only}`] : [];
const tool = options.figures ? 'figures.mjs' : options.lighthouse ? 'lighthouse.mjs' : options.images ? 'images.mjs' : undefined;
const child = spawn(process.execPath, tool ? [path.join(here, tool), options.figures ?? path.resolve(options.lighthouse ?? options.images), ...(options.only ? [options.only] : [])] : ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-timeout=900000', ...filter, ...chosen], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, STORIES_BINARY: path.resolve(options.binary), ...(options.shots ? { UI_SHOTS: path.resolve(options.shots) } : {}), ...(options.embedded ? { STORIES_EMBEDDED: '1' } : {}) },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
