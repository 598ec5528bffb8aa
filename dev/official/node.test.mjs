// Machines that offer commands: the official library in the role of a node at dialects 3 and 4, and the official node host.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { refusal, startClient } from './lib/official-client.mjs';
import { violations } from './lib/schema.mjs';
import { atEnd, inModules, oursOnly, reference } from './lib/setup.mjs';

const scopes = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];
const commands = ['system.which', 'system.notify'];

async function startOwner(t, gateway) {
  const owner = startClient(t, gateway, { token: gateway.token, scopes });
  await owner.hello();
  return owner;
}

/** The official library as a node host uses it. */
function startNode(t, gateway, device, more = {}) {
  const node = startClient(t, gateway, {
    token: gateway.token, device, role: 'node', clientName: 'node-host', mode: 'node', platform: 'linux',
    clientDisplayName: 'Library', scopes: [], caps: ['system'], commands, ...more,
  });
  return node;
}

const invoke = (nodeId, command, more) => ({ nodeId, command, params: { bins: ['sh'] }, idempotencyKey: randomUUID(), ...more });

/** Answers the next request that was not answered yet. */
async function answer(node, nodeId, result) {
  node.answered ??= 0;
  const asked = await node.until(
    () => node.events.filter((event) => event.event === 'node.invoke.request')[node.answered],
    'a request',
  );
  node.answered += 1;
  assert.equal(asked.seq, undefined, 'it stands outside the numbers of events');
  const taken = await node.request('node.invoke.result', { id: asked.payload.id, nodeId, ...result });
  assert.deepEqual(taken, { ok: true });
  return asked.payload;
}

describe('a node on the official library', () => {
  test('at dialect 4 it is approved, is asked, vanishes and comes back', async (t) => {
    const gateway = await startGateway(t);
    const owner = await startOwner(t, gateway);
    const device = new Device();
    const node = startNode(t, gateway, device);
    const hello = await node.hello();
    assert.equal(hello.auth.role, 'node');
    assert.deepEqual(hello.auth.scopes, []);
    const { payload: asked } = await owner.event('node.pair.requested');
    assert.equal(asked.nodeId, device.id);
    assert.deepEqual([...asked.commands].sort(), [...commands].sort());
    const listed = (await owner.request('node.list', {})).nodes.find(({ nodeId }) => nodeId === device.id);
    assert.deepEqual([listed.commands, listed.approvalState, listed.connected], [[], 'pending-approval', true]);
    const early = await refusal(owner.request('node.invoke', invoke(device.id, 'system.notify')));
    assert.match(early.message, /node command not allowed/);

    await owner.request('node.pair.approve', { requestId: asked.requestId });
    const resolved = await node.event('node.pair.resolved');
    assert.equal(resolved.payload.decision, 'approved');
    await owner.event('node.pair.resolved', ({ decision }) => decision === 'approved');
    const described = await owner.request('node.describe', { nodeId: device.id });
    assert.equal(described.approvalState, 'approved');

    const call = owner.request('node.invoke', invoke(device.id, 'system.which'));
    const request = await answer(node, device.id, { ok: true, payloadJSON: '{"bins":{"sh":"/bin/sh"}}' });
    assert.deepEqual(JSON.parse(request.paramsJSON), { bins: ['sh'] });
    assert.deepEqual((await call).payload, { bins: { sh: '/bin/sh' } });

    const failing = refusal(owner.request('node.invoke', invoke(device.id, 'system.notify')));
    await answer(node, device.id, { ok: false, error: { code: 'UNAVAILABLE', message: 'nope' } });
    assert.equal((await failing).message, 'UNAVAILABLE: nope');

    const silent = refusal(owner.request('node.invoke', invoke(device.id, 'system.notify', { timeoutMs: 600 })));
    await node.event('node.invoke.cancel');
    node.answered += 1;
    assert.equal((await silent).message, 'TIMEOUT: node invoke timed out');

    const alive = await node.request('node.event', { event: 'node.presence.alive', payloadJSON: '{"trigger":"manual"}' });
    assert.deepEqual(violations('NodeEventResult', alive), []);
    assert.equal(alive.handled, true);

    await node.client.stopAndWait({ timeoutMs: 3000 });
    const gone = await refusal(owner.request('node.invoke', invoke(device.id, 'system.notify')));
    assert.equal(gone.details?.code, 'NOT_CONNECTED', gone.message);
    const again = startNode(t, gateway, device);
    await again.hello();
    const back = owner.request('node.invoke', invoke(device.id, 'system.which'));
    await answer(again, device.id, { ok: true, payload: { back: true } });
    assert.deepEqual((await back).payload, { back: true });
  });

  test('at dialect 3 the admission of its device is enough', oursOnly('its library host offers dialect 4 alone'), async (t) => {
    const gateway = await startGateway(t);
    const owner = await startOwner(t, gateway);
    const device = new Device();
    const node = startNode(t, gateway, device, { minProtocol: 3, maxProtocol: 3, commands: [...commands, 'camera.snap'] });
    assert.equal((await node.hello()).protocol, 3);
    const described = await owner.request('node.describe', { nodeId: device.id });
    assert.deepEqual(described.commands, [...commands].sort());
    const call = owner.request('node.invoke', invoke(device.id, 'system.which'));
    await answer(node, device.id, { ok: true, payload: 3 });
    assert.equal((await call).payload, 3);
  });

  test('work waits for it', async (t) => {
    const gateway = await startGateway(t);
    const owner = await startOwner(t, gateway);
    const device = new Device();
    const node = startNode(t, gateway, device);
    await node.hello();
    const { payload: asked } = await owner.event('node.pair.requested');
    await owner.request('node.pair.approve', { requestId: asked.requestId });
    await node.event('node.pair.resolved');
    const queued = await owner.request('node.pending.enqueue', { nodeId: device.id, type: 'location.request', wake: false });
    assert.deepEqual(violations('NodePendingEnqueueResult', queued), []);
    const drained = await node.request('node.pending.drain', {});
    assert.deepEqual(violations('NodePendingDrainResult', drained), []);
    assert.deepEqual(drained.items.map(({ type }) => type), ['location.request', 'status.request']);
  });
});

