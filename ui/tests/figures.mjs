// What a person feels, as numbers: node tests/run.mjs --binary <openclaw> --figures <minutes> [--only loads|train|frames|soak]. Prints
// them, asserts nothing:
// on a shared machine times are noise, and a figure that fails a build is soon widened until it says nothing.
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startGateway } from './lib/gateway.mjs';
import { browser, goTo, signIn, visitor } from './lib/page.mjs';
import { seed, Wire } from './lib/seed.mjs';
import { slowLine } from './lib/slow.mjs';

const minutes = Number(process.argv[2] ?? 1);
const only = process.argv[3];
const root = path.resolve(import.meta.dirname, '..', 'dist');
const LOADS = 15;
const PER_SECOND = 50;

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[Math.floor(list.length / 2)];
const worst = (list) => Math.max(...list);
const ms = (value) => `${Math.round(value)} ms`;
const mib = (value) => `${(value / 1024 / 1024).toFixed(1)} MiB`;
const rows = [];
const told = (gaps) => `${(1000 / (gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length)).toFixed(0)} frames/s, 99 of 100 within ${ms(sorted(gaps)[Math.floor(gaps.length * 0.99)])}, longest ${ms(worst(gaps))}`;
const row = (what, value) => {
  rows.push([what, value]);
  console.error(`${what}: ${value}`);
};

const gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
const seeded = await seed(gateway);
const running = await browser(['--enable-precise-memory-info', '--js-flags=--expose-gc']);

try {
  for (const part of [loads, train, frames, soak]) if (!only || part.name === only) await part();
} finally {
  await running.close();
  await seeded.close();
  await gateway.stop();
}

const load = os.loadavg()[0].toFixed(1);
console.log(`Machine: ${os.cpus()[0]?.model ?? os.arch()}, ${os.cpus().length} cores, load ${load} at the end; Chromium ${running.version()} without a GPU, 1360 × 860.\n`);
console.log('| figure | value |\n|---|---|');
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);

