// Both Mission Controls, replayed from what they do on the wire. ABHI: a Python backend with one socket for each call.
// BLDZ: a browser client that stays connected, and a server client with one socket for each call.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { quick } from './lib/model.mjs';
import { oursOnly, reference } from './lib/setup.mjs';
import { Wire, connected, refused } from './lib/wire.mjs';

const show = (value) => JSON.stringify(value)?.slice(0, 1200);
const MiB = 1024 * 1024;

// ---- ABHI ------------------------------------------------------------------------------------------------------

const abhiScopes = ['operator.read', 'operator.admin', 'operator.approvals', 'operator.pairing'];

/** One call as ABHI makes it: a new socket with the token in the URL, connect, the request, close. */
async function abhi(t, gateway, method, params, { device, controlUi = false, token = gateway.token, change = (p) => p } = {}) {
  const client = { id: controlUi ? 'openclaw-control-ui' : 'gateway-client', version: '1.0.0', platform: 'linux', mode: controlUi ? 'ui' : 'backend' };
  const url = token ? `/?token=${encodeURIComponent(token)}` : '/';
  const wire = await Wire.open(t, gateway.url, { path: url, origin: controlUi ? gateway.http : undefined, perMessageDeflate: true });
  const first = await Promise.race([wire.challenge(), pause(2000, undefined, { ref: false })]);
  assert.ok(first?.nonce, 'the challenge comes before ABHI gives up waiting');
  const connect = { minProtocol: 3, maxProtocol: 3, role: 'operator', scopes: abhiScopes, client };
  if (token) connect.auth = { token };
  if (device) connect.device = device.prove({ client, scopes: abhiScopes, token, nonce: first.nonce });
  const hello = await wire.connect(change(connect), { id: randomUUID() });
  if (hello.ok === false) {
    const end = await wire.closed;
    throw Object.assign(new Error(hello.error.message ?? 'Gateway error'), { end });
  }
  const res = method === 'connect' ? hello : await wire.request(method, params, { id: randomUUID() });
  for (const frame of wire.received) {
    assert.ok(JSON.stringify(frame).length < MiB, `no frame over 1 MiB: ${method}, ${frame.event ?? frame.id}`);
    assert.equal(typeof frame, 'object');
  }
  wire.socket.close();
  if (res.ok === false) {
    assert.equal(typeof res.error, 'object', 'error is an object');
    throw new Error(res.error.message ?? 'Gateway error');
  }
  assert.notEqual(res.payload ?? null, null, `${method} answers an object: a null payload is an error for ABHI`);
  return res.payload;
}

/** Names methods of ABHI's list that the gateway does not have yet; its story waits for them. */
async function lacks(t, gateway, methods) {
  const { hello } = await connected(t, gateway);
  const missing = methods.filter((method) => !hello.features.methods.includes(method));
  if (missing.length > 0) t.todo(`not there yet: ${missing.join(' ')}`);
  return missing.length > 0;
}

const errorOf = async (call) => {
  try {
    const payload = await call;
    return assert.fail(`an error, not ${show(payload)}`);
  } catch (error) {
    if (error.code === 'ERR_ASSERTION') throw error;
    return error;
  }
};

const transient = [
  'connect call failed', 'connection refused', 'errno 111', 'econnrefused', 'did not receive a valid http response', 'no route to host',
  'network is unreachable', 'host is down', 'name or service not known', 'received 1012', 'service restart', 'http 503', 'http 502', 'http 504',
  'temporar', 'timeout', 'timed out', 'connection closed', 'connection reset',
];
const isFinal = (message) => !transient.some((part) => message.toLowerCase().includes(part));