/** The official node host, in a home of its own. */
async function startHost(t, gateway) {
  const home = await fs.mkdtemp(path.join(gateway.home, 'node-'));
  const state = path.join(home, '.openclaw');
  await fs.mkdir(state, { mode: 0o700 });
  await fs.writeFile(path.join(state, 'openclaw.json'), '{}', { mode: 0o600 });
  const host = { log: '' };
  host.start = () => {
    const args = ['node', 'run', '--host', '127.0.0.1', '--port', String(gateway.port), '--display-name', 'Official'];
    const child = spawn(process.execPath, [inModules('openclaw', 'openclaw.mjs'), ...args], {
      env: {
        PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: path.join(state, 'openclaw.json'),
        OPENCLAW_GATEWAY_TOKEN: gateway.token, OPENCLAW_NO_AUTO_UPDATE: '1', NO_COLOR: '1',
      },
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (host.log = (host.log + data).slice(-20_000)));
    host.gone = new Promise((resolve) => child.once('close', resolve));
    host.child = child;
  };
  host.stop = async (signal = 'SIGKILL') => {
    host.child.kill(signal);
    await host.gone;
  };
  atEnd(t, () => host.stop());
  host.start();
  return host;
}

describe('the official node host', () => {
  test('pairs, is approved, is asked, vanishes and comes back', async (t) => {
    const gateway = await startGateway(t);
    const owner = await startOwner(t, gateway);
    const host = await startHost(t, gateway);
    const { payload: asked } = await owner.event('node.pair.requested', () => true, 120_000).catch((error) => {
      throw new Error(`${error.message}\n${host.log}\n${gateway.log.slice(-3000)}`);
    });
    assert.ok(asked.commands.includes('system.which'), JSON.stringify(asked));
    assert.ok(asked.requiredApproveScopes.includes('operator.admin'));
    await owner.request('node.pair.approve', { requestId: asked.requestId });
    const nodeId = asked.nodeId;
    const which = () => owner.request('node.invoke', invoke(nodeId, 'system.which', { timeoutMs: 20_000 }));
    const found = await which();
    assert.match(String(found.payload?.bins?.sh ?? ''), /\/sh$/, JSON.stringify(found));
    const policy = await owner.request('exec.approvals.node.get', { nodeId });
    assert.deepEqual(violations('ExecApprovalsNodeSnapshot', policy), []);

    await host.stop();
    const until = Date.now() + 20_000;
    while ((await owner.request('node.describe', { nodeId })).connected && Date.now() < until) await pause(50);
    const gone = await refusal(owner.request('node.invoke', invoke(nodeId, 'system.which')));
    assert.equal(gone.details?.code, 'NOT_CONNECTED', gone.message);
    host.start();
    const back = Date.now() + 120_000;
    while (!(await owner.request('node.describe', { nodeId })).connected && Date.now() < back) await pause(250);
    const again = await which();
    assert.match(String(again.payload?.bins?.sh ?? ''), /\/sh$/, `${JSON.stringify(again)}\n${host.log}`);
    if (!reference) {
      const described = await owner.request('node.describe', { nodeId });
      assert.equal(described.approvalState, 'approved');
    }
  });
});
