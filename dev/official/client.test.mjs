// The official client library lives through an ordinary life, and through everything that can be refused to it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { quick } from './lib/model.mjs';
import { refusal, startClient, text } from './lib/official-client.mjs';
import { oursOnly, reference } from './lib/setup.mjs';
import { Wire, connected, operator, refused } from './lib/wire.mjs';

const scopes = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];
const all = (client, more) => ({ token: client.token, scopes, ...more });
const send = (message, sessionKey = 'agent:main:main') => ({ sessionKey, message, idempotencyKey: randomUUID() });
const content = (message) => (typeof message.content === 'string' ? message.content : text(message));

/** Starts the library with everything right, and waits for its hello. */
async function granted(t, gateway, more) {
  const one = startClient(t, gateway, all(gateway, more));
  return { ...one, hi: await one.hello() };
}

describe('an ordinary life at dialect 4', () => {
  test('hello says who we are and what there is', async (t) => {
    const gateway = await startGateway(t);
    const { hi } = await granted(t, gateway);
    assert.equal(hi.protocol, 4);
    assert.equal(hi.auth.role, 'operator');
    assert.deepEqual([...hi.auth.scopes].sort(), [...scopes].sort());
    assert.match(hi.server.version, /^\d{4}\.\d{1,2}\.\d{1,2}$/);
    assert.equal(hi.policy.maxPayload, 25 * 1024 * 1024);
    for (const method of ['health', 'status', 'sessions.list', 'sessions.create', 'sessions.patch', 'sessions.describe', 'chat.send', 'chat.abort', 'chat.history']) {
      assert.ok(hi.features.methods.includes(method), `${method} is advertised`);
    }
    for (const event of ['connect.challenge', 'tick', 'chat', 'agent', 'health', 'presence']) {
      assert.ok(hi.features.events.includes(event), `${event} is advertised`);
    }
  });

  test('health and status', async (t) => {
    const gateway = await startGateway(t);
    const { request } = await granted(t, gateway);
    const health = await request('health', {});
    assert.equal(health.ok, true);
    assert.equal(health.defaultAgentId, 'main');
    assert.ok(Array.isArray(health.agents) && health.agents.some((agent) => agent.isDefault));
    const status = await request('status', {});
    assert.equal(typeof status.sessions.count, 'number');
    assert.ok(Array.isArray(status.channelSummary));
  });

  test('a job is scheduled, changed, run and taken away', async (t) => {
    const gateway = await startGateway(t);
    const { request } = await granted(t, gateway);
    const job = await request('cron.add', {
      name: 'Official job', enabled: true, schedule: { kind: 'every', everyMs: 3_600_000 }, sessionTarget: 'main',
      wakeMode: 'next-heartbeat', payload: { kind: 'systemEvent', text: 'tick' },
    });
    assert.equal(job.state.nextRunAtMs, job.createdAtMs + 3_600_000);
    assert.ok(job.configRevision && job.deliveryPreview.label);
    const listed = await request('cron.list', { includeDisabled: true, sortBy: 'name' });
    assert.ok(listed.jobs.some((row) => row.id === job.id) && listed.snapshotRevision);
    const changed = await request('cron.update', { id: job.id, patch: { enabled: false } });
    assert.deepEqual([changed.enabled, changed.nextRunAtMs], [false, undefined]);
    const begun = await request('cron.run', { id: job.id, mode: 'force' });
    assert.ok(begun.ok && begun.enqueued && begun.runId);
    let entries = [];
    for (let tries = 0; tries < 200 && entries.length === 0; tries += 1) {
      ({ entries } = await request('cron.runs', { id: job.id, runId: begun.runId, limit: 5 }));
      if (entries.length === 0) await pause(25);
    }
    assert.deepEqual([entries[0].status, entries[0].summary, entries[0].jobName], ['ok', 'tick', 'Official job']);
    assert.deepEqual(await request('cron.remove', { id: job.id }), { ok: true, removed: true });
    const gone = await refusal(request('cron.get', { id: job.id }));
    assert.equal(gone.details.code, 'CRON_JOB_NOT_FOUND');
  });

  test('sessions are created, listed, patched and described', async (t) => {
    const gateway = await startGateway(t);
    const { request } = await granted(t, gateway);
    const made = await request('sessions.create', { label: 'Official story' });
    assert.equal(made.ok, true);
    assert.match(made.key, /^agent:main:/);
    assert.ok(made.sessionId);
    const listed = await request('sessions.list', {});
    const row = listed.sessions.find(({ key }) => key === made.key);
    assert.equal(row?.label, 'Official story');
    assert.equal(listed.count, listed.sessions.length);
    const patched = await request('sessions.patch', { key: made.key, label: 'Renamed' });
    assert.equal(patched.ok, true);
    assert.equal(patched.key, made.key);
    assert.equal(patched.entry.label, 'Renamed');
    const described = await request('sessions.describe', { key: made.key });
    assert.equal(described.session.label, 'Renamed');
    assert.equal(described.session.key, made.key);
    assert.deepEqual(await request('sessions.describe', { key: 'agent:main:nobody-was-here' }), { session: null });
    const taken = await refusal(request('sessions.create', { label: 'Renamed' }));
    assert.match(taken.message, /label already in use: Renamed/);
    const cleared = await request('sessions.patch', { key: made.key, label: null });
    assert.equal(cleared.entry.label, undefined);
  });

  for (const model of ['demo', 'story']) {
    test(`chat streams deltas and a final (${model} model)`, model === 'demo' ? oursOnly('it has no demo model') : {}, async (t) => {
      const gateway = await startGateway(t, { model });
      const { request, event, events } = await granted(t, gateway);
      const params = send('What are you?');
      const ack = await request('chat.send', params);
      assert.equal(ack.runId, params.idempotencyKey, 'the run is named by the idempotency key');
      assert.equal(ack.status, 'started');
      const { payload: final } = await event('chat', (p) => p.runId === ack.runId && p.state === 'final', 40_000);
      const deltas = events.filter((e) => e.event === 'chat' && e.payload.runId === ack.runId && e.payload.state === 'delta').map((e) => e.payload);
      assert.ok(deltas.length > 0, 'at least one delta comes before the final');
      let sum = '';
      for (const delta of deltas) {
        assert.equal(delta.sessionKey, 'agent:main:main');
        sum = delta.replace ? delta.deltaText : sum + delta.deltaText;
        assert.equal(text(delta.message), sum, 'the message of a delta is the sum of the deltas');
      }
      assert.ok(text(final.message).startsWith(sum.trimEnd()), 'the final goes on where the deltas ended');
      if (model === 'story') assert.equal(text(final.message), quick.join(''));
      else assert.match(text(final.message), /demo/i, 'the demo model says what it is');
      assert.equal(final.message.role, 'assistant');
      const { messages } = await request('chat.history', { sessionKey: 'agent:main:main' });
      assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant']);
      assert.match(content(messages[0]), /What are you\?/);
      assert.equal(content(messages[1]), text(final.message));
    });
  }

  test('a message retried with the same key runs once', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { request, event, events } = await granted(t, gateway);
    const params = send('Only once');
    const both = await Promise.all([request('chat.send', params), request('chat.send', params)]);
    assert.deepEqual(both.map(({ runId }) => runId), [params.idempotencyKey, params.idempotencyKey]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['in_flight', 'started']);
    await event('chat', (p) => p.runId === params.idempotencyKey && p.state === 'final', 40_000);
    const late = await request('chat.send', params);
    assert.deepEqual({ runId: late.runId, status: late.status }, { runId: params.idempotencyKey, status: 'ok' });
    await request('health', {});
    const finals = events.filter((e) => e.event === 'chat' && e.payload.state === 'final');
    assert.equal(finals.length, 1, 'there is one final');
    const { messages } = await request('chat.history', { sessionKey: 'agent:main:main' });
    assert.equal(messages.filter(({ role }) => role === 'user').length, 1, 'the transcript holds the message once');
    if (!reference) assert.equal(gateway.model.requests.length, 1, 'the model was asked once');
  });

  test('agent answers twice: accepted, then the result', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { request } = await granted(t, gateway);
    const key = randomUUID();
    const accepted = [];
    const result = await request(
      'agent', { message: 'Hello', sessionKey: 'agent:main:main', idempotencyKey: key },
      { expectFinal: true, timeoutMs: 40_000, onAccepted: (payload) => accepted.push(payload) },
    );
    assert.equal(accepted.length, 1);
    assert.equal(accepted[0].status, 'accepted');
    assert.equal(accepted[0].runId, key);
    assert.equal(result.status, 'ok');
    assert.equal(result.runId, key);
    assert.equal(result.result.payloads.map((part) => part.text).join(''), quick.join(''));
    const waited = await request('agent.wait', { runId: key, timeoutMs: 5000 });
    assert.equal(waited.status, 'ok');
    const nothing = await request('agent.wait', { runId: randomUUID(), timeoutMs: 50 });
    assert.equal(nothing.status, 'timeout');
  });

  test('a run is aborted, and what it said stays', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { request, event, events } = await granted(t, gateway);
    const params = send('be slow');
    const { runId } = await request('chat.send', params);
    await event('chat', (p) => p.runId === runId && p.state === 'delta', 40_000);
    const aborted = await request('chat.abort', { sessionKey: 'agent:main:main', runId });
    assert.deepEqual({ ok: aborted.ok, aborted: aborted.aborted, runIds: aborted.runIds }, { ok: true, aborted: true, runIds: [runId] });
    const { payload } = await event('chat', (p) => p.runId === runId && p.state === 'aborted');
    assert.equal(payload.stopReason, 'rpc');
    assert.match(text(payload.message), /^word0 /);
    const again = await request('chat.abort', { sessionKey: 'agent:main:main' });
    assert.deepEqual({ ok: again.ok, aborted: again.aborted, runIds: again.runIds }, { ok: true, aborted: false, runIds: [] });
    assert.equal(events.filter((e) => e.event === 'chat' && e.payload.state === 'final' && e.payload.runId === runId).length, 0);
  });

  test('an empty message, an unknown parameter and an unknown method are refused by name', async (t) => {
    const gateway = await startGateway(t);
    const { request } = await granted(t, gateway);
    const empty = await refusal(request('chat.send', send('')));
    assert.equal(empty.gatewayCode, 'INVALID_REQUEST');
    assert.match(empty.message, /message or attachment required/);
    const unknown = await refusal(request('sessions.list', { noSuchParam: 1 }));
    assert.equal(unknown.gatewayCode, 'INVALID_REQUEST');
    assert.match(unknown.message, /^invalid sessions\.list params: .*noSuchParam/);
    const missing = await refusal(request('sessions.preview', {}));
    assert.match(missing.message, /^invalid sessions\.preview params: .*keys/);
    const method = await refusal(request('no.such.method', {}));
    assert.equal(method.gatewayCode, 'INVALID_REQUEST');
    assert.match(method.message, /^unknown method: no\.such\.method/);
    const node = await refusal(request('node.invoke.result', { id: 'x', nodeId: 'y', ok: true }));
    assert.match(node.message, /^unauthorized role: operator$/);
  });

  test('scopes decide, and the refusal names the missing one', async (t) => {
    const gateway = await startGateway(t);
    const { request, hi } = await granted(t, gateway, { scopes: ['operator.read'] });
    assert.deepEqual(hi.auth.scopes, ['operator.read']);
    await request('sessions.list', {});
    const write = await refusal(request('chat.send', send('x')));
    assert.equal(write.gatewayCode, 'FORBIDDEN');
    assert.equal(write.message, 'missing scope: operator.write');
    assert.equal(write.details.code, 'MISSING_SCOPE');
    assert.equal(write.details.missingScope, 'operator.write');
    assert.deepEqual(write.details.requiredScopes, ['operator.write']);
    const unknown = await refusal(request('no.such.method', {}));
    assert.equal(unknown.message, 'missing scope: operator.admin', 'no oracle for methods');
    const none = await granted(t, gateway, { scopes: [] });
    assert.deepEqual(none.hi.auth.scopes, []);
    await none.request('health', {});
    const list = await refusal(none.request('sessions.list', {}));
    assert.equal(list.message, 'missing scope: operator.read');
  });

  test('without a device only a backend and the CLI keep scopes', async (t) => {
    const gateway = await startGateway(t);
    for (const [clientName, mode, kept] of [
      ['cli', 'cli', true], ['gateway-client', 'backend', true], ['gateway-client', 'ui', false], ['test', 'test', false],
    ]) {
      const { hi, request } = await granted(t, gateway, { clientName, mode });
      assert.deepEqual([...hi.auth.scopes].sort(), kept ? [...scopes].sort() : [], `${clientName}/${mode}`);
      await request('health', {});
      if (!kept) assert.equal((await refusal(request('sessions.list', {}))).gatewayCode, 'FORBIDDEN');
    }
  });
});

