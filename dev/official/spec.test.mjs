// What the specifications of the dashboard (001) and of the gateway server (003) print, literally.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { quick } from './lib/model.mjs';
import { oursOnly } from './lib/setup.mjs';
import { Wire, connected, operator, refused } from './lib/wire.mjs';

const show = (value) => JSON.stringify(value)?.slice(0, 1500);
const origin = 'http://localhost:3000';
const freeId = 'device-550e8400-e29b-41d4';

/** The settings that 001 prints, with a fast tick. */
const printed001 = {
  gateway: {
    tickIntervalMs: 1000,
    controlUi: { enabled: true, allowedOrigins: ['https://mc.example.com', origin], requireDeviceAuth: true },
    auth: { deviceAuth: { enabled: true, requireSignature: true, tokenTTL: 86400, maxDevicesPerUser: 10 } },
  },
};

/** The connect frame of 001: no auth object, a free device id, standard base64. */
function frame001(device, challenge, { deviceToken, id = freeId, auth, signature } = {}) {
  const client = {
    id: 'gateway-client', displayName: 'Mission Control', version: '2026.03.04', platform: 'web', mode: 'ui',
    instanceId: 'mc-1709582400',
  };
  const signedAt = Date.now();
  const text = ['v2', id, client.id, client.mode, 'operator', 'operator.admin', signedAt, auth?.token ?? deviceToken ?? '', challenge.nonce].join('|');
  const params = {
    minProtocol: 3, maxProtocol: 3, client, role: 'operator', scopes: ['operator.admin'],
    device: {
      id, publicKey: device.raw.toString('base64'), signature: signature ?? device.sign(text, 'base64'), signedAt,
      nonce: challenge.nonce,
    },
  };
  if (deviceToken !== undefined) params.deviceToken = deviceToken;
  if (auth) params.auth = auth;
  return { type: 'req', method: 'connect', id: 'mc-1', params };
}

async function dashboard(t, gateway, make, from = origin) {
  const wire = await Wire.open(t, gateway.url, { origin: from });
  const challenge = await wire.challenge();
  wire.send(make(challenge));
  return { wire, challenge, res: await wire.answer('mc-1') };
}

/** A dashboard whose device the owner has approved. */
async function approvedDashboard(t, gateway) {
  const device = new Device();
  const first = await dashboard(t, gateway, (challenge) => frame001(device, challenge));
  assert.equal(first.res.ok, false, show(first.res));
  assert.equal(first.res.error.code, 'NOT_PAIRED');
  const { requestId } = first.res.error.details;
  assert.ok(requestId, `the refusal names the request: ${show(first.res)}`);
  const owner = await connected(t, gateway);
  const { pending } = await owner.wire.call('device.pair.list', {});
  assert.ok(pending.some((one) => one.requestId === requestId), 'the owner sees the request');
  await owner.wire.call('device.pair.approve', { requestId });
  const second = await dashboard(t, gateway, (challenge) => frame001(device, challenge));
  assert.equal(second.res.ok, true, `the printed frame is granted once approved: ${show(second.res)}`);
  return { device, owner, first, ...second };
}

