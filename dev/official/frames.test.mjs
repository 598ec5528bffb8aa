// Frames good and bad, replayed from fixtures, and limits that a fixture cannot hold.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { load, oursOnly, reference } from './lib/setup.mjs';
import { Wire, connected, operator } from './lib/wire.mjs';

const show = (value) => JSON.stringify(value)?.slice(0, 800);
const MiB = 1024 * 1024;
const WebSocket = (await load('ws')).default;

/** Whether `got` has everything that `want` says; a string that starts with ~ is a pattern. */
function assertHas(got, want, where) {
  if (typeof want === 'string' && want.startsWith('~')) return assert.match(String(got), new RegExp(want.slice(1)), where);
  if (want === null || typeof want !== 'object') return assert.deepEqual(got, want, where);
  assert.ok(got !== null && typeof got === 'object', `${where} is there`);
  for (const [key, value] of Object.entries(want)) assertHas(got[key], value, `${where}.${key}`);
  return undefined;
}

function stories(name) {
  const lines = fs.readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  const all = [];
  for (const line of lines) {
    if (line.story) all.push({ name: line.story, steps: [] });
    else all.at(-1).steps.push(line);
  }
  return all;
}

async function closed(wire, within = 10_000) {
  const timer = new Promise((resolve) => setTimeout(resolve, within, undefined).unref());
  const end = await Promise.race([wire.closed, timer]);
  assert.ok(end, `the socket is closed within ${within} ms; received ${show(wire.received.slice(1))}`);
  return end;
}

const steps = {
  text: (wire, { text }) => wire.send(text),
  binary: (wire, { binary }) => wire.send(Buffer.from(binary)),
  send: (wire, { send }) => wire.send(send),
  nested: (wire, { nested }) => wire.send(`{"type":"req","id":"deep","method":"health","params":{"a":${'['.repeat(nested)}${']'.repeat(nested)}}}`),
  connect: (wire, { connect }, gateway) => {
    wire.willBeOfficial = true;
    wire.send({ type: 'req', id: 'c', method: 'connect', params: { ...operator({ token: gateway.token }), ...connect } });
  },
  res: async (wire, { res, nth = 0 }) => {
    const got = await wire.answer(res.id, nth);
    assertHas(got, res, show(got));
  },
  close: async (wire, { close }) => {
    const end = await closed(wire);
    assertHas(end, close, show(end));
  },
  alive: (wire) => wire.call('health', {}, { id: 'alive' }),
};

for (const name of ['bad-frames.jsonl', 'good-frames.jsonl']) {
  describe(name, oursOnly('it is stricter here, or silent'), () => {
    for (const story of stories(name)) {
      test(story.name, async (t) => {
        const gateway = await startGateway(t);
        const wire = await Wire.open(t, gateway.url);
        await wire.challenge();
        for (const step of story.steps) await steps[Object.keys(step)[0]](wire, step, gateway);
      });
    }
  });
}

describe('limits', () => {
  test('64 KiB before connect, and one byte more closes 1009', async (t) => {
    const gateway = await startGateway(t);
    const frame = (size) => {
      const params = operator({ token: gateway.token, userAgent: '' });
      const make = () => JSON.stringify({ type: 'req', id: 'c', method: 'connect', params });
      params.userAgent = 'x'.repeat(size - make().length);
      return make();
    };
    const fits = await Wire.open(t, gateway.url);
    await fits.challenge();
    fits.send(frame(64 * 1024));
    assert.equal((await fits.answer('c')).ok, true);
    const over = await Wire.open(t, gateway.url);
    await over.challenge();
    over.send(frame(64 * 1024 + 1));
    assert.equal((await closed(over)).code, 1009);
  });

  test('25 MiB after hello, and one byte more closes 1009', async (t) => {
    const gateway = await startGateway(t);
    const frame = (size) => {
      const empty = JSON.stringify({ type: 'req', id: 'big', method: 'health', params: {}, filler: '' });
      return empty.replace('"filler":""', `"filler":"${'x'.repeat(size - empty.length)}"`);
    };
    const { wire, hello } = await connected(t, gateway);
    assert.equal(hello.policy.maxPayload, 25 * MiB);
    wire.send(frame(25 * MiB));
    const res = await wire.answer('big');
    if (!reference) assert.equal(res.ok, true, show(res));
    wire.send(frame(25 * MiB + 1));
    assert.equal((await closed(wire)).code, 1009);
  });

  test('a message in fragments is one frame, with a ping between them', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway);
    const text = JSON.stringify({ type: 'req', id: 'parts', method: 'health', params: {} });
    const pong = new Promise((resolve) => wire.socket.once('pong', (data) => resolve(data.toString())));
    wire.socket.send(text.slice(0, 5), { fin: false });
    wire.socket.ping('still here');
    wire.socket.send(text.slice(5, 20), { fin: false });
    wire.socket.send(text.slice(20), { fin: true });
    assert.equal(await pong, 'still here');
    assert.equal((await wire.answer('parts')).ok, true);
  });

  test('fifty requests at once are answered once each', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway);
    const ids = Array.from({ length: 50 }, (_, n) => `many-${n}`);
    for (const id of ids) wire.send({ type: 'req', id, method: 'sessions.list', params: {} });
    for (const id of ids) assert.equal((await wire.answer(id, 0, { within: 30_000 })).ok, true);
    await wire.call('health', {});
    assert.equal(wire.received.filter((f) => f.type === 'res' && ids.includes(f.id)).length, 50);
  });

  test('compression is never negotiated', async (t) => {
    const gateway = await startGateway(t);
    const socket = new WebSocket(gateway.url, { perMessageDeflate: true });
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
    assert.equal(socket.extensions, '');
    socket.terminate();
  });

  test('who never connects is closed when the handshake time is over', async (t) => {
    const gateway = await startGateway(t, { env: { OPENCLAW_HANDSHAKE_TIMEOUT_MS: '1000' } });
    const wire = await Wire.open(t, gateway.url);
    await wire.challenge();
    assert.deepEqual(await closed(wire), { code: 1008, reason: 'handshake timeout' });
  });

  test('text that is not UTF-8 closes 1007', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway);
    wire.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
    assert.equal((await closed(wire)).code, 1007);
  });

  test('calls of the wrong role over and over end the socket', async (t) => {
    const gateway = await startGateway(t);
    const { wire } = await connected(t, gateway);
    for (let n = 0; n < 12; n++) wire.send({ type: 'req', id: `n${n}`, method: 'node.event', params: { event: 'x' } });
    assert.deepEqual(await closed(wire), { code: 1008, reason: 'repeated unauthorized calls' });
  });
});