/** The Overview of a browser that is signed in, with nothing of the page in its cache. */
async function loads() {
  const visit = await visitor(running, { strict: false });
  const session = await visit.context.newCDPSession(visit.page);
  await visit.page.addInitScript(() => {
    const look = () => {
      // What the gateway told is there, and what is pressed is answered.
      if (window.interactive === undefined && document.querySelector('.app a.recent') && document.querySelector('.pill .state')) {
        window.interactive = performance.now();
        observer.disconnect();
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true });
  });
  await signIn(visit, gateway);
  await visit.page.locator('a.recent').first().waitFor();
  const seen = { paint: [], interactive: [], bytes: [], requests: [] };
  for (let n = 0; n < LOADS; n++) {
    await session.send('Network.clearBrowserCache');
    await visit.page.goto('about:blank');
    await visit.page.goto(`${gateway.http}/`);
    await visit.page.waitForFunction(() => window.interactive !== undefined && performance.getEntriesByName('first-contentful-paint').length > 0);
    const one = await visit.page.evaluate(() => {
      const all = [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')];
      return {
        paint: performance.getEntriesByName('first-contentful-paint')[0].startTime, interactive: window.interactive,
        bytes: all.reduce((sum, { transferSize }) => sum + transferSize, 0), requests: all.length,
      };
    });
    for (const [name, value] of Object.entries(one)) seen[name].push(value);
  }
  row(`first contentful paint, cold cache, loopback, median / worst of ${LOADS}`, `${ms(median(seen.paint))} / ${ms(worst(seen.paint))}`);
  row('interactive: the Overview shows what the gateway told', `${ms(median(seen.interactive))} / ${ms(worst(seen.interactive))}`);
  row('transferred until then', `${(median(seen.bytes) / 1024).toFixed(0)} KiB in ${median(seen.requests)} requests`);
  await visit.context.close();
}

/** The Overview on a phone with 400 kbit/s and 400 ms there and back, of a browser that is signed in and has nothing in its cache. */
async function train() {
  const line = await slowLine(gateway.port);
  const visit = await visitor(running, { strict: false, phone: true });
  try {
    const { page } = visit;
    visit.context.setDefaultTimeout(60_000);
    const session = await visit.context.newCDPSession(page);
    await page.goto(`${line.http}/#token=${gateway.token}`, { timeout: 60_000 });
    await page.locator('a.recent').first().waitFor();
    const seen = { paint: [], connected: [], whole: [] };
    for (let n = 0; n < 5; n++) {
      await session.send('Network.clearBrowserCache');
      await page.goto('about:blank');
      const began = performance.now();
      await page.goto(`${line.http}/`, { waitUntil: 'commit' });
      await page.locator('.app').waitFor();
      seen.connected.push(performance.now() - began);
      await page.locator('a.recent').first().waitFor();
      seen.whole.push(performance.now() - began);
      seen.paint.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
    }
    row('400 kbit/s and 400 ms: something to read, median / worst of 5', `${ms(median(seen.paint))} / ${ms(worst(seen.paint))}`);
    row('then connected', `${ms(median(seen.connected))} / ${ms(worst(seen.connected))}`);
    row('then the Overview with what the gateway told', `${ms(median(seen.whole))} / ${ms(worst(seen.whole))}`);
    await goTo(page, '/chat?session=agent:main:train');
    const box = page.getByRole('textbox', { name: 'Message' });
    const sent = [];
    for (const text of ['What is on today?', 'And last night?', 'When did we last test a restore?']) {
      await box.fill(text);
      const before = await page.locator('.message.assistant:not(.live)').count();
      const began = performance.now();
      await page.getByRole('button', { name: 'Send' }).click();
      await page.waitForFunction((n) => document.querySelectorAll('.message.assistant:not(.live)').length > n, before);
      sent.push(performance.now() - began);
    }
    row('a reply of one sentence, from the button to its end', `${ms(median(sent))} / ${ms(worst(sent))}`);
  } finally {
    await visit.context.close();
    await line.close();
  }
}

/** Counts frames of the page between two moments. */
async function watched(page, run) {
  await page.evaluate(() => {
    window.gaps = [];
    let before;
    const next = (now) => {
      if (before !== undefined) window.gaps.push(now - before);
      before = now;
      window.counting = requestAnimationFrame(next);
    };
    window.counting = requestAnimationFrame(next);
  });
  const value = await run();
  return { value, gaps: await page.evaluate(() => { cancelAnimationFrame(window.counting); return window.gaps; }) };
}

/** A reply of 200 words a second while somebody types: as the gateway tells it, which gathers words, and then each by itself. */
async function frames() {
  const visit = await visitor(running, { strict: false });
  const { page } = visit;
  let marks = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => String(payload).includes('"state":"delta"') && marks.push(Date.now())));
  await page.addInitScript(() => {
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      constructor(...given) {
        super(...given);
        window.socket = this;
      }
    };
  });
  const type = async (seconds) => {
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until) {
      await page.keyboard.type('a');
      await pause(120);
    }
  };
  await signIn(visit, gateway, '/chat?session=agent:main:flood');
  await page.getByRole('textbox', { name: 'Message' }).fill('flood');
  await page.keyboard.press('Enter');
  await page.locator('.message.live .prose').waitFor();
  marks = [];
  const gathered = await watched(page, () => type(7));
  row('a model that writes 200 words a second: deltas told by the gateway', `${(marks.length / ((marks.at(-1) - marks[0]) / 1000)).toFixed(0)} a second`);
  row('frames meanwhile, while somebody types', told(gathered.gaps));
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('.message.live').waitFor({ state: 'detached' });

  // What a gateway would send that does not gather: each delta with the whole text so far, heard by the page as from its socket.
  const each = await watched(page, async () => {
    const count = page.evaluate((seconds) => new Promise((resolve) => {
      const began = performance.now();
      let text = '';
      let n = 0;
      const step = () => {
        const now = performance.now() - began;
        for (; n < now / 5; n++) {
          text += n % 60 === 59 ? 'end.\n\n' : `word${n} `;
          const payload = { runId: 'each', sessionKey: 'agent:main:flood', state: 'delta', message: { role: 'assistant', content: [{ type: 'text', text }] } };
          window.socket.onmessage({ data: JSON.stringify({ type: 'event', event: 'chat', payload }) });
        }
        if (now < seconds * 1000) setTimeout(step, 0);
        else resolve(n / seconds);
      };
      step();
    }), 7);
    await type(6.5);
    return count;
  });
  row('deltas each by itself', `${each.value.toFixed(0)} a second`);
  row('frames meanwhile, while somebody types', told(each.gaps));
  await goTo(page, '/about');
  row('frames of the same browser at rest, for comparison', told((await watched(page, () => pause(2000))).gaps));
  await visit.context.close();
}

