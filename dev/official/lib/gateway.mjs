// Starts one gateway per story on a free port, with its own home and state, and stops it afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { atEnd, binary, inModules, load, reference } from './setup.mjs';
import { startModel } from './model.mjs';

const WebSocket = (await load('ws')).default;

/** The shared secret of every story's gateway. */
export const token = 'story-token-0123456789abcdef';

const startWithinMs = reference ? 90_000 : 15_000;

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function merged(base, extra) {
  if (extra === undefined) return base;
  if (base === null || extra === null || typeof base !== 'object' || typeof extra !== 'object' || Array.isArray(extra)) {
    return extra;
  }
  const all = { ...base };
  for (const [key, value] of Object.entries(extra)) all[key] = key in base ? merged(base[key], value) : value;
  return all;
}

/** Starts a gateway that ends with the story `t`. `config` is merged over loopback, token and a free port. */
export async function startGateway(t, { config = {}, model = 'demo', env = {}, args = [] } = {}) {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'openclaw-story-'));
  const state = path.join(home, 'state');
  await fs.mkdir(state, { mode: 0o700 });
  const port = await freePort();
  const story = model === 'story' || reference ? await startModel() : undefined;
  let settings = { gateway: { port, bind: 'loopback', auth: { mode: 'token', token } } };
  if (reference) settings = merged(settings, { gateway: { mode: 'local' }, models: { mode: 'merge' } });
  else settings = merged(settings, { metrics: { enabled: false } });
  if (story) settings = merged(settings, story.config);
  settings = merged(settings, config);
  const configPath = path.join(state, 'openclaw.json');
  await fs.writeFile(configPath, JSON.stringify(settings, null, 2), { mode: 0o600 });

  const gateway = {
    home, state, port, token, configPath, settings, model: story,
    url: `ws://127.0.0.1:${port}`, http: `http://127.0.0.1:${port}`,
    child: undefined, log: '',
    async start() {
      const [command, ...first] = reference
        ? [process.execPath, inModules('openclaw', 'openclaw.mjs'), 'gateway', 'run']
        : [binary, 'gateway', 'run'];
      const child = spawn(command, [...first, ...args], {
        env: {
          PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: configPath,
          NO_COLOR: '1', ...env,
        },
        cwd: home,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      gateway.child = child;
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => (gateway.log = (gateway.log + data).slice(-200_000)));
      }
      const ended = once(child, 'exit').then(([code, signal]) => {
        child.ended = true;
        return `it ended with ${code ?? signal}`;
      });
      child.gone = ended;
      const until = Date.now() + startWithinMs;
      while (!child.ended && Date.now() < until) {
        if (reference ? await ready(gateway.http) : await answers(gateway.url)) return gateway;
        await pause(reference ? 250 : 25);
      }
      const why = child.ended ? await ended : `no challenge within ${startWithinMs} ms`;
      throw new Error(`the gateway did not start: ${why}\n${gateway.log.slice(-4000)}`);
    },
    /** Stops it as an operator would; resolves with how it ended. */
    async stop(signal = 'SIGTERM') {
      const { child } = gateway;
      if (!child || child.ended) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await child.gone;
      clearTimeout(timer);
    },
  };
  atEnd(t, async () => {
    await gateway.stop(reference ? 'SIGKILL' : 'SIGTERM');
    await story?.stop();
    await fs.rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return gateway.start();
}

/** The reference answers before it is ready, and says so. */
async function ready(url) {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) })).ok;
  } catch {
    return false;
  }
}

function answers(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { handshakeTimeout: 2000 });
    const timer = setTimeout(() => done(false), 3000);
    const done = (good) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.terminate();
      resolve(good);
    };
    socket.on('message', () => done(true));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}