describe('with a device', () => {
  const ui = { clientName: 'openclaw-macos', mode: 'ui', platform: 'darwin' };

  test('the right secret pairs it silently on loopback, and its token connects it again', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    const tokens = new Map();
    const first = await granted(t, gateway, { ...ui, device, tokens });
    assert.ok(first.hi.auth.deviceToken, 'hello carries a device token');
    assert.deepEqual([...first.hi.auth.scopes].sort(), [...scopes].sort());
    assert.equal(tokens.get(`${device.id}:operator`).token, first.hi.auth.deviceToken);
    await first.request('sessions.list', {});
    await first.client.stopAndWait();

    const second = await granted(t, gateway, { ...ui, device, tokens, token: undefined });
    assert.equal(second.hi.auth.role, 'operator');
    assert.ok(second.hi.auth.scopes.includes('operator.write'));
    await second.request('sessions.list', {});
    const { paired } = await second.request('device.pair.list', {});
    assert.deepEqual(paired.map(({ deviceId }) => deviceId), [device.id]);
    assert.ok(!JSON.stringify(paired).includes(first.hi.auth.deviceToken), 'tokens are never listed');
  });

  test('it comes back by itself after a restart, which is announced', async (t) => {
    const gateway = await startGateway(t, reference ? { env: { OPENCLAW_NO_RESPAWN: '1' } } : {});
    const device = new Device();
    const tokens = new Map();
    const first = await granted(t, gateway, { ...ui, device, tokens });
    await first.client.stopAndWait();
    const second = await granted(t, gateway, { ...ui, device, tokens, token: undefined });
    await gateway.stop();
    const { code, reason } = await second.until(() => second.closes[0], 'the close');
    if (!reference) {
      assert.deepEqual({ code, reason }, { code: 1012, reason: 'service restart' });
      assert.ok(second.events.some((e) => e.event === 'shutdown' && e.payload.reason), 'shutdown comes first');
    }
    await gateway.start();
    const hi = await second.hello(1, 40_000);
    assert.equal(hi.auth.role, 'operator');
    await second.request('sessions.list', {});
  });

  test('a revoked device token ends the live socket and is refused until the owner admits the device again', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    const tokens = new Map();
    const owner = await granted(t, gateway);
    const first = await granted(t, gateway, { ...ui, device, tokens });
    await first.client.stopAndWait();
    const second = await granted(t, gateway, { ...ui, device, tokens, token: undefined });
    const revoked = await owner.request('device.token.revoke', { deviceId: device.id, role: 'operator' });
    assert.deepEqual({ deviceId: revoked.deviceId, role: revoked.role }, { deviceId: device.id, role: 'operator' });
    const { code } = await second.until(() => second.closes[0], 'the close', 5000);
    assert.equal(code, 4001);
    const { detailCode } = await second.until(() => second.paused[0], 'reconnecting pauses');
    assert.ok(['AUTH_DEVICE_TOKEN_MISMATCH', 'PAIRING_REQUIRED'].includes(detailCode), detailCode);
    if (detailCode === 'AUTH_DEVICE_TOKEN_MISMATCH') assert.equal(tokens.size, 0, 'the client dropped its token');
    if (reference) return;
    // The way back: whatever the client still holds, it is told to drop it or to wait for the owner, never left without a way.
    for (let attempt = 1; ; attempt++) {
      assert.ok(attempt <= 4, 'it is in after at most four attempts');
      const again = startClient(t, gateway, { ...ui, scopes, device, tokens });
      await again.until(() => again.hellos[0] ?? again.paused[0], 'an answer');
      if (again.hellos[0]) {
        assert.ok(again.hellos[0].auth.deviceToken && again.hellos[0].auth.deviceToken !== first.hi.auth.deviceToken, 'with a new token');
        break;
      }
      const why = again.paused[0].detailCode;
      if (why === 'PAIRING_REQUIRED') {
        const { pending } = await owner.request('device.pair.list', {});
        const asked = pending.find(({ deviceId }) => deviceId === device.id);
        assert.ok(asked, 'the device asks to be admitted again');
        await owner.request('device.pair.approve', { requestId: asked.requestId });
      } else {
        assert.equal(why, 'AUTH_DEVICE_TOKEN_MISMATCH', `${again.errors[0].message} leaves the client its useless token`);
        assert.equal(tokens.size, 0, 'the client dropped its token');
      }
    }
  });
});

