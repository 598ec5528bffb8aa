// One queue of approvals over all gateways: what waits on three of them is in one list, is decided there by whoever looks at it here,
// runs out by the clock of the gateway that asks, and a gateway that is not reached is named instead of left out.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, goTo, signIn, until, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const binary = process.env.STORIES_BINARY;
const secret = 'far-secret-0123456789abcdef0123456789';

describe('queue', () => {
  let home, running;
  const far = {};
  before(async () => {
    home = await startGateway({ binary, root });
    for (const name of ['Office', 'Cellar', 'Attic']) {
      far[name] = await startGateway({ binary, root, config: { gateway: { auth: { token: secret } } } });
      await home.call('gateways.add', { name, url: far[name].ws, token: secret, allowPrivateNetwork: true });
    }
    await until(async () => (await home.call('gateways.list')).gateways.every(({ state }) => state === 'connected'), 'all gateways are connected');
    running = await browser();
  });
  after(async () => {
    await running?.close();
    for (const gateway of [home, ...Object.values(far)]) await gateway?.stop();
  });

  const ask = (gateway, id, command, timeoutMs = 600_000) => gateway.call('exec.approval.request', { id, command, cwd: '/srv', host: 'gateway', sessionKey: 'main', timeoutMs });
  const cardOf = (page, command) => page.getByRole('article', { name: command, exact: true });
  /** Until every gateway is asked what waits there: before that nobody looks, and nobody is asked. */
  const reached = async (page) => {
    await page.getByLabel('Gateway', { exact: true }).waitFor();
    await exactly(page, '.note', 0, 'every gateway is reached');
  };
  const count = (page) => page.locator('nav[aria-label] a[href="/approvals"] .count:visible').first();

  for (const [look, phone] of [['light', false], ['dark', true]]) {
    test(`what waits on each is decided from one page (${look}, ${phone ? 'phone' : 'desktop'})`, async () => {
      const visit = await visitor(running, { look, phone, origin: home.http });
      const { page } = visit;
      await signIn(visit, home, '/approvals');
      await page.getByText('Nothing waits for you').waitFor();
      await reached(page);
      // The same id on all of them: each is its own all the same.
      const id = `same-${look}`;
      const asked = Object.fromEntries([['This gateway', home], ...Object.entries(far)].map(([name, gateway], n) => [name, ask(gateway, id, `ls /srv/${look}/${n}`)]));
      await exactly(page, 'article.approval', 4);
      for (const [n, name] of Object.keys(asked).entries()) await cardOf(page, `ls /srv/${look}/${n}`).getByText(name, { exact: true }).waitFor();
      assert.equal(await count(page).textContent(), '4');
      // Only a session of this gateway can be gone to from here.
      assert.equal(await cardOf(page, `ls /srv/${look}/0`).getByRole('link').count(), 1);
      assert.equal(await cardOf(page, `ls /srv/${look}/1`).getByRole('link').count(), 0);
      await visit.fits('queue');
      await visit.accessible('queue');
      await visit.shot('queue');

      await page.getByLabel('Gateway', { exact: true }).selectOption('Cellar');
      await exactly(page, 'article.approval', 1);
      assert.match(page.url(), /gateway=cellar/);
      await visit.shot('queue-one-gateway');
      await page.reload();
      await cardOf(page, `ls /srv/${look}/2`).waitFor();
      await exactly(page, 'article.approval', 1);
      await page.getByLabel('Gateway', { exact: true }).selectOption('All gateways');
      await exactly(page, 'article.approval', 4);

      // The oldest question of all is on the overview as well, wherever it waits.
      await goTo(page, '/');
      await page.locator('.needs article.approval').nth(3).waitFor();
      await visit.shot('queue-overview');
      await goTo(page, '/approvals');

      await cardOf(page, `ls /srv/${look}/1`).getByRole('button', { name: 'Allow once' }).click();
      assert.equal((await asked.Office).decision, 'allow-once');
      await exactly(page, 'article.approval', 3);
      await cardOf(page, `ls /srv/${look}/2`).getByRole('button', { name: 'Deny' }).click();
      assert.equal((await asked.Cellar).decision, 'deny');
      // Whatever is decided elsewhere leaves the list.
      await far.Attic.call('exec.approval.resolve', { id, decision: 'deny' });
      assert.equal((await asked.Attic).decision, 'deny');
      await exactly(page, 'article.approval', 1);
      await cardOf(page, `ls /srv/${look}/0`).getByRole('button', { name: 'Allow once' }).click();
      assert.equal((await asked['This gateway']).decision, 'allow-once');
      await page.getByText('Nothing waits for you').waitFor();
      assert.equal(await count(page).count(), 0);
      visit.clean('queue');
      await visit.context.close();
    });
  }

  test('while the page acts on another gateway, this one is among the others', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    await signIn(visit, home, '/gateways');
    await page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Office', exact: true }) }).getByRole('button', { name: 'Act on it' }).click();
    await page.getByText('You act on Office').waitFor();
    await goTo(page, '/approvals');
    await reached(page);
    const asked = [ask(home, 'turned', 'ls /home'), ask(far.Office, 'turned', 'ls /office'), ask(far.Cellar, 'turned', 'ls /cellar')];
    await exactly(page, 'article.approval', 3);
    await cardOf(page, 'ls /home').getByText('This gateway', { exact: true }).waitFor();
    await cardOf(page, 'ls /office').getByText('Office', { exact: true }).waitFor();
    await visit.shot('queue-acting');
    for (const command of ['ls /home', 'ls /office', 'ls /cellar']) {
      await cardOf(page, command).getByRole('button', { name: 'Allow once' }).click();
      await cardOf(page, command).waitFor({ state: 'detached' });
    }
    assert.deepEqual((await Promise.all(asked)).map(({ decision }) => decision), ['allow-once', 'allow-once', 'allow-once']);
    visit.clean('acting');
    await visit.context.close();
  });

  test('a page is told of other gateways what waits there, and nothing else', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    const told = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => told.push(String(payload))));
    await signIn(visit, home, '/approvals');
    await reached(page);
    await far.Office.call('chat.send', { sessionKey: 'main', message: 'Good morning', idempotencyKey: 'quiet-1' });
    await far.Office.call('agent.wait', { runId: 'quiet-1', timeoutMs: 30_000 });
    const asked = ask(far.Office, 'quiet', 'ls /quiet');
    await cardOf(page, 'ls /quiet').getByRole('button', { name: 'Deny' }).click();
    await asked;
    const events = told.map((text) => JSON.parse(text)).filter(({ event }) => event === 'gateways.event').map(({ payload }) => payload.event);
    assert.ok(events.includes('exec.approval.requested'), events.join());
    assert.ok(events.every((event) => event.includes('approval') || event.startsWith('question.')), events.join());
    assert.ok(!told.join('\n').includes(secret), 'the page was told the token');
    await visit.context.close();
  });

  test('the time that is left is told by the clock of the gateway that asks', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    // The clock of this browser is as far behind that of the gateways as they let in: a question of five minutes would have six and more.
    await page.addInitScript(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() - 100_000;
    });
    await signIn(visit, home, '/approvals');
    await reached(page);
    // Nobody is asked while nobody looks.
    const asked = ask(far.Office, 'clock', 'ls /clock', 300_000);
    const left = cardOf(page, 'ls /clock').locator('.left');
    await left.waitFor();
    assert.match(await left.textContent(), /^[45] min/);
    await cardOf(page, 'ls /clock').getByRole('button', { name: 'Deny' }).click();
    assert.equal((await asked).decision, 'deny');
    await visit.context.close();
  });

  test('a gateway that is not reached is named, and is back by itself', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    await signIn(visit, home, '/approvals');
    await reached(page);
    const asked = ask(far.Attic, 'lost', 'ls /lost').catch((error) => error);
    await cardOf(page, 'ls /lost').waitFor();
    await far.Attic.halt();
    await page.getByText('What waits on Attic is not in this list').waitFor({ timeout: 60_000 });
    await cardOf(page, 'ls /lost').waitFor({ state: 'detached' });
    const other = ask(far.Cellar, 'reached', 'ls /reached');
    await cardOf(page, 'ls /reached').waitFor();
    await visit.fits('unreached');
    await visit.accessible('unreached');
    await visit.shot('queue-unreached');
    await page.getByLabel('Gateway', { exact: true }).selectOption('Cellar');
    await page.getByText('What waits on Attic').waitFor({ state: 'detached' });
    await page.getByLabel('Gateway', { exact: true }).selectOption('All gateways');
    await cardOf(page, 'ls /reached').getByRole('button', { name: 'Deny' }).click();
    await other;
    await asked;
    await far.Attic.start();
    await page.getByText('What waits on Attic').waitFor({ state: 'detached', timeout: 60_000 });
    await reached(page);
    const again = ask(far.Attic, 'back', 'ls /back');
    await cardOf(page, 'ls /back').getByRole('button', { name: 'Allow once' }).click();
    assert.equal((await again).decision, 'allow-once');
    // A gateway that is removed is no longer waited for, nor in the choice.
    await home.call('gateways.remove', { id: 'attic' });
    await page.getByLabel('Gateway', { exact: true }).locator('option', { hasText: 'Attic' }).waitFor({ state: 'detached' });
    visit.clean('unreached');
    await visit.context.close();
  });
});
