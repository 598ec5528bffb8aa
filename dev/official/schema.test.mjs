// Every frame that a gateway sends to a client that is no UI, at dialect 4, follows the published schema.
// Every Wire of these stories is judged; here they also call everything that the hello advertises.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { frameViolations, map, official, violations } from './lib/schema.mjs';
import { reference } from './lib/setup.mjs';
import { Wire, connected, operator } from './lib/wire.mjs';

const pascal = (method) => method.split(/[.-]/).map((word) => word[0].toUpperCase() + word.slice(1)).join('');

function filled(params, names) {
  if (params === null) return undefined;
  return JSON.parse(JSON.stringify(params), (_, value) => {
    if (value === '$uuid') return randomUUID();
    return typeof value === 'string' && value in names ? names[value] : value;
  });
}

/** What is wrong with the rows and members of an answer that have a definition of their own. */
function partViolations(method, payload) {
  return Object.entries(map.methods[method]?.parts ?? {}).flatMap(([at, name]) => {
    const [, key, kind] = /^(\w*)(\[\]|\?)?$/.exec(at);
    const value = key === '' ? payload : payload[key];
    if (kind === '[]') return value.flatMap((item) => violations(name, item));
    if (kind === '?' && value === null) return [];
    return violations(name, value);
  });
}

test('the judge itself refuses what the schema refuses', () => {
  const tick = (payload) => frameViolations({ type: 'event', event: 'tick', payload, seq: 1 });
  assert.deepEqual(tick({ ts: 1 }), []);
  assert.notDeepEqual(tick({ ts: 1, snapshot: { sessions: [] } }), []);
  assert.notDeepEqual(tick({}), []);
  assert.notDeepEqual(frameViolations({ type: 'event', event: 'no.such.event', payload: {} }), []);
  assert.notDeepEqual(frameViolations({ type: 'res', id: 'a', ok: true, payload: {}, result: {} }, 'health'), []);
  assert.notDeepEqual(frameViolations({ type: 'res', id: 'a', ok: true, payload: { type: 'hello-ok' } }, 'connect'), []);
  assert.notDeepEqual(frameViolations({ type: 'res', id: 'a', ok: false, error: { code: 'X' } }, 'health'), []);
});

test('the map names definitions that exist, and calls that the schema allows', () => {
  const wrong = [];
  for (const [method, { result, parts = {}, calls = [] }] of Object.entries(map.methods)) {
    for (const name of [result, ...Object.values(parts)]) {
      if (name && !official.definitions[name]) wrong.push(`${method}: no definition ${name}`);
    }
    const params = `${pascal(method)}Params`;
    if (!official.definitions[params]) continue;
    for (const call of calls) {
      wrong.push(...violations(params, filled(call, { $session: 'agent:main:main', $agent: 'main', $device: 'd', $job: 'j', $wizard: 'w', $step: 's' }) ?? {}));
    }
  }
  for (const name of Object.values(map.events)) {
    if (name !== null && !official.definitions[name]) wrong.push(`no definition ${name}`);
  }
  assert.deepEqual(wrong, []);
});