/** Memory while the gateway tells a great deal, and somebody goes from page to page. */
async function soak() {
  const visit = await visitor(running, { strict: false });
  const { page } = visit;
  let events = 0;
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => String(payload).includes('"type":"event"') && (events += 1)));
  await signIn(visit, gateway);
  const session = await visit.context.newCDPSession(page);
  await session.send('Performance.enable');
  const heap = async () => {
    await goTo(page, '/');
    await page.locator('a.recent').first().waitFor();
    await pause(500);
    for (let n = 0; n < 3; n++) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name) => metrics.find((one) => one.name === name).value;
    return { used: of('JSHeapUsedSize'), nodes: of('Nodes'), listeners: of('JSEventListeners') };
  };
  const wire = await Wire.open(gateway, { name: 'Load' });
  let busy = true;
  let n = 0;
  const speak = (async () => {
    const began = Date.now();
    // Each note is told as a message and as a change of its session.
    for (const each = PER_SECOND / 2; busy; ) {
      const due = Math.floor(((Date.now() - began) / 1000) * each);
      for (; n < due; n++) await wire.send('chat.inject', { sessionKey: `agent:main:load-${n % 12}`, message: `Note ${n}: ${'all is well. '.repeat(6)}` });
      await pause(20);
    }
  })();
  const places = ['/', '/chat?session=agent:main:load-1', '/sessions', '/logs', '/stats?tab=gateway', '/approvals', '/chat?session=agent:main:load-2', '/agents', '/console?tab=frames'];
  const walk = async (ends) => {
    for (let at = 0; Date.now() < ends; at++) {
      await goTo(page, places[at % places.length]);
      await pause(Math.min(2500, Math.max(0, ends - Date.now())));
    }
  };
  // Everything that is loaded once, and every list that has a greatest length, comes first.
  await walk(Date.now() + 45_000);
  const first = await heap();
  const counted = events;
  const from = Date.now();
  const samples = [first];
  const steps = Math.max(2, Math.round(minutes * 2));
  for (let step = 1; step <= steps; step++) {
    await walk(from + (step * minutes * 60_000) / steps);
    samples.push(await heap());
    console.error(`  ${((Date.now() - from) / 60_000).toFixed(1)} min: ${mib(samples.at(-1).used)}, ${samples.at(-1).nodes} nodes, ${samples.at(-1).listeners} listeners`);
  }
  const took = (Date.now() - from) / 1000;
  busy = false;
  await speak;
  const last = samples.at(-1);
  row(`events that arrived during ${minutes} minutes`, `${((events - counted) / took).toFixed(0)} a second`);
  row('heap after a warm-up of 45 s, then at the end', `${mib(first.used)}, ${mib(last.used)} (least ${mib(Math.min(...samples.map(({ used }) => used)))}, most ${mib(worst(samples.map(({ used }) => used)))})`);
  row('nodes and listeners of the page, then', `${first.nodes} and ${first.listeners}, ${last.nodes} and ${last.listeners}`);
  await wire.close();
  await visit.context.close();
}
