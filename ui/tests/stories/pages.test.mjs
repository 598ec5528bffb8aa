// Every page, full of a week of use: on a desk and on a phone, by day and by night; nothing complains, nothing is cut off,
// and everybody can use it.
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, goTo, settled, signIn, visitor } from '../lib/page.mjs';
import { seed } from '../lib/seed.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const views = [
  ['overview', '/', 'Everything is well'],
  ['chat', '/chat?session=agent:main:lisbon', 'back for dinner'],
  ['sessions', '/sessions', 'Something with lentils'],
  ['approvals', '/approvals', 'rm -rf build'],
  ['approvals-history', '/approvals?show=history', 'git pull --ff-only'],
  ['approvals-grants', '/approvals?show=grants', 'Nothing is allowed for good'],
  ['approvals-policy', '/approvals?show=policy', 'When people are asked'],
  ['agents', '/agents', 'Atlas'],
  ['agent-files', '/agents?agent=main&tab=files', 'SOUL.md'],
  ['agent-access', '/agents?agent=main&tab=access', 'Make a token'],
  ['nodes', '/nodes', 'Workshop'],
  ['gateways', '/gateways', 'No other gateway yet'],
  ['cron', '/cron', 'Morning brief'],
  ['channels', '/channels', 'No channel is connected'],
  ['skills', '/skills', 'No skill is installed'],
  // Lines come all the time, and only those in sight are there.
  ['logs', '/logs?q=Device%20signature', 'Device signature verified'],
  ['metrics', '/stats', 'Tokens by day'],
  ['metrics-gateway', '/stats?tab=gateway', 'Messages per second'],
  ['config', '/config', 'gateway.auth'],
  ['config-text', '/config?tab=text', '"gateway"'],
  ['config-history', '/config?tab=history', 'current'],
  ['devices', '/devices', 'this browser'],
  ['security', '/security', 'Who can reach it'],
  ['console', '/console?method=cron.list', 'cron.list'],
  ['console-frames', '/console?tab=frames', 'Frames'],
  ['about', '/about', 'This browser'],
  ['not-found', '/no-such-page', 'There is no such page'],
];

describe('every page', () => {
  let gateway, seeded, running;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
    seeded = await seed(gateway);
    await seeded.ask('rm -rf build && npm run deploy -- --prod');
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await seeded?.close();
    await gateway?.stop();
  });
  for (const [phone, look] of [[false, 'light'], [false, 'dark'], [true, 'light'], [true, 'dark']]) {
    test(`${phone ? 'on a phone' : 'on a desk'}, ${look}`, async (t) => {
      const visit = await visitor(running, { phone, look, origin: gateway.http });
      await signIn(visit, gateway);
      for (const [name, to, text] of views) {
        await t.test(name, async () => {
          await goTo(visit.page, to);
          await visit.page.locator('main').getByText(text, { exact: false }).first().waitFor({ timeout: 15_000 });
          await settled(visit.page);
          await visit.shot(name);
          await visit.fits(name);
          await visit.accessible(name);
          visit.clean(name);
        });
      }
      await visit.context.close();
    });
  }

  // Each page comes with its own style; what it takes from another's is missing here.
  test('each by its own address, on a phone', async (t) => {
    const visit = await visitor(running, { phone: true, origin: gateway.http });
    await signIn(visit, gateway, '/about');
    for (const [name, to, text] of views) {
      await t.test(name, async () => {
        await visit.page.goto(gateway.http + to);
        await visit.page.locator('main').getByText(text, { exact: false }).first().waitFor({ timeout: 15_000 });
        await settled(visit.page);
        await visit.shot(`own-${name}`);
        await visit.fits(name);
        visit.clean(name);
      });
    }
    await visit.context.close();
  });
});