describe('ABHI', oursOnly('it refuses protocol 3 operators'), () => {
  test('accepts our version and gives admin everything, write included', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    const hello = await abhi(t, gateway, 'connect', {}, { device });
    const [, year, month, day] = /^v?(\d{4})\.(\d{1,2})\.(\d{1,2})(?:-\d+)?$/.exec(hello.server.version).map(Number);
    assert.ok(year * 10_000 + month * 100 + day >= 2026_02_09, `at least 2026.02.9, not ${hello.server.version}`);
    assert.ok(await abhi(t, gateway, 'health', {}, { device }));
    assert.ok(await abhi(t, gateway, 'chat.send', { sessionKey: 'agent:main:main', message: 'hi', deliver: false, idempotencyKey: randomUUID() }, { device }), 'admin implies write');
  });

  test('its sessions: made by patch, listed, messaged, read, reset, deleted', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const device = new Device();
    const call = (method, params) => abhi(t, gateway, method, params, { device });
    const key = `agent:main:mc-gateway-${randomUUID()}`;
    const made = await call('sessions.patch', { key, label: 'Gateway Agent' });
    assert.equal(made.entry.label, 'Gateway Agent');
    const list = await call('sessions.list', {});
    assert.ok(list.sessions.some((one) => one.key === key), show(list));
    await call('chat.send', { sessionKey: key, message: 'Hello', deliver: false, idempotencyKey: randomUUID() });
    let messages = [];
    for (let n = 0; n < 100 && messages.length < 2; n++) {
      ({ messages } = await call('chat.history', { sessionKey: key, limit: 50 }));
      await pause(50);
    }
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant']);
    await call('sessions.reset', { key });
    assert.deepEqual((await call('chat.history', { sessionKey: key })).messages, []);
    await call('sessions.delete', { key });
    const left = await call('sessions.list', {});
    assert.ok(!left.sessions.some((one) => one.key === key), 'deleted is gone');
    await call('sessions.delete', { key }).catch((error) =>
      assert.match(error.message, /not found|unknown session|no such session|session does not exist/i));
  });

  test('its agents: created under the id given, provisioned with files, updated, deleted', async (t) => {
    const gateway = await startGateway(t);
    const needed = ['agents.create', 'agents.update', 'agents.delete', 'agents.files.list', 'agents.files.get', 'agents.files.set'];
    if (await lacks(t, gateway, needed)) return;
    const device = new Device();
    const call = (method, params) => abhi(t, gateway, method, params, { device });
    const agentId = `mc-${randomUUID()}`;
    await call('agents.create', { name: agentId, workspace: `${gateway.home}/workspaces/two` });
    const again = await errorOf(call('agents.create', { name: agentId, workspace: `${gateway.home}/workspaces/two` }));
    assert.match(again.message, /already|exist|duplicate|conflict/i);
    await call('agents.update', { agentId, name: 'Renamed', workspace: `${gateway.home}/workspaces/two` });
    for (const name of ['AGENTS', 'SOUL', 'TOOLS', 'IDENTITY', 'USER', 'HEARTBEAT', 'MEMORY', 'BOOTSTRAP']) {
      await call('agents.files.set', { agentId, name: `${name}.md`, content: `# ${name}` });
    }
    const { files } = await call('agents.files.list', { agentId });
    assert.ok(files.some(({ name, missing }) => name === 'SOUL.md' && missing === false), show(files));
    assert.equal((await call('agents.files.get', { agentId, name: 'SOUL.md' })).file.content, '# SOUL');
    const odd = await errorOf(call('agents.files.set', { agentId, name: '../../etc/passwd', content: 'x' }));
    assert.match(odd.message, /unsupported file/);
    await call('agents.files.delete', { agentId, name: 'SOUL.md' }).catch((error) =>
      assert.match(error.message, /unsupported|unknown method|not found|no such file/i));
    const unknown = await errorOf(call('agents.files.list', { agentId: 'mc-nobody' }));
    assert.match(unknown.message, /not found|unknown agent|no such agent/i);
    await call('agents.delete', { agentId, deleteFiles: true });
    const gone = await errorOf(call('agents.delete', { agentId, deleteFiles: true }));
    assert.match(gone.message, /unknown agent|no such agent|agent does not exist|agent.*not found/i);
  });

  test('its configuration is read without secrets', async (t) => {
    const gateway = await startGateway(t);
    const got = await abhi(t, gateway, 'config.get', {}, { device: new Device() });
    assert.equal(typeof (got.config ?? got.parsed), 'object');
    assert.ok(got.hash);
    assert.ok(!JSON.stringify(got).includes(gateway.token), 'secrets are redacted');
  });

  test('its configuration: patched with the full agent list, and the next call succeeds at once', async (t) => {
    const gateway = await startGateway(t);
    if (await lacks(t, gateway, ['config.patch', 'config.schema'])) return;
    const device = new Device();
    const call = (method, params) => abhi(t, gateway, method, params, { device });
    const before = await call('config.get', {});
    const raw = JSON.stringify({
      agents: { list: [{ id: 'main', default: true }, { id: 'mc-one', workspace: `${gateway.home}/workspaces/one`, heartbeat: { every: '10m' } }] },
      channels: { defaults: { heartbeat: { showOk: false, showAlerts: true, useIndicator: true } } },
      tools: { exec: { host: 'gateway' } },
    });
    await call('config.patch', { raw, baseHash: before.hash });
    await call('health', {});
    const after = await call('config.get', {});
    const { list } = (after.config ?? after.parsed).agents;
    assert.ok(list.some(({ id }) => id === 'mc-one'), show(list));
    const stale = await errorOf(call('config.patch', { raw, baseHash: before.hash }));
    assert.match(stale.message, /config changed since last load/);
    assert.ok((await call('config.schema', {})).schema, 'config.schema fits into a frame of 1 MiB');
  });

  test('without device pairing it is a Control UI, admitted only where that is allowed', async (t) => {
    const strict = await startGateway(t);
    const refusal = await errorOf(abhi(t, strict, 'health', {}, { controlUi: true }));
    assert.match(refusal.message, /device identity required/);
    assert.ok(isFinal(refusal.message));
    const gateway = await startGateway(t, { config: { gateway: { controlUi: { allowInsecureAuth: true } } } });
    await abhi(t, gateway, 'health', {}, { controlUi: true });
    assert.ok(await abhi(t, gateway, 'sessions.list', {}, { controlUi: true }), 'it keeps its scopes');
  });

  test('refusals read as it shows them, are final, and close the socket', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    for (const [options, message] of [
      [{ device, token: 'wrong' }, /unauthorized/],
      // The device's signature counts, so that what it lacks is the owner's approval.
      [{ device, token: '' }, /pairing required/],
      [{ device, change: (p) => ({ ...p, minProtocol: 9, maxProtocol: 9 }) }, /^protocol mismatch/],
      [{ device, change: (p) => ({ ...p, device: { ...p.device, signature: 'AAAA' } }) }, /^device signature invalid/],
      [{ device, change: (p) => ({ ...p, role: 'emperor' }) }, /^invalid role/],
    ]) {
      const error = await errorOf(abhi(t, gateway, 'health', {}, options));
      assert.match(error.message, message);
      assert.ok(isFinal(error.message), `"${error.message}" is not retried`);
      assert.ok([1002, 1008].includes(error.end.code), show(error.end));
    }
    const scope = await errorOf(abhi(t, gateway, 'chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: 'k' }, {
      change: (p) => ({ ...p, scopes: ['operator.read'] }),
    }));
    assert.equal(scope.message, 'missing scope: operator.write');
  });
});

