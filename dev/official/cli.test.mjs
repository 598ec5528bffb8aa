// The official command line, in a home of its own that knows the gateway as a remote one.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { startGateway, token } from './lib/gateway.mjs';
import { quick } from './lib/model.mjs';
import { inModules, reference } from './lib/setup.mjs';

/** Runs the official CLI; resolves with how it ended and what it printed. */
async function cli(gateway, args, { settings, env = {}, within = 90_000 } = {}) {
  const home = await fs.mkdtemp(path.join(gateway.home, 'cli-'));
  const state = path.join(home, '.openclaw');
  await fs.mkdir(state, { mode: 0o700 });
  const remote = settings ?? { gateway: { mode: 'remote', remote: { url: gateway.url, token: gateway.token } } };
  await fs.writeFile(path.join(state, 'openclaw.json'), JSON.stringify(remote), { mode: 0o600 });
  const child = spawn(process.execPath, [inModules('openclaw', 'openclaw.mjs'), ...args], {
    env: { PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: path.join(state, 'openclaw.json'), NO_COLOR: '1', ...env },
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const timer = setTimeout(() => child.kill('SIGKILL'), within);
  const [code, signal] = await new Promise((resolve) => child.once('close', (...end) => resolve(end)));
  clearTimeout(timer);
  return { code, signal, out, err, all: `openclaw ${args.join(' ')} ended with ${code ?? signal}\n--- out\n${out.slice(-3000)}\n--- err\n${err.slice(-3000)}` };
}

function granted(run) {
  assert.equal(run.code, 0, run.all);
  return run;
}

/** The JSON that a command printed, after whatever it said before. */
function json(run) {
  granted(run);
  const start = run.out.search(/^[[{]/m);
  assert.ok(start >= 0, run.all);
  return JSON.parse(run.out.slice(start));
}

describe('the official command line', () => {
  test('speaks to the gateway', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const explicit = ['--url', gateway.url, '--token', gateway.token];

    await t.test('gateway call health', async () => {
      const health = json(await cli(gateway, ['gateway', 'call', 'health', '--json', ...explicit]));
      assert.equal(health.ok, true);
      assert.equal(health.defaultAgentId, 'main');
    });

    await t.test('gateway call by OPENCLAW_GATEWAY_URL and OPENCLAW_GATEWAY_TOKEN', async () => {
      const env = { OPENCLAW_GATEWAY_URL: gateway.url, OPENCLAW_GATEWAY_TOKEN: gateway.token };
      const list = json(await cli(gateway, ['gateway', 'call', 'sessions.list', '--json'], { settings: {}, env }));
      assert.ok(Array.isArray(list.sessions));
    });

    await t.test('gateway call with a wrong token fails and says why', async () => {
      const run = await cli(gateway, ['gateway', 'call', 'health', '--url', gateway.url, '--token', 'wrong']);
      assert.notEqual(run.code, 0, run.all);
      assert.match(run.out + run.err, /token mismatch/, run.all);
      assert.ok(!(run.out + run.err).includes(token));
    });

    await t.test('gateway probe', async () => {
      const probe = json(await cli(gateway, ['gateway', 'probe', '--json', ...explicit]));
      assert.equal(probe.ok, true, JSON.stringify(probe).slice(0, 2000));
      assert.ok(JSON.stringify(probe).includes(gateway.url));
    });

    await t.test('health', async () => {
      const health = json(await cli(gateway, ['health', '--json']));
      assert.equal(health.ok, true);
      assert.match(granted(await cli(gateway, ['health'])).out, /main/i);
    });

    await t.test('status', async () => {
      const run = granted(await cli(gateway, ['status']));
      assert.match(run.out, /Gateway/i, run.all);
      assert.match(run.out, /reachable/i, run.all);
      assert.doesNotMatch(run.out, /unreachable/i, run.all);
      const status = json(await cli(gateway, ['status', '--json']));
      assert.equal(status.gateway.reachable, true, JSON.stringify(status.gateway));
    });

    await t.test('agent --message', async () => {
      const answer = json(await cli(gateway, ['agent', '--agent', 'main', '--message', 'Hello', '--json']));
      assert.equal(answer.status, 'ok');
      assert.equal(answer.result.payloads.map((part) => part.text).join(''), quick.join(''));
      const plain = granted(await cli(gateway, ['agent', '--agent', 'main', '--message', 'Hello again']));
      assert.ok(plain.out.includes(quick.join('')), plain.all);
    });

    await t.test('devices list', async () => {
      const list = json(await cli(gateway, ['devices', 'list', '--json', ...explicit]));
      assert.ok(Array.isArray(list.paired) && Array.isArray(list.pending));
      granted(await cli(gateway, ['devices', 'list', ...explicit]));
    });

    await t.test('logs', async () => {
      const run = granted(await cli(gateway, ['logs', '--plain', '--limit', '50', ...explicit]));
      assert.ok(run.out.trim().split('\n').length > 1, run.all);
      const lines = granted(await cli(gateway, ['logs', '--json', '--limit', '50', ...explicit])).out.trim().split('\n').map((line) => JSON.parse(line));
      assert.ok(lines.some((line) => line.type === 'log'), JSON.stringify(lines).slice(0, 2000));
    });

    await t.test('gateway status', async () => {
      const run = await cli(gateway, ['gateway', 'status', '--json', ...explicit]);
      assert.match(run.out, /"ok":\s*true/, run.all);
    });

    if (!reference) {
      const { methods } = await helloOf(t, gateway);
      const remote = [
        ['channels.status', ['channels', 'status', '--json']],
        ['models.list', ['models', 'list', '--json']],
        ['skills.status', ['skills', 'list', '--json']],
      ];
      const direct = [
        ['health', ['gateway', 'health', '--json']],
        ['usage.cost', ['gateway', 'usage-cost', '--json']],
        ['cron.list', ['cron', 'list', '--json']],
        ['cron.status', ['cron', 'status', '--json']],
        ['node.list', ['nodes', 'status', '--json']],
        ['node.pair.list', ['nodes', 'list', '--json']],
        ['exec.approvals.get', ['approvals', 'get', '--json', '--gateway']],
        ['exec.approval.list', ['approvals', 'pending', '--json']],
        ['system-presence', ['system', 'presence', '--json']],
        ['last-heartbeat', ['system', 'heartbeat', 'last', '--json']],
        ['wake', ['system', 'event', '--text', 'story', '--mode', 'next-heartbeat', '--json']],
      ].map(([method, args]) => [method, [...args, ...explicit]]);
      for (const [method, args] of [...remote, ...direct]) {
        const skip = methods.includes(method) ? false : `${method} is not there yet`;
        const shown = args.filter((word) => !explicit.includes(word)).join(' ');
        await t.test(shown, { skip }, async () => {
          const told = await cli(gateway, args);
          // There was no heartbeat yet, which is an answer.
          if (method === 'last-heartbeat') assert.equal(told.out.trim(), 'null', told.out);
          else json(told);
        });
      }

      await t.test('the life of a session by gateway call', async () => {
        const call = async (method, params) => json(await cli(gateway, ['gateway', 'call', method, '--params', JSON.stringify(params), '--json', ...explicit]));
        const { key } = await call('sessions.create', { label: 'told by the command line' });
        assert.equal((await call('sessions.patch', { key, label: 'renamed' })).ok, true);
        assert.ok((await call('sessions.list', {})).sessions.some((row) => row.key === key && row.label === 'renamed'));
        assert.equal((await call('sessions.describe', { key })).session.key, key);
        assert.equal((await call('sessions.reset', { key })).ok, true);
        assert.equal((await call('sessions.delete', { key })).deleted, true);
      });

      const jobs = methods.includes('cron.add') ? false : 'cron.add is not there yet';
      await t.test('the life of a job by cron', { skip: jobs }, async () => {
        const cron = async (...args) => json(await cli(gateway, ['cron', ...args, '--json', ...explicit]));
        const added = await cron('add', '--name', 'story', '--every', '1h', '--system-event', 'told by the command line', '--session', 'main');
        const id = (added.job ?? added).id;
        assert.ok(id, JSON.stringify(added));
        assert.ok(JSON.stringify(await cron('list')).includes(id));
        granted(await cli(gateway, ['cron', 'disable', id, ...explicit]));
        granted(await cli(gateway, ['cron', 'enable', id, ...explicit]));
        granted(await cli(gateway, ['cron', 'run', id, ...explicit]));
        granted(await cli(gateway, ['cron', 'runs', '--id', id, ...explicit]));
        granted(await cli(gateway, ['cron', 'rm', id, ...explicit]));
        assert.ok(!JSON.stringify(await cron('list')).includes(id));
      });

      await t.test('message send says that there is no channel', async () => {
        const run = await cli(gateway, ['message', 'send', '--channel', 'telegram', '--target', '1', '--message', 'hi']);
        assert.notEqual(run.code, 0, run.all);
        assert.ok(!(run.out + run.err).includes(token), run.all);
      });
    }
  });
});

async function helloOf(t, gateway) {
  const { connected } = await import('./lib/wire.mjs');
  return (await connected(t, gateway)).hello.features;
}
