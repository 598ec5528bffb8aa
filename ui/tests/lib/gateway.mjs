// A real gateway for a story: its own home, state and port, serving the built page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startModel } from './model.mjs';

export const token = 'story-token-0123456789abcdef';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a gateway with any certificate is ready. */
const readyOverTls = (port) => new Promise((resolve) => {
  const asked = https.get({ host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false }, (answer) => {
    answer.resume();
    resolve(answer.statusCode === 200);
  });
  asked.on('error', () => resolve(false));
});

function merged(base, extra) {
  if (extra === undefined) return base;
  if (!base || !extra || typeof base !== 'object' || typeof extra !== 'object' || Array.isArray(extra)) return extra;
  const all = { ...base };
  for (const [key, value] of Object.entries(extra)) all[key] = key in base ? merged(base[key], value) : value;
  return all;
}

/**
 * Starts a gateway with a model that answers at once. `config` is merged over loopback, token and the page; `files` are put into its
 * home and named in `config` by `<home>`.
 */
export async function startGateway({ binary, root, config = {}, port, files = {} }) {
  const home = await fs.mkdtemp(path.join(os.tmpdir(), 'openclaw-ui-'));
  const state = path.join(home, 'state');
  await fs.mkdir(state, { mode: 0o700 });
  const model = await startModel();
  port ??= await freePort();
  const base = {
    gateway: { port, bind: 'loopback', auth: { mode: 'token', token }, controlUi: process.env.STORIES_EMBEDDED ? {} : { root } },
    metrics: { enabled: false },
  };
  const configPath = path.join(state, 'openclaw.json');
  await fs.writeFile(configPath, JSON.stringify(merged(merged(base, model.config), config), null, 2).replaceAll('<home>', home), { mode: 0o600 });
  for (const [name, text] of Object.entries(files)) await fs.writeFile(path.join(home, name), text, { mode: 0o600 });
  const secure = config.gateway?.tls?.enabled === true;
  const env = { PATH: process.env.PATH, HOME: home, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: configPath, NO_COLOR: '1' };
  const gateway = {
    home, port, token: config.gateway?.auth?.token ?? token, env, http: `http${secure ? 's' : ''}://127.0.0.1:${port}`, ws: `ws${secure ? 's' : ''}://127.0.0.1:${port}`, log: '', child: undefined,
    async start() {
      const child = spawn(binary, ['gateway', 'run'], { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
      gateway.child = child;
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (gateway.log = (gateway.log + data).slice(-100_000)));
      child.gone = once(child, 'exit').then(() => (child.ended = true));
      for (let n = 0; n < 600 && !child.ended; n++) {
        const ready = secure ? await readyOverTls(port) : await fetch(`${gateway.http}/readyz`).then((answer) => answer.ok, () => false);
        if (ready) return gateway;
        await pause(25);
      }
      throw new Error(`the gateway did not start\n${gateway.log.slice(-4000)}`);
    },
    async halt() {
      const { child } = gateway;
      if (!child || child.ended) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await child.gone;
      clearTimeout(timer);
    },
    async stop() {
      await gateway.halt();
      await model.stop();
      await fs.rm(home, { recursive: true, force: true });
    },
    /** Runs the command line against it. */
    async cli(...args) {
      const child = spawn(binary, args, { env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      child.stdout.on('data', (data) => (out += data));
      child.stderr.on('data', (data) => (out += data));
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`openclaw ${args.join(' ')}: ${code}\n${out}`);
      return out;
    },
    /** Waits until so many connections are open: those of pages that were closed end a moment later. */
    async connected(wanted) {
      let seen;
      // Who asks is one of them.
      for (let n = 0; n < 100 && seen !== wanted; n++, await pause(50)) seen = (await gateway.call('status')).connections - 1;
      if (seen !== wanted) throw new Error(`${seen} connections instead of ${wanted}`);
    },
    /** One call by the command line. */
    async call(method, params = {}) {
      return JSON.parse(await gateway.cli('gateway', 'call', method, '--params', JSON.stringify(params), '--json'));
    },
  };
  return gateway.start();
}
