// What only some people meet: a browser that keeps nothing, a wrong clock, fewer rights, a keyboard, a screen reader.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, goTo, settled, signIn, visitor } from '../lib/page.mjs';
import { seed } from '../lib/seed.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');

describe('taking care', () => {
  let gateway, seeded, running;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
    seeded = await seed(gateway);
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await seeded?.close();
    await gateway?.stop();
  });

  test('a browser that refuses to keep anything still opens the page', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('The operation is insecure.', 'SecurityError'); } });
    });
    await signIn(visit, gateway, '/about');
    await visit.page.getByRole('button', { name: 'Dark' }).click();
    assert.equal(await visit.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    visit.clean('no storage');
    await visit.context.close();
  });

  test('a clock that is off is said to be the reason', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.addInitScript(() => {
      const real = Date.now;
      Date.now = () => real() - 3_600_000;
    });
    await visit.page.goto(`${gateway.http}/#token=${gateway.token}`);
    await visit.page.getByRole('heading', { name: 'The gateway refuses this browser' }).waitFor();
    await visit.page.getByText('clocks of this device and of the gateway').waitFor();
    await visit.shot('clock');
    await visit.accessible('clock');
    visit.clean('clock');
    await visit.context.close();
  });

  test('fewer rights are enough until more are asked for, also after a reload', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.addInitScript(() => {
      if (!localStorage.getItem('story')) localStorage.setItem('mc_scopes', '["operator.read"]');
      localStorage.setItem('story', 'begun');
    });
    await visit.page.goto(gateway.http);
    const approve = async () => {
      const command = await visit.page.locator('.command code').first().innerText();
      await gateway.cli(...command.split(' ').slice(1));
    };
    await visit.page.getByText('This browser waits for approval').waitFor();
    await approve();
    await visit.page.getByText('Everything is well').waitFor({ timeout: 15_000 });
    await visit.page.locator('.pill').click();
    await visit.page.getByText('fewer than it could ask for').waitFor();
    await visit.page.getByRole('button', { name: 'Ask for more' }).click();
    await visit.page.getByText('This browser asks for more than it was approved for').waitFor();
    await visit.shot('asks-for-more');
    await visit.page.getByRole('button', { name: 'Go on with what is approved' }).click();
    await visit.page.getByText('Everything is well').waitFor();
    await visit.page.reload();
    await visit.page.getByText('Everything is well').waitFor();
    // What it may not do is switched off, not refused when it is too late.
    await goTo(visit.page, '/chat');
    assert.ok(await visit.page.getByRole('textbox', { name: 'Message' }).isDisabled());
    await goTo(visit.page, '/approvals');
    await visit.page.getByText('This browser may not see that').waitFor();
    visit.clean('fewer rights');
    await visit.context.close();
  });

  test('while an owner decides, what is shown stands still', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.goto(gateway.http);
    const other = visit.page.getByRole('button', { name: 'Use the gateway’s token instead' });
    await other.focus();
    await visit.page.evaluate(() => {
      window.titles = new Set();
      new MutationObserver(() => window.titles.add(document.querySelector('h1')?.textContent)).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await visit.page.waitForFunction(() => window.titles.size > 0 || performance.now() > 9500, undefined, { timeout: 20_000 });
    assert.deepEqual((await visit.page.evaluate(() => [...window.titles])).filter((title) => title !== 'This browser waits for approval'), []);
    assert.ok(await other.evaluate((element) => element === document.activeElement), 'the focus stays where it was');
    visit.clean('waiting');
    await visit.context.close();
  });

  test('a login link works over the open page, a used one says so, and a wrong token leaves a way back', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway);
    const { path: link } = await gateway.call('dashboard.link');
    await visit.page.evaluate((hash) => (location.hash = hash), link.slice(link.indexOf('#')));
    await visit.page.waitForFunction(() => location.hash === '');
    await visit.page.getByText('Everything is well').waitFor();
    await visit.page.evaluate((hash) => (location.hash = hash), link.slice(link.indexOf('#')));
    await visit.page.locator('.toast').getByText('The login link did not work').waitFor();
    assert.ok(await visit.page.getByText('Everything is well').isVisible(), 'the page that worked goes on');
    await visit.page.evaluate(() => (location.hash = '#token=wrong'));
    await visit.page.getByText('That gateway token is not the gateway').waitFor();
    await visit.page.getByRole('button', { name: 'Go on as before' }).click();
    await visit.page.getByText('Everything is well').waitFor();
    visit.complaints.splice(0, visit.complaints.length, ...visit.complaints.filter((text) => !/status of 4\d\d/.test(text)));
    visit.clean('login link');
    await visit.context.close();
  });

  test('a request is said aloud and counted in the title, and after a decision the focus goes on', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/approvals');
    await visit.page.getByText('Nothing waits for you').waitFor();
    await seeded.ask('git push origin main');
    await visit.page.locator('.voice').getByText('ops wants to run: git push origin main').waitFor();
    await visit.page.waitForFunction(() => document.title === '(1) Approvals · Mission Control');
    await seeded.ask('git tag v2');
    const first = visit.page.getByRole('article', { name: 'git push origin main' });
    await first.getByRole('button', { name: 'Deny' }).focus();
    await visit.page.keyboard.press('Enter');
    await first.waitFor({ state: 'detached' });
    await visit.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'git tag v2');
    // On the card, so that another Enter decides nothing.
    await visit.page.keyboard.press('Enter');
    await visit.page.getByRole('article', { name: 'git tag v2' }).getByRole('button', { name: 'Deny' }).focus();
    await visit.page.keyboard.press('Enter');
    await visit.page.getByText('Nothing waits for you').waitFor();
    await visit.page.waitForFunction(() => document.activeElement?.id === 'content');
    await visit.page.waitForFunction(() => document.title === 'Approvals · Mission Control');
    visit.clean('aloud');
    await visit.context.close();
  });

  test('a reply is said aloud when it is whole', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/chat?session=agent:main:listened');
    await visit.page.getByRole('textbox', { name: 'Message' }).fill('Plan a trip');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('.voice').getByText('Reply: Here is a plan for three days in Lisbon').waitFor();
    visit.clean('reply aloud');
    await visit.context.close();
  });

  test('a dialog keeps the focus, gives it back, and is not closed by a slip', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/sessions');
    const more = visit.page.getByRole('button', { name: /More about Something with lentils/ });
    await more.focus();
    await visit.page.keyboard.press('Enter');
    const dialog = visit.page.getByRole('dialog');
    await dialog.waitFor();
    for (let n = 0; n < 25; n++) {
      await visit.page.keyboard.press('Tab');
      assert.ok(await visit.page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)), 'the focus stays inside');
    }
    // Text that is selected beyond the edge is no wish to close.
    const field = await dialog.getByLabel('Name of the session').boundingBox();
    await visit.page.mouse.move(field.x + 20, field.y + 10);
    await visit.page.mouse.down();
    await visit.page.mouse.move(5, 5);
    await visit.page.mouse.up();
    assert.ok(await dialog.isVisible());
    // What a toast says can be closed while a dialog is open.
    await dialog.getByRole('button', { name: 'Compact' }).click();
    const toast = dialog.locator('.toast').first();
    await toast.getByRole('button', { name: 'Close' }).click();
    await toast.waitFor({ state: 'detached' });
    await visit.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.ok(await more.evaluate((element) => element === document.activeElement), 'back to the button that opened it');
    // A click beside it closes what holds nothing.
    await more.click();
    await dialog.waitFor();
    await visit.page.mouse.click(5, 5);
    await dialog.waitFor({ state: 'detached' });
    visit.clean('dialog');
    await visit.context.close();
  });

  test('a text that is typed survives a change from elsewhere, and does not undo it', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/config?tab=text');
    await visit.page.locator('.cm-content').click();
    await visit.page.keyboard.press('Control+Home');
    await visit.page.keyboard.press('ArrowRight');
    await visit.page.keyboard.type(' "cron": {"maxConcurrentRuns": 3},');
    await gateway.call('config.set', { path: 'gateway.controlUi.requireDeviceAuth', value: true });
    await visit.page.getByText('The configuration was changed elsewhere while you typed').waitFor();
    assert.match(await visit.page.locator('.cm-content').innerText(), /maxConcurrentRuns/);
    // Nor does looking at something else take it away.
    await goTo(visit.page, '/about');
    await visit.page.getByText('This browser').first().waitFor();
    await goTo(visit.page, '/config?tab=text');
    await visit.page.locator('.cm-content').getByText('maxConcurrentRuns').waitFor();
    await visit.page.getByText('The configuration was changed elsewhere while you typed').waitFor();
    await visit.page.getByRole('button', { name: 'Discard' }).click();
    await visit.page.locator('.cm-content').getByText('requireDeviceAuth').waitFor();
    visit.clean('text');
    await visit.context.close();
  });
});