// ---- BLDZ in the browser ---------------------------------------------------------------------------------------

const dashboard = 'http://127.0.0.1:3000';
const forBldz = { config: { gateway: { controlUi: { allowedOrigins: [dashboard] } } } };
const bldzClient = { id: 'openclaw-control-ui', displayName: 'Mission Control', version: '2.3.0', platform: 'web', mode: 'ui' };

/** The browser's connect. Its signature covers the token, else the cached device token, else nothing. */
function browserConnect(gateway, challenge, { device, token = gateway.token, deviceToken, change = (p) => p } = {}) {
  const scopes = ['operator.admin'];
  const params = {
    minProtocol: 3, maxProtocol: 4, client: { ...bldzClient, instanceId: `mc-${Date.now()}` }, role: 'operator', scopes, caps: ['tool-events'],
  };
  if (token) params.auth = { token };
  if (device) params.device = device.prove({ client: bldzClient, scopes, token: token || deviceToken || '', nonce: challenge.nonce });
  if (deviceToken) params.deviceToken = deviceToken;
  return change(params, challenge);
}

async function browser(t, gateway, options = {}) {
  const wire = await Wire.open(t, gateway.url, { origin: 'origin' in options ? options.origin : dashboard, path: options.path });
  const challenge = await wire.challenge();
  const res = await wire.connect(browserConnect(gateway, challenge, options), { id: 'mc-1' });
  return { wire, res };
}

