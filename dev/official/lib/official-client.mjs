// The official client library, started and watched as its own hosts do it.
import assert from 'node:assert/strict';
import { atEnd, load, reference } from './setup.mjs';
import { signing } from './device.mjs';
import { map, violations } from './schema.mjs';

const { GatewayClient, GatewayClientRequestError } = await load('@openclaw/gateway-client');
export { GatewayClientRequestError };

/** Starts a client that stops with the story; everything that happens to it is kept. */
export function startClient(t, gateway, options = {}) {
  const { device, tokens = new Map(), ...rest } = options;
  const seen = { hellos: [], events: [], errors: [], closes: [], paused: [], gaps: [] };
  const watchers = new Set();
  const note = (list) => (item) => {
    list.push(item);
    for (const watcher of [...watchers]) watcher();
  };
  const client = new GatewayClient({
    url: gateway.url,
    ...(device ? { deviceIdentity: { deviceId: device.id, publicKeyPem: device.publicKeyPem, privateKeyPem: device.privateKeyPem } } : {}),
    hostDeps: {
      ...signing,
      loadDeviceAuthToken: ({ deviceId, role }) => tokens.get(`${deviceId}:${role}`) ?? null,
      storeDeviceAuthToken: ({ deviceId, role, token, scopes }) => tokens.set(`${deviceId}:${role}`, { token, scopes }),
      clearDeviceAuthToken: ({ deviceId, role }) => tokens.delete(`${deviceId}:${role}`),
      ...rest.hostDeps,
    },
    ...rest,
    onHelloOk: note(seen.hellos),
    onEvent: note(seen.events),
    onConnectError: note(seen.errors),
    onReconnectPaused: note(seen.paused),
    onGap: note(seen.gaps),
    onClose: (code, reason, info) => note(seen.closes)({ code, reason, info }),
  });
  atEnd(t, async () => {
    await client.stopAndWait({ timeoutMs: 3000 }).catch(() => {});
    if (reference) return;
    assert.deepEqual(seen.gaps, [], 'the client never saw a gap in seq');
    // The schema is of dialect 4.
    for (const hello of seen.hellos.filter(({ protocol }) => protocol === 4)) assert.deepEqual(violations('HelloOk', hello), [], 'hello follows the schema');
    // Connections of mode "ui" get more than the schema has: the log, the agents, sessions in the tick.
    for (const event of rest.mode === 'ui' ? [] : seen.events) {
      const name = map.events[event.event];
      assert.notEqual(name, undefined, `event ${event.event} is known to the schema`);
      if (name) assert.deepEqual(violations(name, event.payload), [], JSON.stringify(event));
    }
  });
  const until = async (done, what, within = 20_000) => {
    const end = Date.now() + within;
    for (;;) {
      const value = done();
      if (value !== undefined && value !== false) return value;
      const left = end - Date.now();
      if (left <= 0) {
        assert.fail(`${what}: not within ${within} ms; errors ${seen.errors.map(String)}, closes ${JSON.stringify(seen.closes.map(({ code, reason }) => ({ code, reason })))}, events ${JSON.stringify(seen.events.slice(-5))}`);
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        const watcher = () => {
          clearTimeout(timer);
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
      });
    }
  };
  client.start();
  return {
    client, tokens, until, ...seen,
    request: (method, params, more) => client.request(method, params, more),
    hello: (n = 0, within) => until(() => seen.hellos[n], `hello ${n + 1}`, within),
    refusal: () => until(() => seen.errors[0], 'a refusal'),
    event: (name, where = () => true, within) =>
      until(() => seen.events.find((event) => event.event === name && where(event.payload)), `event ${name}`, within),
  };
}

/** The error of a request that has to be refused. */
export async function refusal(promise) {
  try {
    const payload = await promise;
    assert.fail(`refused, but granted ${JSON.stringify(payload)}`);
  } catch (error) {
    if (!(error instanceof GatewayClientRequestError)) throw error;
    return error;
  }
}

export const text = (message) => (message?.content ?? []).filter((part) => part.type === 'text').map((part) => part.text).join('');
