// The official Control UI, as npm brings it, in a real browser against our gateway: it connects, talks, answers an
// approval that another client asked for, and opens every view, and nothing that it asks is refused.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { quick } from './lib/model.mjs';
import { inModules, load, modules, reference } from './lib/setup.mjs';
import { connected } from './lib/wire.mjs';

const browser = [process.env.STORIES_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => file && fs.existsSync(file));
const shots = process.env.STORIES_SHOTS ?? path.join(modules, 'control-ui');

/** Every view, with its address. */
const views = [
  '/new', '/agents', '/activity', '/sessions', '/automations', '/tasks', '/usage', '/skills', '/skills/workshop', '/plugins',
  '/worktrees', '/dashboards', '/portals', '/apps', '/workboard', '/custodian', '/debug', '/logs',
  ...['overview', 'files', 'tools', 'skills', 'channels', 'cron', 'memory'].map((tab) => `/settings/agents/main/${tab}`),
  ...[
    'connection', 'channels', 'devices', 'approvals', 'security', 'secrets', 'mcp', 'memory', 'model-providers', 'infrastructure',
    'advanced', 'automation', 'ai-agents', 'communications', 'appearance', 'notifications', 'profile', 'labs', 'about', 'general',
    'updates', 'talk', 'cloud-workers',
  ].map((page) => `/settings/${page}`),
];

/** Refusals that the interface expects, or that say the truth about something that its user asked for. */
const expected = [
  // It looks up the settings of plugins that are not there.
  (method, error) => method === 'config.schema.lookup' && /names no key/.test(error.message),
];

/** What the page says when something went wrong. */
const bad = /unknown method|missing scope|not part of this gateway|UNAVAILABLE|INVALID_REQUEST|is not available: |unexpected property|unknown field/;

const why = reference ? 'only our gateway serves another bundle' : browser ? false : 'NO CHROMIUM: the official Control UI was not tested';