describe('001, the dashboard', oursOnly('none of 001 exists there'), () => {
  test('the challenge says nonce, protocols and deviceAuthRequired', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const wire = await Wire.open(t, gateway.url, { origin });
    const challenge = await wire.challenge();
    assert.ok(challenge.protocols.includes(3));
    assert.equal(challenge.deviceAuthRequired, true);
  });

  test('the printed connect: unknown device, approval, then protocol, sessionId, deviceToken and features in result', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const { wire, res, first } = await approvedDashboard(t, gateway);
    assert.equal((await first.wire.closed).code, 1008, 'not paired yet can be retried, so it is no 4001');
    assert.equal(res.type, 'res');
    assert.equal(res.result.protocol, 3);
    assert.equal(typeof res.result.sessionId, 'string');
    assert.equal(typeof res.result.deviceToken, 'string');
    for (const feature of ['spawn', 'cron', 'logs']) assert.ok(res.result.features.includes(feature), feature);
    assert.deepEqual(res.result, res.payload, 'result mirrors payload');
    wire.send({ type: 'req', method: 'ping', id: 'ping-1' });
    const pong = await wire.answer('ping-1');
    assert.deepEqual({ type: pong.type, id: pong.id, ok: pong.ok }, { type: 'res', id: 'ping-1', ok: true });
    const list = await wire.request('sessions.list', {});
    assert.deepEqual(list.result, list.payload, 'every answer mirrors payload into result');
  });

  test('the pinned id does not admit another key, nor does the key admit another id', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const { device } = await approvedDashboard(t, gateway);
    const thief = await dashboard(t, gateway, (challenge) => frame001(new Device(), challenge));
    assert.equal(thief.res.ok, false, show(thief.res));
    const renamed = await dashboard(t, gateway, (challenge) => frame001(device, challenge, { id: 'device-44444444-e29b-41d4' }));
    assert.equal(renamed.res.ok, false, show(renamed.res));
  });

  test('a right secret pairs the printed device silently on loopback', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const { res } = await dashboard(t, gateway, (challenge) => frame001(new Device(), challenge, { auth: { token: gateway.token } }));
    assert.equal(res.ok, true, show(res));
    assert.equal(typeof res.result.deviceToken, 'string');
  });

  test('reconnect: signed with the cached token beside it, and token alone only when that is allowed', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const { device, res } = await approvedDashboard(t, gateway);
    const { deviceToken } = res.result;
    const signed = await dashboard(t, gateway, (challenge) => frame001(device, challenge, { deviceToken }));
    assert.equal(signed.res.ok, true, show(signed.res));
    const alone = (token) => (challenge) => {
      const frame = frame001(device, challenge, { deviceToken: token });
      delete frame.params.device;
      return frame;
    };
    const refusedAlone = await dashboard(t, gateway, alone(signed.res.result.deviceToken));
    assert.equal(refusedAlone.res.ok, false, 'a token without its device is nothing by default');
    assert.match(refusedAlone.res.error.message, /device identity required/);

    const open = { gateway: { ...printed001.gateway, auth: { deviceAuth: { ...printed001.gateway.auth.deviceAuth, allowTokenOnly: true } } } };
    const second = await startGateway(t, { config: open });
    const paired = await approvedDashboard(t, second);
    const granted = await dashboard(t, second, alone(paired.res.result.deviceToken));
    assert.equal(granted.res.ok, true, show(granted.res));
    const guessed = await dashboard(t, second, alone('A'.repeat(43)));
    assert.equal(guessed.res.ok, false, 'a guessed token is refused');
  });

  test('tick, log and agent.status have the printed fields and true figures', async (t) => {
    const gateway = await startGateway(t, { config: printed001, model: 'story' });
    const { wire } = await approvedDashboard(t, gateway);
    const before = Date.now();
    const key = randomUUID();
    await wire.call('chat.send', { sessionKey: 'agent:main:chat', message: 'Hello', idempotencyKey: key });
    await wire.event('chat', { where: (p) => p.runId === key && p.state === 'final' });
    const tick = await wire.event('tick', { since: wire.mark });
    const session = tick.payload.snapshot.sessions.find((one) => one.key === 'agent:main:chat');
    assert.ok(session, show(tick));
    assert.deepEqual(
      Object.keys(session).sort(),
      ['active', 'contextTokens', 'cost', 'key', 'kind', 'messageCount', 'model', 'totalTokens', 'updatedAt'],
    );
    assert.equal(session.kind, 'chat');
    assert.match(session.model, /talk/);
    assert.equal(session.totalTokens, 10 + quick.length, 'what the model reported');
    assert.equal(session.messageCount, 2);
    assert.ok(session.cost > 0 && session.cost < 1, 'tokens by price');
    assert.ok(Number.isInteger(session.contextTokens) && session.contextTokens > 0);
    assert.ok(session.updatedAt >= before && session.updatedAt <= Date.now());
    assert.equal(session.active, true);

    const log = await wire.event('log');
    assert.ok(log.payload.id && log.payload.message && log.payload.source, show(log));
    assert.ok(log.payload.timestamp >= before - 60_000 && Number.isInteger(log.payload.timestamp));
    assert.ok(['info', 'warn', 'error'].includes(log.payload.level), 'info and above');

    const states = wire.received.filter((f) => f.event === 'agent.status').map((f) => f.payload);
    assert.deepEqual(states.map(({ status }) => status).slice(-2), ['busy', 'idle'], show(states));
    const [busy] = states.slice(-2);
    assert.ok(Number.isInteger(busy.id), 'the id is a number');
    assert.equal(busy.name, 'main');
    assert.ok(Math.abs(busy.last_seen - Date.now() / 1000) < 120, 'last_seen is in seconds');
    assert.equal(typeof busy.last_activity, 'string');

    const plain = await connected(t, gateway);
    const other = await plain.wire.event('tick');
    assert.deepEqual(Object.keys(other.payload), ['ts'], 'others get ts alone');
    assert.ok(plain.wire.received.every((f) => !['log', 'agent.status'].includes(f.event)));
  });

  describe('the four errors that end reconnecting close with 4001', () => {
    const limited = {
      gateway: { ...printed001.gateway, auth: { ...printed001.gateway.auth, rateLimit: { maxAttempts: 3, windowMs: 60_000, lockoutMs: 60_000, exemptLoopback: false } } },
    };
    const backend = (params) => {
      params.client = { id: 'gateway-client', version: '1', platform: 'linux', mode: 'backend' };
      return params;
    };

    test('origin not allowed', async (t) => {
      const gateway = await startGateway(t, { config: printed001 });
      for (const from of ['https://evil.example', 'https://mc.example.com.evil.example', 'http://mc.example.com', 'null', 'http://localhost:3001']) {
        await t.test(from, async (t2) => {
          const { wire, res } = await dashboard(t2, gateway, (c) => frame001(new Device(), c, { auth: { token: gateway.token } }), from);
          await refused(wire, res, { message: /^origin not allowed \(.+\)$/, details: 'CONTROL_UI_ORIGIN_NOT_ALLOWED', close: 4001, reason: /origin not allowed/ });
        });
      }
    });

    test('device identity required', async (t) => {
      const gateway = await startGateway(t, { config: printed001 });
      const { wire, res } = await dashboard(t, gateway, (c) => {
        const frame = frame001(new Device(), c, { auth: { token: gateway.token } });
        delete frame.params.device;
        return frame;
      });
      await refused(wire, res, { message: /^device identity required \(.+\)$/, close: 4001, reason: /device identity required/ });
      assert.match(res.error.details.code, /DEVICE_IDENTITY_REQUIRED$/);
    });

    test('device_auth_signature_invalid', async (t) => {
      const gateway = await startGateway(t, { config: printed001 });
      const { wire, res } = await dashboard(t, gateway, (c) => frame001(new Device(), c, { signature: new Device().sign('x', 'base64') }));
      await refused(wire, res, {
        message: 'device signature invalid (device_auth_signature_invalid)', details: 'DEVICE_AUTH_SIGNATURE_INVALID', close: 4001, reason: /device_auth_signature_invalid/,
      });
    });

    test('auth rate limit', async (t) => {
      const gateway = await startGateway(t, { config: limited });
      const attempt = () => dashboard(t, gateway, (c) => frame001(new Device(), c, { auth: { token: 'wrong' } }));
      for (let n = 0; n < 3; n++) {
        const { wire, res } = await attempt();
        await refused(wire, res, { message: /^unauthorized: gateway token mismatch/, close: 1008 });
      }
      const { wire, res } = await attempt();
      await refused(wire, res, {
        message: /^unauthorized: too many failed authentication attempts \(auth rate limit, rate limited; retry in \d+ s\)$/,
        details: 'AUTH_RATE_LIMITED', close: 4001, reason: /auth rate limit/,
      });
      assert.ok(res.error.retryAfterMs > 0 && res.error.retryAfterMs <= 60_000);
    });

    test('the same text closes everybody else with 1008', async (t) => {
      const gateway = await startGateway(t, { config: printed001 });
      const wire = await Wire.open(t, gateway.url, { origin: 'https://evil.example' });
      await wire.challenge();
      const res = await wire.connect(backend(operator({ token: gateway.token })));
      await refused(wire, res, { message: /^origin not allowed \(.+\)$/, close: 1008 });
      const other = await Wire.open(t, gateway.url);
      const challenge = await other.challenge();
      const params = backend(operator({ token: gateway.token }));
      params.device = { ...new Device().prove({ client: params.client, nonce: challenge.nonce }), signature: 'AAAA' };
      await refused(other, await other.connect(params), { message: 'device signature invalid (device_auth_signature_invalid)', close: 1008 });
    });
  });

  test('requireSignature false lets a shared secret replace the signature', async (t) => {
    const config = { gateway: { auth: { deviceAuth: { enabled: true, requireSignature: false } }, controlUi: { allowedOrigins: [origin] } } };
    const gateway = await startGateway(t, { config });
    const { res } = await dashboard(t, gateway, (c) => {
      const frame = frame001(new Device(), c, { auth: { token: gateway.token } });
      delete frame.params.device.signature;
      return frame;
    });
    assert.equal(res.ok, true, show(res));
  });

  test('one device more than maxDevicesPerUser is refused', async (t) => {
    const config = { gateway: { ...printed001.gateway, auth: { deviceAuth: { ...printed001.gateway.auth.deviceAuth, maxDevicesPerUser: 2 } } } };
    const gateway = await startGateway(t, { config });
    const one = (id) => dashboard(t, gateway, (c) => frame001(new Device(), c, { id, auth: { token: gateway.token } }));
    for (const id of ['device-11111111-e29b-41d4', 'device-22222222-e29b-41d4']) {
      const { res } = await one(id);
      assert.equal(res.ok, true, show(res));
    }
    const third = await one('device-33333333-e29b-41d4');
    assert.equal(third.res.ok, false);
    assert.equal(third.res.error.details.code, 'DEVICE_LIMIT', show(third.res));
  });

  const program = { command: 'python', args: ['agent.py', '--role', 'developer'], env: { AGENT_NAME: 'agent1' }, cwd: '/tmp' };

  test('the printed spawn is refused, naming spawn.allow, and told as failed', async (t) => {
    const gateway = await startGateway(t, { config: printed001 });
    const { wire } = await approvedDashboard(t, gateway);
    const res = await wire.request('spawn', program, { id: 'spawn-1' });
    assert.equal(res.ok, false);
    assert.match(res.error.message, /spawn\.allow/);
    const told = await wire.event('spawn_result');
    assert.equal(told.payload.id, 'spawn-1');
    assert.equal(told.payload.status, 'failed');
    assert.match(told.payload.error, /spawn\.allow/);
  });

  test('an allowed program runs to completed with the printed fields', async (t) => {
    const gateway = await startGateway(t, { config: { ...printed001, spawn: { allow: ['node'] } } });
    const { wire } = await approvedDashboard(t, gateway);
    await wire.call('spawn', { ...program, command: 'node', args: ['-e', 'console.log("hi from", process.env.AGENT_NAME)'] }, { id: 'spawn-1' });
    const running = await wire.event('spawn_result', { where: (p) => p.status === 'running' });
    assert.deepEqual({ ...running.payload, pid: 0 }, { id: 'spawn-1', status: 'running', pid: 0, completedAt: null, result: null, error: null });
    const done = await wire.event('spawn_result', { where: (p) => p.status !== 'running' });
    assert.deepEqual(done.payload, { ...running.payload, status: 'completed', completedAt: done.payload.completedAt, result: { exitCode: 0 } });
    const log = await wire.event('log', { where: (p) => p.message.includes('hi from agent1') });
    assert.equal(log.payload.source, 'agent1');
  });

  test('plain curl of /metrics on its own port shows the five printed names', async (t) => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    server.close();
    await once(server, 'close');
    const gateway = await startGateway(t, { config: { metrics: { enabled: true, port } } });
    const held = await connected(t, gateway);
    const stranger = await Wire.open(t, gateway.url);
    await stranger.challenge();
    await stranger.connect(operator({ token: 'wrong' }));
    await stranger.closed;
    let text;
    const value = (name) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+(?:\\.\\d+)?)$`, 'm').exec(text)?.[1]);
    for (let n = 0; n < 40 && (n === 0 || value('openclaw_gateway_connections_total') !== 1); n++) {
      if (n > 0) await pause(50);
      text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    }
    assert.equal(value('openclaw_gateway_connections_total'), 1, 'open now');
    assert.ok(value('openclaw_gateway_messages_sent_total') >= 2, text);
    assert.ok(value('openclaw_gateway_messages_received_total') >= 2);
    assert.equal(value('openclaw_gateway_spawn_requests_total'), 0);
    assert.equal(value('openclaw_gateway_auth_failures_total'), 1);
    held.wire.socket.close();
  });
});

describe('003, the gateway server', oursOnly('none of 003 exists there'), () => {
  const printed = (gateway) => ({
    minProtocol: 1, maxProtocol: 1,
    client: { id: 'control-ui', displayName: 'Control UI', version: '1.0.0', platform: 'web', mode: 'frontend' },
    auth: { token: gateway.token },
  });

  test('the printed connect is answered as printed, from the UI and without an Origin', async (t) => {
    const gateway = await startGateway(t);
    for (const from of [undefined, gateway.http]) {
      const { wire, hello } = await connected(t, gateway, () => printed(gateway), { origin: from });
      assert.equal(hello.event, 'hello-ok');
      assert.equal(hello.protocolVersion, 1);
      assert.match(hello.serverVersion, /^\d{4}\.\d{1,2}\.\d{1,2}$/);
      assert.ok(Array.isArray(hello.capabilities) && hello.capabilities.includes('chat.send'));
      await wire.call('sessions.list', {});
      const admin = await wire.request('config.set', { raw: '{}' });
      assert.equal(admin.error.message, 'missing scope: operator.admin', 'no scopes asked for is read and write');
      const pairing = await wire.request('device.pair.list', {});
      assert.equal(pairing.error.message, 'missing scope: operator.pairing');
    }
  });

  test('the printed client configuration connects with its scopes', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway, () => ({
      minProtocol: 1, maxProtocol: 1, client: { id: 'cli', displayName: 'CLI' }, auth: { token: gateway.token }, role: 'operator', scopes: ['operator.admin'],
    }));
    await wire.call('device.pair.list', {});
    const reader = await connected(t, gateway, () => ({ ...printed(gateway), scopes: ['operator.read'] }));
    await reader.wire.call('sessions.list', {});
    const refusal = await reader.wire.request('chat.send', { sessionId: 'abc-123', message: 'x' });
    assert.equal(refusal.error.message, 'missing scope: operator.write');
  });

  test('chat.send: accepted, chat.delta events, then a second answer with the message', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire } = await connected(t, gateway, () => printed(gateway));
    const id = randomUUID();
    wire.send({ type: 'req', id, method: 'chat.send', params: { sessionId: 'abc-123', message: 'List my files' } });
    const accepted = await wire.answer(id, 0);
    assert.equal(accepted.ok, true, show(accepted));
    assert.equal(accepted.payload.status, 'accepted');
    const { runId } = accepted.payload;
    assert.ok(runId);
    const final = await wire.answer(id, 1);
    assert.equal(final.ok, true, show(final));
    assert.equal(final.payload.type, 'message');
    assert.equal(final.payload.content, quick.join(''));
    const deltas = wire.received.filter((f) => f.event === 'chat.delta');
    assert.ok(deltas.length > 0);
    assert.ok(deltas.every((f) => f.type === 'event' && Number.isInteger(f.seq) && f.payload.runId === runId));
    assert.equal(deltas.map((f) => f.payload.delta).join(''), quick.join(''));
    assert.ok(wire.received.indexOf(accepted) < wire.received.indexOf(deltas[0]));
    assert.ok(wire.received.indexOf(deltas.at(-1)) < wire.received.indexOf(final));
    const { sessions } = await wire.call('sessions.list', {});
    assert.ok(sessions.some(({ key }) => key === 'agent:main:abc-123'), 'the session has got its key');
    const { messages } = await wire.call('chat.history', { sessionId: 'abc-123' });
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant']);
  });

  test('agent: the printed request frame is accepted and answered again at the end', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire } = await connected(t, gateway, () => printed(gateway));
    const id = randomUUID();
    wire.send({ type: 'req', id, method: 'agent', params: { sessionId: 'abc-123', message: 'Hello' } });
    const accepted = await wire.answer(id, 0);
    assert.equal(accepted.payload?.status, 'accepted', show(accepted));
    assert.ok(accepted.payload.runId);
    const final = await wire.answer(id, 1);
    assert.equal(final.ok, true, show(final));
    assert.ok(JSON.stringify(final.payload).includes(quick.join('')), show(final));
  });

  test('errors have the printed shape and texts', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway, () => printed(gateway));
    for (const [method, params, message] of [
      ['node.invoke.result', { requestId: 'x', ok: true, payload: 'y' }, /^unauthorized role: operator$/],
      ['chat.send', { message: 'no session' }, /^invalid chat\.send params: .*session/],
      ['chat.send', { sessionId: 'abc-123', message: 'x', nonsense: true }, /^invalid chat\.send params: .*nonsense/],
      ['wizard.start', {}, /^missing scope: operator\.admin$/],
    ]) {
      const res = await wire.request(method, params);
      assert.equal(res.ok, false, `${method}: ${show(res)}`);
      assert.equal(res.type, 'res');
      assert.match(res.error.message, message);
      assert.equal(typeof res.error.code, 'string');
    }
  });

  test('the signature of 003 carries the nonce in the token slot, and only this nonce', async (t) => {
    const gateway = await startGateway(t);
    const client = printed(gateway).client;
    const scopes = ['operator.admin'];
    const signed = (device, nonce, more = {}) => ({
      ...printed(gateway), role: 'operator', scopes, device: device.prove({ client, scopes, token: nonce, version: 1, ...more }),
    });
    const { hello } = await connected(t, gateway, (challenge) => signed(new Device(), challenge.nonce));
    assert.equal(hello.event, 'hello-ok');
    const wire = await Wire.open(t, gateway.url);
    await wire.challenge();
    const res = await wire.connect(signed(new Device(), randomUUID()));
    await refused(wire, res, { message: 'device signature invalid (device_auth_signature_invalid)' });
  });

  test('a wrong token is refused on loopback too', async (t) => {
    const gateway = await startGateway(t);
    const wire = await Wire.open(t, gateway.url);
    await wire.challenge();
    const res = await wire.connect({ ...printed(gateway), auth: { token: 'wrong' } });
    await refused(wire, res, { message: /^unauthorized: gateway token mismatch/, details: 'AUTH_TOKEN_MISMATCH' });
  });

  test('every advertised method of its table asks for its scope, at every dialect', async (t) => {
    const gateway = await startGateway(t);
    // health is left out: official clients ask for it before they have any scope.
    const table = {
      read: ['agent.wait', 'agent.identity.get', 'agents.list', 'agents.files.list', 'agents.files.get', 'chat.history', 'node.list', 'node.describe', 'sessions.list', 'sessions.preview', 'config.get', 'config.schema', 'logs.tail', 'models.list', 'skills.status', 'cron.list', 'channels.status'],
      write: ['agent', 'agents.create', 'agents.update', 'agents.delete', 'agents.files.set', 'chat.send', 'chat.abort', 'node.invoke', 'sessions.patch', 'sessions.reset', 'sessions.delete', 'sessions.compact', 'send', 'wake', 'browser.request'],
      admin: ['config.set', 'config.apply', 'config.patch', 'skills.install', 'cron.add', 'cron.update', 'cron.remove', 'cron.run', 'channels.logout', 'wizard.start', 'wizard.next'],
      approvals: ['exec.approval.request', 'exec.approval.resolve', 'exec.approvals.get', 'exec.approvals.set'],
      pairing: ['node.pair.request', 'node.pair.approve', 'node.pair.reject', 'node.pair.verify'],
    };
    const owner = await connected(t, gateway);
    const there = new Set(owner.hello.features.methods);
    const wrong = [];
    for (const protocol of [1, 3, 4]) {
      const { wire } = await connected(t, gateway, { minProtocol: protocol, maxProtocol: protocol, scopes: [] });
      for (const [scope, methods] of Object.entries(table)) {
        for (const method of methods.filter((name) => there.has(name))) {
          const res = await wire.request(method, {});
          if (res.error?.message !== `missing scope: operator.${scope}`) wrong.push(`${method} at ${protocol}: ${show(res)}, not operator.${scope}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });
});

test('every HTTP answer carries the three printed headers', oursOnly('its headers differ'), async (t) => {
  const gateway = await startGateway(t);
  for (const path of ['/health', '/', '/no/such/page', '/assets/none.js']) {
    const answer = await fetch(gateway.http + path);
    await answer.arrayBuffer();
    assert.equal(answer.headers.get('x-frame-options'), 'DENY', path);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'self'/, path);
  }
});
