// A browser as people have it, and everything about a page that must not happen in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What the gateway must send with the page once it is built in: nothing inline, nothing from elsewhere. */
export const policy =
  "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; script-src 'self'; style-src 'self'; " +
  "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'";

export const shots = path.resolve(process.env.UI_SHOTS ?? path.join(import.meta.dirname, '..', '..', '..', 'target', 'ui-shots'));

/** Where the browser is. */
export function chromiumAt() {
  const executablePath = [process.env.STORIES_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => file && fs.existsSync(file));
  if (!executablePath) throw new Error('no Chromium: install the chromium package, or name one in STORIES_CHROMIUM');
  return executablePath;
}

export async function browser(more = []) {
  return chromium.launch({
    executablePath: chromiumAt(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      // A page whose header was exchanged counts as one from elsewhere, which may not reach this machine.
      '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets', ...more],
  });
}

/** Opens a context whose every complaint is kept. */
export async function visitor(running, { look = 'light', phone = false, strict = true, origin, reducedMotion, scale } = {}) {
  const context = await running.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1360, height: 860 }, colorScheme: look, hasTouch: phone, isMobile: phone,
    ...(reducedMotion ? { reducedMotion } : {}), ...(scale ? { deviceScaleFactor: scale } : {}), permissions: [], locale: 'en-GB', timezoneId: 'Europe/Berlin',
  });
  context.setDefaultTimeout(12_000);
  const page = await context.newPage();
  const complaints = [];
  const elsewhere = new Set();
  page.on('pageerror', (error) => complaints.push(`error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    // The browser itself logs a socket that could not be opened while a gateway restarts; nothing can keep it from that.
    if (message.type() === 'error' && !/WebSocket connection to .* failed/.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (origin && !['data:', 'blob:'].includes(url.protocol) && url.host !== new URL(origin).host) elsewhere.add(url.host);
  });
  await context.exposeBinding('__violation', (_source, text) => complaints.push(`CSP: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => window.__violation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  });
  if (strict && !process.env.STORIES_EMBEDDED) {
    await page.route('**/*', async (route) => {
      if (route.request().resourceType() !== 'document') return route.continue();
      const response = await route.fetch();
      return route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
    });
  }
  return {
    page, context, complaints,
    /** Fails with what was complained about since the last time. */
    clean(where) {
      assert.deepEqual({ complaints: complaints.splice(0), elsewhere: [...elsewhere] }, { complaints: [], elsewhere: [] }, where);
    },
    async shot(name) {
      fs.mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: path.join(shots, `${name}-${phone ? 'phone' : 'desktop'}-${look}.png`) });
    },
    /** Serious and critical findings of axe. */
    async accessible(where) {
      // A colour on its way to another is neither.
      await settled(page);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      assert.deepEqual(serious.map(({ id, nodes }) => ({ id, nodes: nodes.slice(0, 4).map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary.split('\n')[1] ?? ''}`) })), [], where);
    },
    async fits(where) {
      // A phone makes its window as wide as what does not fit, and shows everything smaller.
      const over = await page.evaluate((width) => Math.max(document.documentElement.scrollWidth, innerWidth) - width, page.viewportSize().width);
      assert.ok(over <= 0, `${where} is ${over} pixels too wide`);
    },
  };
}

export async function signIn(visit, gateway, to = '/') {
  await visit.page.goto(`${gateway.http}${to}#token=${gateway.token}`);
  await visit.page.locator('.app').waitFor({ timeout: 20_000 });
}

/** Goes somewhere as a link inside the page would. */
export async function goTo(page, to) {
  await page.evaluate((where) => {
    history.pushState(null, '', where);
    dispatchEvent(new PopStateEvent('popstate'));
  }, to);
}

/** Waits until what moves has come to rest: what opens is open, and what was painted is seen. */
export async function settled(page) {
  await page.evaluate(async () => {
    const moving = () => document.getAnimations().filter(({ playState, effect }) => playState === 'running' && Number.isFinite(effect?.getComputedTiming().endTime));
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await document.fonts.ready;
    for (await frame(), await frame(); moving().length > 0; await frame()) await Promise.allSettled(moving().map(({ finished }) => finished));
  });
}

/** Waits until something that no page shows is so; says what did not come. */
export async function until(holds, what) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.fail(`this did not come: ${what}`);
}

/** Waits until there are so many. What is there for a moment only, while one thing takes the place of another, does not count. */
export async function exactly(page, selector, wanted, where = selector) {
  const same = () => page.waitForFunction(([what, n]) => document.querySelectorAll(what).length === n, [selector, wanted]).then(() => true, () => false);
  assert.ok(await same(), `${where}: ${await page.locator(selector).count()} instead of ${wanted}`);
}