test('every advertised method that the map can call is granted and answers as the schema says', async (t) => {
  const gateway = await startGateway(t);
  const { wire, hello } = await connected(t, gateway, { client: { id: 'cli', version: '1.0.0', platform: 'linux', mode: 'cli' }, caps: ['tool-events'] });
  const created = await wire.call('sessions.create', { label: 'names of the story' });
  const device = new Device();
  const client = { id: 'openclaw-macos', version: '1.0.0', platform: 'darwin', mode: 'ui' };
  await connected(t, gateway, ({ nonce, ts }) =>
    operator({ token: gateway.token, client, scopes: ['operator.read'], device: device.prove({ client, scopes: ['operator.read'], token: gateway.token, nonce, signedAt: ts }) }));
  const job = reference ? undefined : await wire.call('cron.add', { name: 'names of the story', enabled: false, schedule: { kind: 'every', everyMs: 3_600_000 }, sessionTarget: 'main', wakeMode: 'next-heartbeat', payload: { kind: 'systemEvent', text: 'story' } });
  const names = { $job: job?.id, $device: device.id, $session: created.key, $agent: hello.snapshot.sessionDefaults?.defaultAgentId ?? 'main' };
  // Ours tells of more than hellos list: what only views of official clients ask about.
  const told = reference ? hello.features.methods : (await wire.call('methods.list', {})).methods.filter((one) => !one.unavailable).map((one) => one.name);
  const methods = new Set(told);
  const uncalled = [];
  for (const [method, { calls, result }] of Object.entries(map.methods)) {
    if (!methods.has(method) || (reference && ['models.list', 'update.status', 'skills.status'].includes(method))) continue;
    if (!calls) {
      uncalled.push(`${method} (${result})`);
      continue;
    }
    for (const call of calls) {
      await t.test(`${method} ${JSON.stringify(call)}`, async () => {
        const params = filled(call, names);
        const res = await wire.request(method, params, { within: 40_000 });
        assert.equal(res.ok, true, `${method} ${JSON.stringify(params)} was answered ${JSON.stringify(res)}`);
        const wrong = [...frameViolations(res, method), ...partViolations(method, res.payload)];
        assert.deepEqual(wrong, [], JSON.stringify(res.payload)?.slice(0, 2000));
        if (method === 'wizard.start') Object.assign(names, { $wizard: res.payload.sessionId, $step: res.payload.step.id });
        if (method === 'agent') await wire.answer(res.id, 1, { within: 40_000 });
        if (method === 'chat.send') {
          await wire.event('chat', { where: (p) => p.runId === res.payload.runId && p.state === 'final', within: 40_000 });
        }
      });
    }
  }
  if (!reference) {
    await t.test('no advertised method with a definition is left uncalled', () => assert.deepEqual(uncalled, []));
    await t.test('no method that the schema describes is missing in the map', () => {
      const missing = [...methods].filter((m) => official.definitions[`${pascal(m)}Result`] && !map.methods[m]);
      assert.deepEqual(missing, []);
    });
  }
  assert.deepEqual([...new Set(hello.features.methods)], hello.features.methods, 'no method is advertised twice');
  assert.deepEqual([...new Set(hello.features.events)], hello.features.events, 'no event is advertised twice');
});

test('events of a whole run follow the schema, and their seq has no gap', async (t) => {
  const gateway = await startGateway(t, { model: 'story' });
  const { wire } = await connected(t, gateway, { caps: ['tool-events'] });
  const other = await connected(t, gateway);
  await wire.call('sessions.subscribe', {});
  await wire.call('sessions.messages.subscribe', { key: 'agent:main:main' });
  const { runId } = await wire.call('chat.send', { sessionKey: 'agent:main:main', message: 'hello', idempotencyKey: randomUUID() });
  for (const one of [wire, other.wire]) {
    await one.event('chat', { where: (p) => p.runId === runId && p.state === 'final', within: 40_000 });
    const seqs = one.received.filter((f) => f.type === 'event' && f.seq !== undefined).map((f) => f.seq);
    assert.deepEqual(seqs, seqs.map((_, n) => n + 1), 'seq counts from 1 on each connection');
    const agent = one.received.filter((f) => f.event === 'agent' && f.payload.runId === runId).map((f) => f.payload);
    assert.ok(agent.some((p) => p.stream === 'lifecycle' && p.data.phase === 'start'), 'the run starts');
    assert.ok(agent.some((p) => p.stream === 'assistant'), 'the run speaks');
    assert.ok(agent.every((p, n) => n === 0 || p.seq > agent[n - 1].seq), 'seq of the run rises');
  }
  await other.wire.call('sessions.patch', { key: 'agent:main:main', label: 'changed' });
  await wire.event('sessions.changed', { where: (p) => p.sessionKey === 'agent:main:main' });
  await wire.until((f) => f.event === 'session.message', 'session.message');
});

test('a tick to a client that is no UI carries ts alone', async (t) => {
  const gateway = await startGateway(t, reference ? {} : { config: { gateway: { tickIntervalMs: 1000 } } });
  const { wire } = await connected(t, gateway);
  const tick = await wire.event('tick', { within: 35_000 });
  assert.deepEqual(Object.keys(tick.payload), ['ts']);
});

test('errors follow the schema too', async (t) => {
  const gateway = await startGateway(t);
  const { wire } = await connected(t, gateway, { scopes: ['operator.read'] });
  const answers = [];
  for (const [method, params] of [
    ['no.such.method', {}],
    ['chat.send', { sessionKey: 'main', message: 'x', idempotencyKey: randomUUID() }],
    ['sessions.list', { noSuchParam: 1 }],
    ['sessions.preview', {}],
    ['node.event', { event: 'x' }],
  ]) {
    const res = await wire.request(method, params);
    assert.equal(res.ok, false, `${method} is refused, not ${JSON.stringify(res)}`);
    answers.push(res);
  }
  assert.equal(answers.length, 5);
  const stranger = await Wire.open(t, gateway.url);
  await stranger.challenge();
  const res = await stranger.connect({ minProtocol: 4, maxProtocol: 4, client: { id: 'cli', version: '1', platform: 'linux', mode: 'cli' }, auth: { token: 'wrong' } });
  assert.deepEqual(frameViolations(res, 'connect'), []);
});