const blockedCodes = ['AUTH_TOKEN_MISSING', 'AUTH_PASSWORD_MISSING', 'AUTH_PASSWORD_MISMATCH', 'AUTH_RATE_LIMITED', 'ORIGIN_NOT_ALLOWED', 'DEVICE_SIGNATURE_INVALID'];
const blockedTexts = [
  'origin not allowed', 'device identity required', 'requires device identity', 'secure context', 'device_auth_signature_invalid',
  'invalid connect params', '/client/id', 'auth rate limit', 'rate limited',
];
const wipeTexts = ['device_auth_signature_invalid', 'device signature invalid', 'invalid device token', 'device token invalid'];

/** What the browser does about a refusal. */
function reaction({ error }, { hasToken = true } = {}) {
  const code = error.details?.code ?? error.code;
  const text = error.message.toLowerCase();
  if (hasToken && (code === 'DEVICE_SIGNATURE_INVALID' || wipeTexts.some((part) => text.includes(part)))) return 'wipes its identity';
  return blockedCodes.includes(code) || blockedTexts.some((part) => text.includes(part)) ? 'blocked' : 'retries';
}

describe('BLDZ in the browser', () => {
  test('connects, beats, and gets its live list, the log and the agents', oursOnly('no ping, no snapshot'), async (t) => {
    const gateway = await startGateway(t, { config: { gateway: { ...forBldz.config.gateway, tickIntervalMs: 1000 } }, model: 'story' });
    const { wire, res } = await browser(t, gateway, { device: new Device() });
    assert.equal(res.ok, true, show(res));
    assert.equal(res.payload.protocol, 4, 'the highest of 3..4');
    assert.equal(res.result, undefined, 'result would make it send its token to every gateway');
    for (const id of ['ping-1', 'ping-2']) {
      wire.send({ type: 'req', method: 'ping', id });
      assert.equal((await wire.answer(id)).ok, true);
    }
    const key = randomUUID();
    await wire.call('chat.send', { sessionKey: 'agent:main:main', message: 'Hello', idempotencyKey: key });
    await wire.event('chat', { where: (p) => p.runId === key && p.state === 'final' });
    const tick = await wire.event('tick', { since: wire.mark });
    const [session] = tick.payload.snapshot.sessions;
    assert.equal(session.key, 'agent:main:main');
    assert.ok(Date.now() - session.updatedAt < 3_600_000, 'active by its own rule');
    assert.ok(typeof session.model === 'string' && session.totalTokens > 0 && session.messageCount === 2 && session.cost > 0, show(session));
    const log = await wire.event('log');
    assert.ok(log.payload.id && log.payload.timestamp && log.payload.level && log.payload.source && log.payload.message, show(log));
    const status = await wire.event('agent.status');
    assert.ok(Number.isInteger(status.payload.id) && status.payload.status && status.payload.last_seen, show(status));
    const unknown = await wire.request('no.such.method', {});
    assert.equal(reaction(unknown), 'retries', 'an ordinary error does not end a live connection');
  });

  test('a device token beside the signature is understood', oursOnly('it refuses the key'), async (t) => {
    const gateway = await startGateway(t, forBldz);
    const device = new Device();
    const first = await browser(t, gateway, { device });
    const { deviceToken } = first.res.payload.auth;
    assert.ok(deviceToken);
    const second = await browser(t, gateway, { device, deviceToken });
    assert.equal(second.res.ok, true, show(second.res));
    const without = await browser(t, gateway, { device, deviceToken, token: '' });
    assert.equal(without.res.ok, true, `the device token stands for the secret: ${show(without.res)}`);
  });

  test('any path upgrades', async (t) => {
    const gateway = await startGateway(t, forBldz);
    for (const path of ['/', '/gateway-ws', '/gw', '/deep/er?token=x', '/?token=wrong']) {
      const { res } = await browser(t, gateway, { device: new Device(), path });
      assert.equal(res.ok, true, `${path}: ${show(res)}`);
    }
  });

  test('every refusal says so first, closes then, and makes the browser do the right thing', async (t) => {
    const gateway = await startGateway(t, forBldz);
    const device = () => new Device();
    const ours = (text) => (reference ? undefined : text);
    for (const [what, options, { code = 'INVALID_REQUEST', message, details, close = 1008, does }] of [
      ['protocol outside', { device: device(), change: (p) => ({ ...p, minProtocol: 8, maxProtocol: 9 }) }, { message: /^protocol mismatch/, details: 'PROTOCOL_MISMATCH', close: 1002, does: 'retries' }],
      // With us the device's signature counts: it lacks the owner's approval, and may try again after that.
      ['no token', { device: device(), token: '' }, reference
        ? { message: /^unauthorized: gateway token missing \(/, details: 'AUTH_TOKEN_MISSING', does: 'blocked' }
        : { code: 'NOT_PAIRED', message: /pairing required/, details: 'PAIRING_REQUIRED', does: 'retries' }],
      ['wrong token', { device: device(), token: 'wrong' }, { message: /^unauthorized: gateway token mismatch \(/, details: 'AUTH_TOKEN_MISMATCH', does: 'retries' }],
      ['no device', {}, { message: /device identity/, details: 'CONTROL_UI_DEVICE_IDENTITY_REQUIRED', does: 'blocked' }],
      ['wrong signature', { device: device(), change: (p) => ({ ...p, device: { ...p.device, signature: 'AAAA' } }) }, { message: ours('device signature invalid (device_auth_signature_invalid)') ?? /^device signature invalid/, details: 'DEVICE_AUTH_SIGNATURE_INVALID', does: 'wipes its identity' }],
      ['old signature', { device: device(), change: (p) => ({ ...p, device: { ...p.device, signedAt: p.device.signedAt - 3_600_000 } }) }, { message: /^device signature expired/, details: 'DEVICE_AUTH_SIGNATURE_EXPIRED', does: 'retries' }],
      ['other nonce', { device: device(), change: (p) => ({ ...p, device: { ...p.device, nonce: randomUUID() } }) }, { message: /^device nonce mismatch/, details: 'DEVICE_AUTH_NONCE_MISMATCH', does: 'retries' }],
      ['id of another key', { device: device(), change: (p) => ({ ...p, device: { ...p.device, id: new Device().id } }) }, { message: /^device identity mismatch/, details: 'DEVICE_AUTH_DEVICE_ID_MISMATCH', does: 'retries' }],
      ['device without nonce', { device: device(), change: (p) => ({ ...p, device: { ...p.device, nonce: undefined } }) }, { message: /^invalid connect params: at \/device.*nonce/, does: 'blocked' }],
      ['unknown client id', { device: device(), change: (p) => ({ ...p, client: { ...p.client, id: 'no-such-client' } }) }, { message: /^invalid connect params: at \/client\/id/, does: 'blocked' }],
      ['unknown client mode', { device: device(), change: (p) => ({ ...p, client: { ...p.client, mode: 'operator' } }) }, { message: /^invalid connect params: at \/client\/mode/, does: 'blocked' }],
      ['foreign origin', { device: device(), origin: 'https://evil.example' }, { message: /^origin not allowed \(/, details: 'CONTROL_UI_ORIGIN_NOT_ALLOWED', does: 'blocked' }],
      ['no origin', { device: device(), origin: undefined }, { message: /^origin not allowed \(/, details: 'CONTROL_UI_ORIGIN_NOT_ALLOWED', does: 'blocked' }],
      ['unknown role', { device: device(), change: (p) => ({ ...p, role: 'emperor' }) }, { message: /^invalid role/, does: 'retries' }],
    ]) {
      await t.test(what, async (t2) => {
        const { wire, res } = await browser(t2, gateway, options);
        await refused(wire, res, { code, message, details, close });
        assert.equal(reaction(res, { hasToken: options.token !== '' }), does, show(res));
      });
    }
  });

  test('first request not connect is refused and closed', async (t) => {
    const gateway = await startGateway(t, forBldz);
    const wire = await Wire.open(t, gateway.url, { origin: dashboard });
    await wire.challenge();
    const res = await wire.request('health', {});
    await refused(wire, res, { code: 'INVALID_REQUEST', message: /^invalid handshake: first request must be connect/, reason: /first request must be connect/ });
  });

  test('an unknown scope is no reason to refuse', async (t) => {
    const gateway = await startGateway(t, forBldz);
    const { wire } = await connected(t, gateway, { scopes: ['operator.read', 'operator.dance'] });
    await wire.call('sessions.list', {});
  });

  test('the lock-out stops it by its text, whatever the code', oursOnly('its text misses the words'), async (t) => {
    const rateLimit = { maxAttempts: 2, windowMs: 60_000, lockoutMs: 60_000, exemptLoopback: false };
    const gateway = await startGateway(t, { config: { gateway: { ...forBldz.config.gateway, auth: { rateLimit } } } });
    for (let n = 0; n < 2; n++) await (await browser(t, gateway, { device: new Device(), token: 'wrong' })).wire.closed;
    const { res } = await browser(t, gateway, { device: new Device(), token: 'wrong' });
    assert.equal(reaction({ error: { ...res.error, details: undefined } }), 'blocked', show(res));
    const right = await browser(t, gateway, { device: new Device() });
    assert.equal(right.res.error?.details?.code, 'AUTH_RATE_LIMITED', 'locked out means locked out');
  });

  test('a forwarded address from no trusted proxy is refused, on the upgrade and on a request', async (t) => {
    const gateway = await startGateway(t, forBldz);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
      const headers = { [name]: name === 'forwarded' ? 'for=203.0.113.9' : '203.0.113.9' };
      await assert.rejects(Wire.open(t, gateway.url, { headers, origin: dashboard }), /403/, name);
      const answer = await fetch(gateway.http + '/', { headers });
      const text = await answer.text();
      assert.equal(answer.status, 403, `${name}: ${text.slice(0, 300)}`);
      const body = JSON.parse(text);
      assert.equal(body.error.type, 'proxy_attribution_required');
      if (!reference) assert.match(body.error.message, /trustedProxies/, 'it names the key');
    }
  });

  test('exec approvals reach it and its decision is taken', async (t) => {
    const gateway = await startGateway(t, forBldz);
    const { wire, res } = await browser(t, gateway, { device: new Device() });
    assert.equal(res.ok, true, show(res));
    const asker = await connected(t, gateway);
    const id = randomUUID();
    asker.wire.send({ type: 'req', id: 'ask', method: 'exec.approval.request', params: { id, command: 'ls -la', cwd: '/tmp', host: 'gateway', agentId: 'main', sessionKey: 'agent:main:main', twoPhase: true, timeoutMs: 20_000 } });
    const asked = await wire.event('exec.approval.requested', { where: (p) => p.id === id });
    assert.equal(asked.payload.request.command, 'ls -la');
    await wire.call('exec.approval.resolve', { id, decision: 'allow-once' }, { id: `ea-${Date.now()}` });
    const resolved = await wire.event('exec.approval.resolved', { where: (p) => p.id === id });
    assert.equal(resolved.payload.decision, 'allow-once');
  });
});

// ---- BLDZ on its server ----------------------------------------------------------------------------------------

/** Connect of the server client, which sends it twice when the challenge comes after its 100 ms. */
async function server(t, gateway, { secret = gateway.token, twice = false } = {}) {
  const wire = await Wire.open(t, gateway.url);
  const id = `mc-rpc-${Date.now()}-x-connect`;
  const connect = {
    minProtocol: 3, maxProtocol: 3,
    client: { id: 'gateway-client', displayName: 'Mission Control', version: '2.3.0', platform: 'server', mode: 'backend', instanceId: `mc-server-${process.pid}` },
    role: 'operator', scopes: ['operator.admin', 'operator.write', 'operator.read'], caps: ['tool-events'], auth: { token: secret },
  };
  const res = await wire.connect(connect, { id });
  if (twice) wire.send({ type: 'req', id, method: 'connect', params: connect });
  return { wire, res, id };
}

describe('BLDZ on its server', oursOnly('it refuses protocol 3 operators'), () => {
  test('connect sent twice with one id: a hello, then an error that does not end the socket', async (t) => {
    const gateway = await startGateway(t);
    const { wire, res, id } = await server(t, gateway, { twice: true });
    assert.equal(res.ok, true, show(res));
    const second = await wire.answer(id, 1);
    assert.equal(second.ok, false);
    assert.equal(second.error.code, 'INVALID_REQUEST');
    await wire.call('health', {});
  });

  test('connect sent before the challenge was read is taken', async (t) => {
    const gateway = await startGateway(t);
    const { res } = await server(t, gateway);
    assert.equal(res.ok, true);
    assert.equal(res.payload.protocol, 3);
    assert.equal(res.result, undefined);
  });

  test('a password sent as auth.token is taken', async (t) => {
    const gateway = await startGateway(t, { config: { gateway: { auth: { mode: 'password', password: 'story password', token: undefined } } } });
    const { res } = await server(t, gateway, { secret: 'story password' });
    assert.equal(res.ok, true, show(res));
    const wrong = await server(t, gateway, { secret: 'wrong' });
    assert.equal(wrong.res.ok, false);
  });

  test('agent with expectFinal on the frame: accepted is skipped, the second answer read', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire } = await server(t, gateway);
    const params = { message: 'Review this', agentId: 'main', label: 'review', idempotencyKey: randomUUID(), deliver: false };
    const accepted = await wire.request('agent', params, { id: 'mc-rpc-1', extra: { expectFinal: true } });
    assert.equal(accepted.ok, true, show(accepted));
    assert.equal(accepted.payload.status, 'accepted');
    const final = await wire.answer('mc-rpc-1', 1);
    assert.equal(final.ok, true, show(final));
    assert.equal(final.payload.result.payloads[0].text, quick.join(''));
    assert.ok(['completed', 'complete', 'success', 'succeeded', 'done', 'ok'].includes((await wire.call('agent.wait', { runId: accepted.payload.runId, timeoutMs: 5000 })).status));
  });

  test('chat with an image, its history, and the lists it shows', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire, res } = await server(t, gateway);
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const key = randomUUID();
    const sent = await wire.call('chat.send', {
      sessionKey: 'agent:main:main', message: 'Look', idempotencyKey: key, deliver: false, attachments: [{ type: 'image', mimeType: 'image/png', fileName: 'dot.png', content: png }],
    });
    assert.equal(sent.runId, key);
    await wire.event('chat', { where: (p) => p.runId === key && p.state === 'final' });
    const { messages } = await wire.call('chat.history', { sessionKey: 'agent:main:main', limit: 200 });
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant']);
    const has = (method) => res.payload.features.methods.includes(method);
    if (has('node.list')) assert.ok(Array.isArray((await wire.call('node.list', {})).nodes));
    if (has('channels.status')) {
      const status = await wire.call('channels.status', { probe: false, timeoutMs: 8000 });
      assert.ok(Array.isArray(status.channelOrder) && status.channels && status.channelAccounts);
    }
    const pairs = await wire.call('device.pair.list', {});
    assert.ok(Array.isArray(pairs.paired) && Array.isArray(pairs.pending));
  });

  test('its old method names work, or say "unknown method" so that it falls back', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await server(t, gateway);
    await wire.call('sessions.patch', { key: 'agent:main:old', label: 'Old' });
    const key = 'agent:main:old';
    for (const [method, params] of [
      ['session_setThinking', { sessionKey: key, level: 'low' }],
      ['session_setVerbose', { sessionKey: key, level: 'off' }],
      ['session_setReasoning', { sessionKey: key, level: 'off' }],
      ['session_setLabel', { sessionKey: key, label: 'Newer' }],
      ['sessions_send', { sessionKey: key, message: { type: 'control', action: 'pause' } }],
      ['sessions_kill', { sessionKey: key }],
      ['sessions_spawn', { task: 'say hi', label: 'spawned', runTimeoutSeconds: 30, tools: { profile: 'minimal' } }],
      ['session_delete', { sessionKey: key }],
    ]) {
      const res = await wire.request(method, params);
      if (res.ok) assert.equal(typeof res.payload, 'object', `${method}: ${show(res)}`);
      else assert.match(res.error.message, /unknown method|method not found|no such method|unsupported.*method/, `${method}: ${show(res)}`);
    }
  });

  test('GET /health answers fast, with the version in a header', async (t) => {
    const gateway = await startGateway(t);
    const answer = await fetch(`${gateway.http}/health`, { headers: { authorization: `Bearer ${gateway.token}` } });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { ok: true, status: 'live' });
    assert.match(answer.headers.get('x-openclaw-version') ?? '', /^\d{4}\.\d{1,2}\.\d{1,2}$/);
  });
});
