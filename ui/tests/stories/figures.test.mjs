// How busy the gateway was: what it measured is drawn, and what nobody measured is not made up.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, settled, signIn, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');

/** A day of a gateway that was there from six to eleven and from twelve on, and is busiest in the evening. */
function day(ts, stepMs, count) {
  const samples = { at: [], spanMs: [], connections: [], requests: [], errors: [], events: [], p50Ms: [], p99Ms: [], lagMs: [], memoryBytes: [], tokensRead: [], tokensWritten: [], cost: [], runs: [], runsActive: [] };
  for (let n = 0; n < count; n++) {
    const part = n / count;
    if (part < 0.25 || (part > 0.46 && part < 0.5)) continue;
    const busy = Math.max(0, Math.sin((part - 0.25) * 4.2)) ** 2;
    const wave = 1 + 0.3 * Math.sin(n / 3);
    const values = {
      at: ts - (count - 1 - n) * stepMs, spanMs: stepMs, connections: Math.round(4 + 20 * busy * wave), requests: Math.round(stepMs / 250 * busy * wave), errors: n % 90 === 0 ? 12 : 0,
      events: Math.round(stepMs / 60 * busy * wave), p50Ms: busy < 0.02 ? null : 0.4 + busy * wave, p99Ms: busy < 0.02 ? null : 4 + 20 * busy * wave, lagMs: 0.4 + busy, memoryBytes: 14e6 + 9e6 * part,
      tokensRead: Math.round(9000 * busy * wave), tokensWritten: Math.round(1400 * busy * wave), cost: 0.02 * busy * wave, runs: Math.round(2 * busy), runsActive: Math.round(3 * busy * wave),
    };
    for (const [name, value] of Object.entries(values)) samples[name].push(value);
  }
  return { ts, startedAt: samples.at[0] - stepMs, since: ts - count * stepMs, stepMs, samples };
}

describe('figures over time', () => {
  let gateway, running;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await gateway?.stop();
  });

  test('what the gateway measured since it started is drawn, and comes by itself', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/stats?tab=gateway');
    await visit.page.getByText('none from before').waitFor();
    await visit.page.getByRole('img', { name: 'Requests' }).locator('canvas').waitFor({ timeout: 30_000 });
    await exactly(visit.page, '.chart[aria-label="Alarm late by"] canvas', 1);
    const { samples } = await gateway.call('metrics.history', { step: 10 });
    assert.ok(samples.requests.some((n) => n > 0) && samples.connections.some((n) => n > 0), JSON.stringify(samples));
    await visit.accessible('figures');
    visit.clean('figures');
    await visit.context.close();
  });

  for (const [look, phone] of [['light', false], ['dark', true]]) {
    test(`a day with two gaps is drawn (${look}, ${phone ? 'phone' : 'desktop'})`, async () => {
      const visit = await visitor(running, { look, phone, origin: gateway.http });
      await visit.page.routeWebSocket(/.*/, (socket) => {
        const server = socket.connectToServer();
        socket.onMessage((data) => {
          const frame = JSON.parse(data);
          if (frame.method !== 'metrics.history') return server.send(data);
          const payload = frame.params.step === 60 ? day(Date.now(), 60_000, 1440) : day(Date.now(), 10_000, 360);
          socket.send(JSON.stringify({ type: 'res', id: frame.id, ok: true, payload }));
        });
        server.onMessage((data) => socket.send(data));
      });
      await signIn(visit, gateway, '/stats?tab=gateway');
      await visit.page.getByRole('img', { name: 'Requests' }).locator('canvas').waitFor();
      await visit.page.getByRole('button', { name: '24 hours' }).click();
      await visit.page.waitForURL(/back=24h/);
      await visit.page.getByText('openclaw metrics --since 24h').waitFor({ state: phone ? 'attached' : 'visible' });
      await settled(visit.page);
      await visit.fits('a day of figures');
      await visit.accessible('a day of figures');
      await visit.shot('figures-day');
      await visit.page.getByRole('img', { name: 'Alarm late by' }).scrollIntoViewIfNeeded();
      await visit.shot('figures-day-end');
      visit.clean('a day of figures');
      await visit.context.close();
    });
  }
});