describe('refusals that end reconnecting', () => {
  /** Starts a client that is refused, and sees that it gave up. */
  async function givesUp(t, gateway, options, { detailCode, code = 1008, message, gatewayCode = 'INVALID_REQUEST' }) {
    const one = startClient(t, gateway, { scopes, ...options });
    const error = await one.refusal();
    assert.match(error.message, message);
    assert.equal(error.gatewayCode, gatewayCode);
    assert.equal(error.details?.code, detailCode, `details.code of "${error.message}"`);
    const paused = await one.until(() => one.paused[0], 'reconnecting pauses');
    assert.equal(paused.detailCode, detailCode);
    assert.equal(paused.code, code);
    const before = one.closes.length;
    await pause(1500);
    assert.equal(one.closes.length, before, 'no further attempt after the first backoff');
    assert.equal(one.hellos.length, 0);
    return { ...one, error };
  }

  test('a wrong token', async (t) => {
    const gateway = await startGateway(t);
    const { error } = await givesUp(t, gateway, { token: 'wrong' }, { detailCode: 'AUTH_TOKEN_MISMATCH', message: /^unauthorized: gateway token mismatch \(/ });
    assert.ok(!JSON.stringify(error.details).includes(gateway.token));
    assert.equal(error.details.authReason, 'token_mismatch');
    assert.equal(error.details.canRetryWithDeviceToken, false);
  });

  test('a wrong token beside a device', async (t) => {
    const gateway = await startGateway(t);
    await givesUp(t, gateway, { token: 'wrong', device: new Device() }, { detailCode: 'AUTH_TOKEN_MISMATCH', message: /^unauthorized: gateway token mismatch/ });
  });

  test('no token, with a device', async (t) => {
    const gateway = await startGateway(t);
    // With us the device's signature counts, so that what it lacks is the owner's approval.
    await givesUp(t, gateway, { device: new Device() }, reference
      ? { detailCode: 'AUTH_TOKEN_MISSING', message: /^unauthorized: gateway token missing \(/ }
      : { detailCode: 'PAIRING_REQUIRED', gatewayCode: 'NOT_PAIRED', message: /pairing required/ });
  });

  test('no credential at all', async (t) => {
    const gateway = await startGateway(t);
    await givesUp(t, gateway, {}, { detailCode: 'DEVICE_IDENTITY_REQUIRED', gatewayCode: 'NOT_PAIRED', message: /device identity required/ });
  });

  test('a device token that nobody issued', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    const tokens = new Map([[`${device.id}:operator`, { token: 'A'.repeat(43), scopes }]]);
    const { tokens: left } = await givesUp(t, gateway, { device, tokens }, { detailCode: 'AUTH_DEVICE_TOKEN_MISMATCH', message: /^unauthorized: device token mismatch/ });
    assert.equal(left.size, 0);
  });

  test('a wrong password', async (t) => {
    const gateway = await startGateway(t, { config: { gateway: { auth: { mode: 'password', password: 'story password', token: undefined } } } });
    await givesUp(t, gateway, { password: 'wrong' }, { detailCode: 'AUTH_PASSWORD_MISMATCH', message: /^unauthorized: gateway password mismatch/ });
    const right = startClient(t, gateway, { password: 'story password', scopes });
    assert.equal((await right.hello()).auth.role, 'operator');
  });

  test('no protocol in common', async (t) => {
    const gateway = await startGateway(t);
    await givesUp(t, gateway, { token: gateway.token, minProtocol: 5, maxProtocol: 6 }, { detailCode: 'PROTOCOL_MISMATCH', code: 1002, message: /^protocol mismatch/ });
  });

  test('a Control UI without a device', async (t) => {
    const gateway = await startGateway(t);
    await givesUp(
      t, gateway, { token: gateway.token, clientName: 'openclaw-control-ui', mode: 'ui', origin: gateway.http },
      { detailCode: 'CONTROL_UI_DEVICE_IDENTITY_REQUIRED', message: /device identity/ },
    );
  });
});

describe('proofs of a device that do not hold', () => {
  const client = { id: 'openclaw-macos', version: '1', platform: 'darwin', mode: 'ui' };
  const facts = (gateway, challenge) => ({ client, scopes, token: gateway.token, nonce: challenge.nonce, signedAt: challenge.ts });
  for (const [what, make, message, details] of [
    ['a wrong signature', (d, f) => ({ ...d.prove(f), signature: new Device().prove(f).signature }), /^device signature invalid/, 'DEVICE_AUTH_SIGNATURE_INVALID'],
    ['a signature over other scopes', (d, f) => d.prove({ ...f, scopes: ['operator.read'] }), /^device signature invalid/, 'DEVICE_AUTH_SIGNATURE_INVALID'],
    ['a v1 signature', (d, f) => ({ ...d.prove({ ...f, version: 1 }), nonce: f.nonce }), /^device signature invalid/, 'DEVICE_AUTH_SIGNATURE_INVALID'],
    ['an old signature', (d, f) => d.prove({ ...f, signedAt: f.signedAt - 125_000 }), /^device signature expired/, 'DEVICE_AUTH_SIGNATURE_EXPIRED'],
    ["another challenge's nonce", (d, f) => d.prove({ ...f, nonce: randomUUID() }), /^device nonce mismatch/, 'DEVICE_AUTH_NONCE_MISMATCH'],
    ["another key's id", (d, f) => d.prove({ ...f, id: new Device().id }), /^device identity mismatch/, 'DEVICE_AUTH_DEVICE_ID_MISMATCH'],
    ['a blank nonce', (d, f) => ({ ...d.prove({ ...f, nonce: ' ' }) }), /^device nonce required/, 'DEVICE_AUTH_NONCE_REQUIRED'],
  ]) {
    test(what, async (t) => {
      const gateway = await startGateway(t);
      const wire = await Wire.open(t, gateway.url);
      const challenge = await wire.challenge();
      const device = make(new Device(), facts(gateway, challenge));
      const res = await wire.connect(operator({ token: gateway.token, client, scopes, device }));
      await refused(wire, res, { code: 'INVALID_REQUEST', message, details, reason: message });
    });
  }

  for (const version of [2, 3]) {
    test(`a right v${version} signature is admitted`, async (t) => {
      const gateway = await startGateway(t);
      const { hello } = await connected(t, gateway, (challenge) =>
        operator({ token: gateway.token, client, scopes, device: new Device().prove({ ...facts(gateway, challenge), version }) }));
      assert.ok(hello.auth.deviceToken);
    });
  }

  test('a device without the nonce key is refused at dialect 4', async (t) => {
    const gateway = await startGateway(t);
    const wire = await Wire.open(t, gateway.url);
    const challenge = await wire.challenge();
    const res = await wire.connect(operator({ token: gateway.token, client, scopes, device: new Device().prove({ ...facts(gateway, challenge), version: 1 }) }));
    assert.equal(res.ok, false);
    assert.match(res.error.message, /nonce/);
  });
});

describe('the same life at dialect 3', oursOnly('it refuses protocol 3 operators'), () => {
  const three = { minProtocol: 3, maxProtocol: 3 };

  test('hello, calls and refusals have the shapes of 3', async (t) => {
    const gateway = await startGateway(t);
    const { wire, hello } = await connected(t, gateway, three);
    assert.equal(hello.type, 'hello-ok');
    assert.equal(hello.protocol, 3);
    assert.ok(Array.isArray(hello.features.methods) && Array.isArray(hello.features.events));
    assert.match(hello.server.version, /^\d{4}\.\d{1,2}\.\d{1,2}$/);
    assert.equal(hello.policy.maxPayload, 25 * 1024 * 1024, 'dialect 3 gets 25 MiB too');
    assert.equal((await wire.call('health', {})).ok, true);
    await wire.call('status', {});
    const made = await wire.call('sessions.patch', { key: 'agent:main:three', label: 'Three' });
    assert.equal(made.entry.label, 'Three', 'patch creates what is missing');
    const { sessions } = await wire.call('sessions.list', {});
    assert.ok(sessions.some(({ key, label }) => key === 'agent:main:three' && label === 'Three'));
    assert.ok(wire.received.every((frame) => !('result' in frame)), 'nobody but the client of spec 001 gets result');
    const reader = await connected(t, gateway, { ...three, scopes: ['operator.read'] });
    const res = await reader.wire.request('chat.send', send('x'));
    assert.equal(res.error.message, 'missing scope: operator.write');
    assert.equal(res.error.details.code, 'MISSING_SCOPE', 'details.code is always there');
  });

  test('chat, its retry, and the final', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire } = await connected(t, gateway, three);
    const params = send('Hello');
    assert.deepEqual(await wire.call('chat.send', params), { runId: params.idempotencyKey, status: 'started' });
    const final = await wire.event('chat', { where: (p) => p.state === 'final' });
    assert.equal(text(final.payload.message), quick.join(''));
    const deltas = wire.received.filter((f) => f.event === 'chat' && f.payload.state === 'delta').map((f) => text(f.payload.message));
    assert.ok(deltas.length > 0 && deltas.every((part) => quick.join('').startsWith(part)), 'deltas are cumulative');
    assert.deepEqual(await wire.call('chat.send', params), { runId: params.idempotencyKey, status: 'ok' });
    const { messages } = await wire.call('chat.history', { sessionKey: 'main' });
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant'], 'main is short for agent:main:main');
  });

  test('abort', async (t) => {
    const gateway = await startGateway(t, { model: 'story' });
    const { wire } = await connected(t, gateway, three);
    const { runId } = await wire.call('chat.send', send('be slow'));
    await wire.event('chat', { where: (p) => p.state === 'delta' });
    assert.deepEqual(await wire.call('chat.abort', { sessionKey: 'agent:main:main', runId }), { ok: true, aborted: true, runIds: [runId] });
    const { payload } = await wire.event('chat', { where: (p) => p.state === 'aborted' });
    assert.equal(payload.stopReason, 'rpc');
  });

  test('a device reconnects with its token in auth.token', async (t) => {
    const gateway = await startGateway(t);
    const device = new Device();
    const client = { id: 'openclaw-ios', version: '1', platform: 'ios', mode: 'ui' };
    const with3 = (token) => (challenge) =>
      operator({ ...three, token, client, scopes, device: device.prove({ client, scopes, token, nonce: challenge.nonce, signedAt: challenge.ts }) });
    const first = await connected(t, gateway, with3(gateway.token));
    const issued = first.hello.auth.deviceToken;
    assert.ok(issued);
    const second = await connected(t, gateway, with3(issued));
    await second.wire.call('sessions.list', {});
    const thief = await Wire.open(t, gateway.url);
    await thief.challenge();
    const res = await thief.connect(operator({ ...three, token: issued, client: { id: 'gateway-client', version: '1', platform: 'linux', mode: 'backend' }, scopes }));
    assert.equal(res.ok, false, 'a device token is useless without its device');
  });

  test('wrong and missing tokens are refused with text, code and close', async (t) => {
    const gateway = await startGateway(t);
    for (const [auth, message, details] of [
      [{ token: 'wrong' }, /^unauthorized: gateway token mismatch \(/, 'AUTH_TOKEN_MISMATCH'],
      [undefined, /device identity required/, 'DEVICE_IDENTITY_REQUIRED'],
    ]) {
      const wire = await Wire.open(t, gateway.url);
      await wire.challenge();
      const res = await wire.connect({ ...operator(three), ...(auth ? { auth } : {}) });
      await refused(wire, res, { message, details, reason: message });
    }
  });
});