test('the official Control UI lives with the gateway', { skip: why, timeout: 600_000 }, async (t) => {
  const root = inModules('openclaw', 'dist', 'control-ui');
  const gateway = await startGateway(t, { model: 'story', config: { gateway: { controlUi: { root } } } });
  fs.rmSync(shots, { recursive: true, force: true });
  fs.mkdirSync(shots, { recursive: true });
  const { chromium } = (await load('playwright-core')).default;
  const running = await chromium.launch({
    executablePath: browser,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  t.after(() => running.close());
  const page = await running.newPage({ viewport: { width: 1280, height: 860 } });
  const seen = new Watch(page, gateway.http);
  const shot = (name) => page.screenshot({ path: path.join(shots, `${name}.png`) });

  await t.test('connects', async () => {
    await page.goto(`${gateway.http}/chat/main#token=${gateway.token}`);
    await seen.answer('chat.startup');
    await page.getByRole('textbox').first().waitFor();
    await seen.quiet();
    await shot('chat-empty');
    seen.check('/chat/main');
  });

  await t.test('talks, and the reply streams', async () => {
    const box = page.locator('textarea').last();
    await box.fill('Say hello');
    await box.press('Enter');
    await page.getByText(quick.join(''), { exact: false }).first().waitFor({ timeout: 30_000 });
    await seen.event('chat', (payload) => payload.state === 'final');
    assert.ok(seen.events.some((frame) => frame.event === 'chat' && frame.payload.state === 'delta'), 'the reply came in parts');
    await seen.quiet();
    await shot('chat-reply');
    // What is only read aloud is there as well, in a box of one pixel.
    const boxes = await Promise.all((await page.getByText(quick.join('')).all()).map((place) => place.boundingBox()));
    assert.equal(boxes.filter((box) => box && box.width > 10).length, 1, 'the reply is there once');
    seen.check('/chat/main');
  });

  await t.test('answers an approval that another client asked for', async (t2) => {
    const { wire, hello } = await connected(t2, gateway);
    if (!hello.features.methods.includes('exec.approval.request')) return t2.skip('exec approvals are not there yet');
    const asked = wire.request('exec.approval.request', {
      id: randomUUID(), command: 'uname -a', cwd: '/tmp', host: 'gateway', sessionKey: 'agent:main:main', agentId: 'main', timeoutMs: 60_000, twoPhase: true,
    });
    const first = await asked;
    assert.equal(first.ok, true, JSON.stringify(first));
    await page.getByText('uname -a').filter({ visible: true }).first().waitFor({ timeout: 15_000 });
    await shot('approval');
    await page.getByRole('button', { name: /allow once/i }).filter({ visible: true }).first().click();
    const final = await wire.answer(first.id, 1, { within: 15_000 });
    assert.equal(final.payload?.decision, 'allow-once', JSON.stringify(final));
    await seen.quiet();
    await shot('approval-answered');
    seen.check('approval');
  });

  for (const view of views) {
    await t.test(`opens ${view}`, async () => {
      await page.goto(`${gateway.http}${view}`);
      await seen.answer('sessions.subscribe');
      await seen.quiet();
      await shot(view.slice(1).replaceAll('/', '-'));
      const text = await page.locator('body').innerText();
      assert.doesNotMatch(text, bad, `${view} shows an error`);
      seen.check(view);
    });
  }

  await t.test('fits on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${gateway.http}/chat/main`);
    await seen.answer('chat.startup');
    await seen.quiet();
    await shot('phone-chat');
    seen.check('/chat/main');
  });
});

/** What passes between the page and the gateway, and what the page complains about. */
class Watch {
  constructor(page, http) {
    this.http = http;
    this.calls = new Map();
    this.open = new Set();
    this.answered = new Set();
    this.refused = [];
    this.complaints = [];
    this.events = [];
    this.last = Date.now();
    page.on('websocket', (socket) => {
      this.calls.clear();
      this.open.clear();
      this.answered.clear();
      socket.on('framesent', ({ payload }) => this.sent(JSON.parse(payload)));
      socket.on('framereceived', ({ payload }) => this.received(JSON.parse(payload)));
    });
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('response', (response) => {
      if (response.status() >= 500) this.complaints.push(`${response.status()} ${response.url()}`);
    });
  }

  sent(frame) {
    if (frame.type !== 'req') return;
    this.calls.set(frame.id, frame);
    this.open.add(frame.id);
    this.last = Date.now();
  }

  received(frame) {
    if (frame.type === 'event') {
      this.events.push(frame);
      return;
    }
    const call = this.calls.get(frame.id);
    this.open.delete(frame.id);
    this.last = Date.now();
    if (!call) return;
    this.answered.add(call.method);
    if (!frame.ok) this.refused.push({ method: call.method, params: call.params, error: frame.error });
  }

  async until(what, holds, within = 30_000) {
    const end = Date.now() + within;
    while (!holds()) {
      assert.ok(Date.now() < end, `${what} within ${within} ms; refused so far: ${JSON.stringify(this.refused)}; ${this.complaints.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  answer(method) {
    return this.until(`an answer to ${method}`, () => this.answered.has(method));
  }

  event(name, fits) {
    return this.until(`event ${name}`, () => this.events.some((frame) => frame.event === name && fits(frame.payload)));
  }

  /** Until nothing is open and nothing was asked for a while. */
  quiet() {
    return this.until('silence', () => this.open.size === 0 && Date.now() - this.last > 700, 45_000);
  }

  /** Fails with what was refused or complained about since the last check. */
  check(where) {
    const refused = this.refused.splice(0).filter(({ method, error }) => !expected.some((fits) => fits(method, error)));
    // It asks for its settings before it has the secret, and for pictures that nobody gave it; the reference refuses those too.
    const complaints = this.complaints.splice(0).filter((text) => !/favicon|\/workspace-icon\/|\/api\/users\/.*\/avatar|40[14].*control-ui-config\.json/.test(text));
    assert.deepEqual({ refused, complaints }, { refused: [], complaints: [] }, where);
  }
}
