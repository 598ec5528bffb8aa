// @vitest-environment node
import { webcrypto } from 'node:crypto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { CONTENT, TOKEN } from '../../src/link/device';
import { CallError, Gateway, SCOPES, THROUGH } from '../../src/link/gateway';
import { safe, type Keeps } from '../../src/link/storage';

class Socket {
  static last: Socket;
  sent: { id: string; method: string; params: Record<string, unknown> }[] = [];
  closed: [number, string] | undefined;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  constructor() {
    Socket.last = this;
  }
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close(code: number, reason: string) {
    this.closed = [code, reason];
  }
  hear(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

class Kept extends Map<string, string> {
  getItem(name: string) {
    return this.get(name) ?? null;
  }
  setItem(name: string, value: string) {
    this.set(name, value);
  }
  removeItem(name: string) {
    this.delete(name);
  }
}

const hello = (resume?: object) => ({
  type: 'hello-ok', protocol: 4, server: { version: '1', connId: 'c' }, features: { methods: ['ping', 'health'], events: [] },
  snapshot: { presence: [], health: { ok: true, ts: 0 }, uptimeMs: 1, sessionDefaults: { defaultAgentId: 'main', mainSessionKey: 'agent:main:main' } },
  auth: { role: 'operator', scopes: ['operator.write'], deviceToken: 'fresh' }, policy: { maxPayload: 10_000, tickIntervalMs: 1 }, ...(resume ? { resume } : {}),
});

let time = 0;
let timers: { run: () => void; ms: number; id: number }[] = [];
let storage: Kept;
let tab: Kept;
let gateway: Gateway;
const fire = (ms: number) => {
  const due = timers.filter((timer) => timer.ms === ms);
  timers = timers.filter((timer) => timer.ms !== ms);
  for (const { run } of due) run();
};

const open = (kept: Keeps): Gateway => new Gateway({
  url: 'ws://x/', version: '1', storage: kept, tab, subtle: webcrypto.subtle as SubtleCrypto, indexedDB: new IDBFactory(),
  socket: () => new Socket() as unknown as WebSocket, now: () => time, random: () => 0, id: () => 'id',
  setTimeout: (run, ms) => timers.push({ run, ms, id: timers.length }), clearTimeout: () => {},
});

beforeEach(() => {
  time = 1000;
  timers = [];
  storage = new Kept();
  tab = new Kept();
  gateway = open(storage);
});

const refusal = (code: string, details: object = {}) => ({ type: 'res', id: 'mc-connect', ok: false, error: { code: 'INVALID_REQUEST', message: code, details: { code, ...details } } });

async function refuse(code: string, details?: object): Promise<Socket> {
  const socket = Socket.last;
  socket.hear({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n1' } });
  await vi.waitFor(() => expect(socket.sent).toHaveLength(1));
  socket.hear(refusal(code, details));
  return socket;
}

async function connect(resume?: object): Promise<Socket> {
  const socket = Socket.last;
  socket.hear({ type: 'event', event: 'connect.challenge', payload: { nonce: 'n1' } });
  await vi.waitFor(() => expect(socket.sent).toHaveLength(1));
  socket.hear({ type: 'res', id: 'mc-connect', ok: true, payload: hello(resume) });
  return socket;
}

describe('the gateway as the page sees it', () => {
  test('connects as spec 001 says: signed nonce, device token beside it, kept for the next time', async () => {
    storage.set(TOKEN, 'cached');
    gateway.start();
    const socket = await connect();
    const connected = socket.sent[0]!;
    expect(connected.method).toBe('connect');
    expect(connected.params).toMatchObject({
      minProtocol: 3, maxProtocol: 4, role: 'operator', deviceToken: 'cached', client: { displayName: 'Mission Control', platform: 'web', mode: 'ui', instanceId: 'mc-id' }, device: { nonce: 'n1', signedAt: 1000 },
    });
    expect(connected.params['auth']).toBeUndefined();
    expect(storage.get(TOKEN)).toBe('fresh');
    expect(gateway.link.value).toMatchObject({ phase: 'online', protocol: 4 });
  });

  test('a typed secret is sent once and kept nowhere', async () => {
    gateway.useSecret('token', 'typed-secret');
    const socket = await connect();
    expect(socket.sent[0]!.params['auth']).toEqual({ token: 'typed-secret' });
    expect([...storage.values()].join()).not.toContain('typed-secret');
    socket.onclose?.({ code: 1006, reason: '' });
    fire(1000);
    const again = await connect();
    expect(again.sent[0]!.params['auth']).toBeUndefined();
    expect(again.sent[0]!.params['deviceToken']).toBe('fresh');
  });

  test('answers find their calls, refusals say why, and a lost connection fails what is open', async () => {
    gateway.start();
    const socket = await connect();
    const health = gateway.call('health', {});
    const bad = gateway.request('nope', {});
    const open = gateway.request('slow', {});
    const [first, second] = socket.sent.slice(1);
    socket.hear({ type: 'res', id: second!.id, ok: false, error: { code: 'INVALID_REQUEST', message: 'unknown method: nope', details: { code: 'UNKNOWN_METHOD' } } });
    socket.hear({ type: 'res', id: first!.id, ok: true, payload: { ok: true } });
    await expect(health).resolves.toEqual({ ok: true });
    await expect(bad).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' });
    socket.onclose?.({ code: 1012, reason: 'service restart' });
    await expect(open).rejects.toBeInstanceOf(CallError);
    await expect(gateway.call('health', {})).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
  });

  test('goes on where it was: the place is shown, and nothing is fetched anew when the gateway agrees', async () => {
    gateway.start();
    const socket = await connect({ status: 'new', epoch: 'e', ticket: 'k', position: 4 });
    expect(gateway.epoch.value).toBe(1);
    socket.hear({ type: 'event', event: 'tick', payload: {}, seq: 1, position: 9 });
    socket.onclose?.({ code: 1006, reason: '' });
    fire(1000);
    const again = await connect({ status: 'resumed', epoch: 'e', ticket: 'k', position: 9 });
    expect(again.sent[0]!.params['resume']).toEqual({ from: { epoch: 'e', ticket: 'k', position: 9, behind: [] } });
    expect(gateway.epoch.value).toBe(1);
    again.onclose?.({ code: 1006, reason: '' });
    fire(2000);
    await connect({ status: 'snapshot', reason: 'restarted', epoch: 'f', ticket: 'l', position: 1 });
    expect(gateway.epoch.value).toBe(2);
  });

  test('measures the way by ping, and events reach their listeners', async () => {
    gateway.start();
    const socket = await connect();
    fire(1200);
    const ping = socket.sent.find(({ method }) => method === 'ping')!;
    time += 7;
    socket.hear({ type: 'res', id: ping.id, ok: true, payload: {} });
    await vi.waitFor(() => expect(gateway.link.value.rtt).toBe(7));
    const heard: unknown[] = [];
    const end = gateway.on('log', (payload) => heard.push(payload));
    socket.hear({ type: 'event', event: 'log', payload: { id: 1 } });
    end();
    socket.hear({ type: 'event', event: 'log', payload: { id: 2 } });
    expect(heard).toEqual([{ id: 1 }]);
  });

  test('survives frames that are none', async () => {
    gateway.start();
    const socket = await connect();
    for (const text of ['', '{', 'null', '5', '[]', '{"type":"event"}', '{"type":"res"}', '{"type":"other","id":"1"}']) socket.onmessage?.({ data: text });
    expect(gateway.link.value.phase).toBe('online');
  });

  test('knows what it may', async () => {
    gateway.start();
    await connect();
    expect([gateway.may('operator.read'), gateway.may('operator.write'), gateway.may('operator.admin')]).toEqual([true, true, false]);
    expect([gateway.has('health'), gateway.has('config.set')]).toEqual([true, false]);
  });

  test('never remembers the frame with the credential', async () => {
    gateway.watching = 1;
    gateway.useSecret('token', 'typed-secret');
    await connect();
    void gateway.call('health', {}).catch(() => {});
    const text = JSON.stringify(gateway.frames.value);
    expect(text).toContain('health');
    expect(text).not.toContain('typed-secret');
    expect(text).not.toContain('fresh');
  });

  test('asks for no more than was approved, after a reload as well, and for everything again when it is told to', async () => {
    gateway.start();
    const first = await refuse('PAIRING_REQUIRED', { requestId: 'r', reason: 'scope-upgrade', approvedScopes: ['operator.read'] });
    expect(first.sent[0]!.params['scopes']).toEqual(SCOPES);
    gateway.acceptApproved(gateway.link.value.pairing!.approvedScopes!);
    expect((await connect()).sent[0]!.params['scopes']).toEqual(['operator.read']);
    const reloaded = open(storage);
    expect(reloaded.content.value).toBe(true);
    reloaded.start();
    expect((await connect()).sent[0]!.params['scopes']).toEqual(['operator.read']);
    reloaded.askForMore();
    expect(reloaded.content.value).toBe(false);
    expect((await refuse('PAIRING_REQUIRED', { requestId: 'r', reason: 'scope-upgrade', approvedScopes: ['operator.read'] })).sent[0]!.params['scopes']).toEqual(SCOPES);
    expect(storage.get(CONTENT)).toBeUndefined();
  });

  test.each(['no json', '{}', '[]', '[1]', 'null'])('scopes that were kept as %s are none', async (kept) => {
    storage.set(CONTENT, kept);
    const other = open(storage);
    other.start();
    expect((await connect()).sent[0]!.params['scopes']).toEqual(SCOPES);
  });

  test('a secret that is refused leaves the device token that worked, and there is a way back to it', async () => {
    storage.set(TOKEN, 'worked');
    gateway.useSecret('token', 'wrong');
    const socket = await refuse('AUTH_TOKEN_MISMATCH');
    expect(socket.sent[0]!.params['deviceToken']).toBeUndefined();
    expect(gateway.link.value).toMatchObject({ phase: 'secret', secret: { wrong: true } });
    expect([storage.get(TOKEN), gateway.known]).toEqual(['worked', true]);
    gateway.dropSecret();
    const again = await connect();
    expect(again.sent[0]!.params['deviceToken']).toBe('worked');
    expect(again.sent[0]!.params['auth']).toBeUndefined();
  });

  test('what was lost with the connection is asked for again, though the events go on', async () => {
    gateway.start();
    const socket = await connect({ status: 'new', epoch: 'e', ticket: 'k', position: 4 });
    const lost = gateway.call('health', {});
    socket.onclose?.({ code: 1006, reason: '' });
    await expect(lost).rejects.toMatchObject({ lost: true });
    await expect(gateway.call('health', {})).rejects.toMatchObject({ lost: true });
    fire(1000);
    await connect({ status: 'resumed', epoch: 'e', ticket: 'k', position: 4 });
    expect(gateway.epoch.value).toBe(2);
  });

  test('a ping that was lost is no reason to fetch anything', async () => {
    gateway.start();
    const socket = await connect({ status: 'new', epoch: 'e', ticket: 'k', position: 4 });
    fire(1200);
    expect(socket.sent.at(-1)!.method).toBe('ping');
    socket.onclose?.({ code: 1006, reason: '' });
    fire(1000);
    await connect({ status: 'resumed', epoch: 'e', ticket: 'k', position: 4 });
    expect(gateway.epoch.value).toBe(1);
  });

  test('refuses what the gateway would end the connection for, and everything else goes on', async () => {
    gateway.start();
    const socket = await connect();
    const before = socket.sent.length;
    // Three bytes each: fewer letters than allowed, and still too much.
    await expect(gateway.request('chat.send', { message: '€'.repeat(4000) })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(socket.sent).toHaveLength(before);
    void gateway.request('chat.send', { message: 'x'.repeat(9000) }).catch(() => {});
    expect(socket.sent).toHaveLength(before + 1);
    expect(gateway.link.value.phase).toBe('online');
  });

  test('a browser that keeps nothing works until the page is closed', async () => {
    const throws = () => { throw new Error('denied'); };
    for (const kept of [safe(throws), safe(() => ({ getItem: throws, setItem: throws, removeItem: throws }) as unknown as Storage)]) {
      const other = open(kept);
      other.useSecret('token', 'typed-secret');
      await connect();
      expect(other.link.value.phase).toBe('online');
      expect(other.known).toBe(true);
      Socket.last.onclose?.({ code: 1006, reason: '' });
      fire(1000);
      expect((await connect()).sent[0]!.params['deviceToken']).toBe('fresh');
      kept.removeItem(TOKEN);
      expect(kept.getItem(TOKEN)).toBeNull();
    }
  });
});

describe('acting on another gateway', () => {
  const remote = { ...hello(), server: { version: '2', connId: 'r' }, features: { methods: ['health', 'sessions.list', 'gateways.list'], events: [] }, auth: { role: 'operator', scopes: ['operator.read'] } };
  const reply = (socket: Socket, method: string, payload: unknown, ok = true) => {
    const sent = socket.sent.filter((one) => one.method === method).at(-1)!;
    socket.hear({ type: 'res', id: sent.id, ok, ...(ok ? { payload } : { error: payload }) });
  };
  const reached = async () => {
    tab.set(THROUGH, 'office');
    gateway = open(storage);
    gateway.start();
    const socket = await connect();
    await vi.waitFor(() => expect(socket.sent.at(-1)).toMatchObject({ method: 'gateways.attach', params: { id: 'office' } }));
    return socket;
  };

  test('nothing is asked of this gateway in the place of the other', async () => {
    const socket = await reached();
    expect(gateway.through.value).toMatchObject({ id: 'office' });
    expect(gateway.through.value?.problem).toBeDefined();
    await expect(gateway.request('chat.send', {})).rejects.toMatchObject({ lost: true });
    expect(socket.sent.some(({ method }) => method === 'chat.send')).toBe(false);
    expect(gateway.epoch.value).toBe(0);
    reply(socket, 'gateways.attach', { code: 'UNAVAILABLE', message: 'Office: no route', details: { code: 'GATEWAY_UNREACHABLE' } }, false);
    await vi.waitFor(() => expect(gateway.through.value?.problem).toBe('Office: no route'));
    fire(2000);
    await vi.waitFor(() => expect(socket.sent.filter(({ method }) => method === 'gateways.attach')).toHaveLength(2));
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office', hello: remote });
    await vi.waitFor(() => expect(gateway.through.value).toEqual({ id: 'office', name: 'Office', problem: undefined }));
    expect(gateway.epoch.value).toBe(1);
    expect(gateway.hello.value).toMatchObject({ server: { version: '2' }, auth: { scopes: ['operator.read'] } });
    expect(gateway.has('sessions.list')).toBe(true);
    expect(gateway.has('ping')).toBe(false);
  });

  test('waiting for a connection is waiting for the other gateway too', async () => {
    const socket = await reached();
    const told: boolean[] = [];
    void gateway.online(60_000).then((there) => told.push(there));
    void gateway.online(5).then((there) => told.push(there));
    // Connected, and the other one is not reached: whoever asked again at once would never end.
    await new Promise((done) => { setTimeout(done, 5); });
    expect(told).toEqual([]);
    fire(5);
    await vi.waitFor(() => expect(told).toEqual([false]));
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office', hello: remote });
    await vi.waitFor(() => expect(told).toEqual([false, true]));
    expect(await gateway.online(60_000)).toBe(true);
  });

  test('an answer that is not understood is said, and it is tried again', async () => {
    const socket = await reached();
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office' });
    await vi.waitFor(() => expect(gateway.through.value?.problem).toMatch(/undefined/));
    fire(2000);
    await vi.waitFor(() => expect(socket.sent.filter(({ method }) => method === 'gateways.attach')).toHaveLength(2));
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office', hello: remote });
    await vi.waitFor(() => expect(gateway.through.value?.problem).toBeUndefined());
  });

  test('calls go through, answers and refusals come back, and only the other gateway\u2019s events are heard', async () => {
    const socket = await reached();
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office', hello: remote });
    await vi.waitFor(() => expect(gateway.epoch.value).toBe(1));
    const heard: unknown[] = [];
    gateway.on('chat', (payload) => heard.push(payload));
    socket.hear({ type: 'event', event: 'chat', payload: { from: 'this one' } });
    socket.hear({ type: 'event', event: 'gateways.event', payload: { id: 'vps', event: 'chat', payload: { from: 'a third' } } });
    socket.hear({ type: 'event', event: 'gateways.event', payload: { id: 'office', event: 'chat', payload: { from: 'office' } } });
    expect(heard).toEqual([{ from: 'office' }]);
    const asked = gateway.request('sessions.list', { limit: 1 });
    expect(socket.sent.at(-1)).toMatchObject({ method: 'gateways.call', params: { id: 'office', method: 'sessions.list', params: { limit: 1 } } });
    reply(socket, 'gateways.call', { sessions: [] });
    expect(await asked).toEqual({ sessions: [] });
    const refused = gateway.request('chat.send', {});
    reply(socket, 'gateways.call', { code: 'FORBIDDEN', message: 'missing scope: operator.write', details: { code: 'MISSING_SCOPE' } }, false);
    await expect(refused).rejects.toMatchObject({ method: 'chat.send', code: 'MISSING_SCOPE' });
    socket.hear({ type: 'event', event: 'gateways.line', payload: { id: 'office', state: 'gap', why: 'restarted' } });
    expect(gateway.epoch.value).toBe(2);
    socket.hear({ type: 'event', event: 'gateways.line', payload: { id: 'office', state: 'lost', why: 'it was closed' } });
    expect(gateway.through.value?.problem).toBe('it was closed');
    const before = socket.sent.length;
    await expect(gateway.request('chat.send', {})).rejects.toMatchObject({ lost: true });
    expect(socket.sent).toHaveLength(before);
  });

  test('other gateways are asked and heard whichever the page acts on', async () => {
    const socket = await reached();
    reply(socket, 'gateways.attach', { id: 'office', name: 'Office', hello: remote });
    await vi.waitFor(() => expect(gateway.epoch.value).toBe(1));
    const heard: unknown[] = [];
    const stop = gateway.onFar((...told) => heard.push(told));
    socket.hear({ type: 'event', event: 'chat', payload: { from: 'this one' } });
    socket.hear({ type: 'event', event: 'gateways.event', payload: { id: 'vps', event: 'chat', payload: { from: 'a third' } } });
    socket.hear({ type: 'event', event: 'gateways.event', payload: { id: 'office', event: 'chat', payload: { from: 'office' } } });
    expect(heard).toEqual([[undefined, 'chat', { from: 'this one' }], ['vps', 'chat', { from: 'a third' }]]);
    stop();
    void gateway.requestOf(undefined, 'exec.approval.list', {});
    expect(socket.sent.at(-1)).toMatchObject({ method: 'exec.approval.list', params: {} });
    void gateway.requestOf('vps', 'exec.approval.list', {});
    expect(socket.sent.at(-1)).toMatchObject({ method: 'gateways.call', params: { id: 'vps', method: 'exec.approval.list', params: {} } });
    expect(gateway.home?.auth.scopes).not.toEqual(['operator.read']);
  });

  test('a token that is sent along is not among the frames that are shown', async () => {
    gateway.start();
    const socket = await connect();
    gateway.watching = 1;
    void gateway.request('gateways.add', { name: 'x', url: 'ws://x', token: 'hunter"2\\' });
    expect(socket.sent.at(-1)).toMatchObject({ params: { token: 'hunter"2\\' } });
    expect(gateway.frames.value.at(-1)?.text).toContain('"token":"…"');
    expect(gateway.frames.value.map(({ text }) => text).join()).not.toContain('hunter');
  });

  test('the choice is the tab\u2019s alone', () => {
    gateway.actOn('office');
    expect([tab.get(THROUGH), storage.get(THROUGH)]).toEqual(['office', undefined]);
    gateway.actOn(undefined);
    expect(tab.get(THROUGH)).toBeUndefined();
  });
});
