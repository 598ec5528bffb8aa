// Asks our decisions and those of the official gateway the same questions, made at random, and compares the answers:
//   node differences.mjs --answers <openclaw-differences> --modules <dir> [--cases 1000] [--seed 1] [--only origin] [--case 17] [--show 5]
// Fails for a difference that is not expected (differences/expected.mjs), and for an expected one that did not occur.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import { EXPECTED } from './differences/expected.mjs';
import { Chance } from './differences/random.mjs';
import { reference } from './differences/reference.mjs';
import { subjects } from './differences/subjects.mjs';

const BATCH = 500;
const usage = 'usage: node differences.mjs --answers <program> --modules <dir> [--cases <number>] [--seed <text>] [--only <subject>] [--case <number>] [--show <number>]';
const options = { cases: '1000', seed: '1', show: '5' };
for (let args = process.argv.slice(2); args.length > 0; ) {
  const name = args.shift()?.replace(/^--/, '');
  if (!['answers', 'modules', 'cases', 'seed', 'only', 'case', 'show'].includes(name) || args.length === 0) {
    console.error(usage);
    process.exit(2);
  }
  options[name] = args.shift();
}
if (!options.answers || !options.modules) {
  console.error(usage);
  process.exit(2);
}

// The reference reads the environment and the home folder; it gets empty ones.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'differences-'));
for (const name of Object.keys(process.env)) if (name.startsWith('OPENCLAW_')) delete process.env[name];
Object.assign(process.env, { HOME: folder, OPENCLAW_STATE_DIR: path.join(folder, 'state') });
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const ours = spawn(path.resolve(options.answers), [], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = readline.createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
ours.stdin.on('error', () => {});

/** Asks ours; answers come in the order of the questions. */
async function asked(questions) {
  ours.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
  const answers = [];
  for (const question of questions) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`our side ended at ${JSON.stringify(question)}`);
    answers.push(JSON.parse(value));
  }
  return answers;
}

const theirs = await reference(path.resolve(options.modules));
theirs.hints = theirs.buildConfigSchemaCore().uiHints;
const [ownKnown] = await asked([{ subject: 'known' }]);
const known = { ...ownKnown, own: new Set(ownKnown.methods), theirs: new Set(theirs.listCoreGatewayMethodNames()) };
known.methods = [...new Set([...known.own, ...known.theirs])].sort();

let failed = 0;
let passed = 0;
for (const [name, subject] of Object.entries(subjects(theirs))) {
  if (options.only && options.only !== name) continue;
  const cases = Number(options.cases);
  const first = options.case === undefined ? 0 : Number(options.case);
  const end = options.case === undefined ? cases : first + 1;
  const counts = EXPECTED[name].map(() => 0);
  const surprises = [];
  let surprised = 0;
  let told = Date.now();
  for (let at = first; at < end; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, end - at) }, (_, index) => subject.make(new Chance(options.seed, name, at + index), known));
    const answers = await asked(batch.map((one) => ({ subject: name, ...one })));
    for (const [index, one] of batch.entries()) {
      const there = await subject.ask(one);
      if (options.case !== undefined) console.log(JSON.stringify({ case: one, ours: answers[index], theirs: there }, null, 1));
      for (const difference of subject.differences(answers[index], there, one, known)) {
        const expected = EXPECTED[name].findIndex(({ when }) => when(difference, one, known));
        if (expected >= 0) counts[expected] += 1;
        else {
          surprised += 1;
          if (surprises.length < Number(options.show)) surprises.push({ number: at + index, difference, case: one });
        }
      }
    }
    if (Date.now() - told > 10_000) {
      told = Date.now();
      console.log(`${name}: ${at + batch.length} of ${end}, ${surprised} unexpected`);
    }
  }
  for (const { number, difference, case: one } of surprises) console.log(`${name} case ${number}: ${JSON.stringify(difference)}\n  ${JSON.stringify(one)}`);
  console.log(`${name}: ${end - first} cases, ${surprised} unexpected differences`);
  EXPECTED[name].forEach(({ why }, index) => console.log(`  ${String(counts[index]).padStart(7)} × ${why}`));
  const absent = options.case === undefined ? EXPECTED[name].filter((_, index) => counts[index] === 0) : [];
  for (const { why } of absent) console.log(`${name}: expected and never seen, so take it out of differences/expected.mjs: ${why}`);
  if (surprised > 0 || absent.length > 0) failed += 1;
  else passed += 1;
}
ours.stdin.end();
// Read by `cargo xtask`, as the sums of other test runners are.
console.log(`\u2139 pass ${passed}\n\u2139 fail ${failed}`);
process.exit(failed === 0 ? 0 : 1);