test('ping is a method at every dialect', oursOnly('it has no ping'), async (t) => {
  const gateway = await startGateway(t);
  for (const protocol of [1, 3, 4]) {
    const { wire } = await connected(t, gateway, { minProtocol: protocol, maxProtocol: protocol });
    const res = await wire.request('ping', undefined);
    assert.deepEqual({ type: res.type, ok: res.ok }, { type: 'res', ok: true });
  }
  const { wire } = await connected(t, gateway, { scopes: [] });
  assert.equal((await wire.request('ping', undefined)).ok, true, 'ping needs no scope');
});

test('the highest version in common is picked', oursOnly('it speaks 4 alone'), async (t) => {
  const gateway = await startGateway(t);
  for (const [minProtocol, maxProtocol, picked] of [[1, 4, 4], [3, 4, 4], [1, 3, 3], [1, 2, 1], [4, 9, 4], [2, 3, 3]]) {
    const { hello } = await connected(t, gateway, { minProtocol, maxProtocol });
    assert.equal(hello.protocol, picked, `${minProtocol}..${maxProtocol}`);
  }
  for (const [minProtocol, maxProtocol] of [[2, 2], [5, 5], [4, 3]]) {
    const wire = await Wire.open(t, gateway.url);
    await wire.challenge();
    const res = await wire.connect(operator({ token: gateway.token, minProtocol, maxProtocol }));
    await refused(wire, res, { code: 'INVALID_REQUEST', message: /^protocol mismatch/, details: 'PROTOCOL_MISMATCH', close: 1002, reason: /^protocol mismatch/ });
  }
});
