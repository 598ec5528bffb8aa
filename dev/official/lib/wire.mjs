// A plain WebSocket client that keeps everything it saw, so that a story can say what it expects of it.
import assert from 'node:assert/strict';
import { atEnd, load, reference } from './setup.mjs';
import { frameViolations } from './schema.mjs';

const WebSocket = (await load('ws')).default;
const show = (value) => JSON.stringify(value)?.slice(0, 1500);

/** The connect parameters of a plain operator; everything can be replaced. */
export function operator({ token, device, ...rest } = {}) {
  const params = {
    minProtocol: 4, maxProtocol: 4,
    client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
    role: 'operator',
    scopes: ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'],
    ...rest,
  };
  if (token !== undefined) params.auth = { token };
  if (device) params.device = device;
  return params;
}

export class Wire {
  /** Opens a socket that closes with the story. Frames at dialect 4 of a mode other than `ui` are held to the schema. */
  static async open(t, url, { headers, origin, path = '/', judged = true, perMessageDeflate = false } = {}) {
    const wire = new Wire(new URL(path, url), { headers, origin, perMessageDeflate });
    wire.judged = judged;
    atEnd(t, async () => {
      wire.socket.terminate();
      await wire.closed;
      // The reference is ahead of the schema that is published for it.
      if (!reference) assert.deepEqual(wire.wrong, [], 'every frame follows the official schema');
    });
    await wire.opened;
    return wire;
  }

  constructor(url, options) {
    this.received = [];
    this.sent = [];
    this.wrong = [];
    this.methods = new Map();
    this.waiting = new Set();
    this.official = false;
    this.count = 0;
    this.socket = new WebSocket(url, { ...options, maxPayload: 64 * 1024 * 1024 });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        this.end = { code, reason: reason.toString() };
        for (const wait of [...this.waiting]) wait();
        resolve(this.end);
      });
    });
    this.socket.on('error', (error) => (this.error = error));
    this.socket.on('message', (data, isBinary) => {
      const text = data.toString();
      if (isBinary) this.wrong.push(`a binary frame: ${text.slice(0, 80)}`);
      const frame = JSON.parse(text);
      this.received.push(frame);
      const method = frame.type === 'res' ? this.methods.get(frame.id) : undefined;
      if (this.official || (this.willBeOfficial && method === 'connect')) {
        if (method === 'connect' && frame.ok) this.official = true;
        for (const wrong of frameViolations(frame, method)) this.wrong.push(`${method ?? frame.event}: ${wrong} in ${show(frame)}`);
      }
      for (const wait of [...this.waiting]) wait();
    });
  }

  send(frame) {
    this.sent.push(frame);
    if (frame?.type === 'req') this.methods.set(frame.id, frame.method);
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Position after everything received so far. */
  get mark() {
    return this.received.length;
  }

  /** The first frame from position `since` on that fits; fails with all that came instead. */
  async until(fits, what, { since = 0, within = 15_000 } = {}) {
    const started = Date.now();
    for (let at = since; ; at++) {
      while (at >= this.received.length) {
        if (this.end) {
          assert.fail(`${what}: the socket closed ${show(this.end)} first; received ${show(this.received.slice(since))}`);
        }
        const left = within - (Date.now() - started);
        if (left <= 0) assert.fail(`${what}: not within ${within} ms; received ${show(this.received.slice(since))}`);
        await new Promise((resolve) => {
          const done = () => {
            clearTimeout(timer);
            this.waiting.delete(done);
            resolve();
          };
          const timer = setTimeout(done, left);
          this.waiting.add(done);
        });
      }
      if (fits(this.received[at])) return this.received[at];
    }
  }

  challenge() {
    return this.until(() => true, 'the challenge').then((frame) => {
      assert.equal(frame.event, 'connect.challenge', 'the first frame is the challenge');
      assert.equal(typeof frame.payload.nonce, 'string');
      assert.ok(frame.payload.nonce.length > 0, 'the nonce is not empty');
      assert.ok(Number.isInteger(frame.payload.ts) && frame.payload.ts >= 0, 'ts is in milliseconds');
      return frame.payload;
    });
  }

  event(name, { where = () => true, ...options } = {}) {
    return this.until((f) => f.type === 'event' && f.event === name && where(f.payload), `event ${name}`, options);
  }

  /** The n-th answer to a request, counted from 0. */
  async answer(id, n = 0, options) {
    let seen = 0;
    return this.until((f) => f.type === 'res' && f.id === id && seen++ === n, `answer ${n + 1} to ${id}`, options);
  }

  async request(method, params, { id = `r${++this.count}`, extra = {}, within } = {}) {
    const frame = { type: 'req', id, method, ...extra };
    if (params !== undefined) frame.params = params;
    this.send(frame);
    return this.answer(id, 0, { within });
  }

  /** The payload of a request that has to be granted. */
  async call(method, params, options) {
    const res = await this.request(method, params, options);
    assert.equal(res.ok, true, `${method} ${show(params)} is granted, but the answer was ${show(res)}`);
    return res.payload;
  }

  /** Sends connect and gives back the answer, be it a hello or a refusal. */
  async connect(params, { id = 'connect-1' } = {}) {
    this.willBeOfficial = this.judged && params.maxProtocol >= 4 && params.minProtocol <= 4 && params.client?.mode !== 'ui';
    return this.request('connect', params, { id });
  }

  /** Connects and gives back the hello; fails when refused. */
  async hello(params, options) {
    const res = await this.connect(params, options);
    assert.equal(res.ok, true, `connect is granted, but the answer was ${show(res)}`);
    return res.payload;
  }
}

/** Opens, waits for the challenge and connects as `params` (or what `params(challenge)` makes of the challenge). */
export async function connected(t, gateway, params = {}, options) {
  const wire = await Wire.open(t, gateway.url, options);
  const challenge = await wire.challenge();
  const made = typeof params === 'function' ? params(challenge) : operator({ token: gateway.token, ...params });
  const hello = await wire.hello(made);
  return { wire, hello, challenge };
}

/** Holds an answer to a refusal with this code and message, and the socket to its close. */
export async function refused(wire, res, { code, message, details, close = 1008, reason }) {
  const got = show(res);
  assert.equal(res.ok, false, `refused, but the answer was ${got}`);
  assert.equal(res.payload, undefined, `a refusal has no payload: ${got}`);
  if (code) assert.equal(res.error.code, code, `error.code in ${got}`);
  if (message instanceof RegExp) assert.match(res.error.message, message, `error.message in ${got}`);
  else assert.equal(res.error.message, message, `error.message in ${got}`);
  if (details) assert.equal(res.error.details?.code, details, `error.details.code in ${got}`);
  const late = new Promise((resolve) => setTimeout(resolve, 5000, 'open').unref());
  const end = await Promise.race([wire.closed, late]);
  assert.notEqual(end, 'open', `the socket is closed after ${got}`);
  assert.equal(end.code, close, `close code after ${got} (reason "${end.reason}")`);
  if (reason) assert.match(end.reason, reason, `close reason after ${got}`);
}