// A gateway of its own: each visit is a device, and one user may have ten.
describe('in the hand', () => {
  let gateway, seeded, running;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
    seeded = await seed(gateway);
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await seeded?.close();
    await gateway?.stop();
  });

  for (const look of ['light', 'dark']) {
    test(`everything that opens fits on a phone, ${look}`, async () => {
      const visit = await visitor(running, { origin: gateway.http, phone: true, look });
      const { page } = visit;
      await signIn(visit, gateway);
      const dialog = page.getByRole('dialog');
      const looked = async (name) => {
        await dialog.first().waitFor();
        await settled(page);
        await visit.shot(`phone-${name}`);
        await visit.fits(name);
        const box = await dialog.last().boundingBox();
        assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0 && box.y + box.height <= 844, `${name} is in sight: ${JSON.stringify(box)}`);
        await visit.accessible(name);
        await page.keyboard.press('Escape');
        await dialog.first().waitFor({ state: 'detached' });
        visit.clean(name);
      };
      await page.locator('.pill').click();
      await looked('connection');
      await page.locator('.find').click();
      await looked('palette');
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await looked('more');
      await goTo(page, '/chat?session=agent:main:lisbon');
      await page.getByRole('button', { name: 'Sessions' }).click();
      await looked('chat-sessions');
      await goTo(page, '/sessions');
      await page.getByRole('button', { name: /More about Something with lentils/ }).click();
      await looked('session');
      await goTo(page, '/cron');
      await page.getByRole('button', { name: 'Add a job' }).click();
      await looked('job');
      await page.getByRole('button', { name: 'Inbox sweep', exact: true }).click();
      await looked('job-history');
      await goTo(page, '/agents');
      await page.getByRole('button', { name: 'Add an agent' }).click();
      await looked('agent');
      await goTo(page, '/devices');
      await page.getByRole('button', { name: 'Add a device', exact: true }).click();
      await looked('login-link');
      await page.getByRole('button', { name: /More about Studio Mac/ }).click();
      await looked('device');
      await goTo(page, '/security');
      await page.getByRole('button', { name: 'Lock down now' }).click();
      await looked('lockdown');
      // A line that new ones do not push away.
      await goTo(page, '/logs?q=Device%20signature');
      await page.locator('.log-line').first().click();
      await looked('log-line');
      await goTo(page, '/about');
      await page.getByRole('button', { name: 'Forget this device' }).click();
      await looked('forget');
      await seeded.ask(`printf '${'long '.repeat(80)}' | tee /srv/site/notes.txt && cat /srv/site/a-name-without-any-place-to-break-it-${'x'.repeat(120)}`);
      await goTo(page, '/approvals');
      await page.locator('.approval').first().waitFor();
      await visit.shot('phone-long-command');
      await visit.fits('a long command');
      assert.ok(await page.locator('.approval .command-text').first().evaluate((element) => element.scrollHeight <= element.clientHeight), 'all of the command is in sight');
      await visit.accessible('a long command');
      await page.locator('.approval').first().getByRole('button', { name: 'Always allow' }).click();
      await looked('always');
      await page.locator('.approval').first().getByRole('button', { name: 'Deny' }).click();
      await page.locator('.approval').first().waitFor({ state: 'detached' });
      await visit.context.close();
    });
  }
});
