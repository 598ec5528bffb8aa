// Setup codes on the page: made by whoever may, shown once, used by a machine, taken back; and not offered to anybody else.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, signIn, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const binary = process.env.STORIES_BINARY;

describe('setup codes', () => {
  let gateway, running;
  before(async () => {
    gateway = await startGateway({ binary, root });
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await gateway?.stop();
  });

  for (const [look, phone] of [['light', false], ['dark', true]]) {
    test(`a machine comes in by a code that is shown once (${look}, ${phone ? 'phone' : 'desktop'})`, async () => {
      const visit = await visitor(running, { look, phone, origin: gateway.http });
      const { page } = visit;
      await signIn(visit, gateway, '/devices');
      await page.getByRole('button', { name: 'Add a device with a code' }).click();
      const ask = page.getByRole('dialog', { name: 'Add a device with a code' });
      const name = `Build box ${look}`;
      // What it does unless told otherwise, the command line does as well.
      await ask.getByText('openclaw devices setup-code', { exact: true }).waitFor();
      await ask.getByRole('radio', { name: /^Everything/ }).check();
      await ask.getByText('whoever has this device can change the gateway').waitFor();
      await ask.getByRole('radio', { name: /^Machine/ }).check();
      await ask.getByLabel('Name of the device').fill(name);
      await ask.getByLabel('It works for').selectOption('2 min');
      await ask.getByText(`openclaw devices setup-code --role node --expires 2m --label '${name}'`, { exact: true }).waitFor();
      await visit.fits('code asked for');
      await visit.accessible('code asked for');
      await visit.shot('code-asked');
      await ask.getByRole('button', { name: 'Make the code' }).click();

      const shown = page.getByRole('dialog', { name: 'The code', exact: true });
      const code = await shown.locator('.setup-code').textContent();
      await shown.getByText(/^1 min \d+ s left$/).waitFor();
      const picture = shown.getByRole('img', { name: 'The code as a picture for a camera' });
      assert.ok(await picture.evaluate((img) => img.decode().then(() => img.naturalWidth > 100)), 'the picture is one');
      await shown.getByText('This address works on this machine alone').waitFor();
      await visit.fits('code');
      await visit.accessible('code');
      await visit.shot('code-shown');

      // What the page says to type there lets that machine in.
      const command = await shown.locator('.command code').last().textContent();
      assert.equal(command, `openclaw node run --pair ${code}`);
      const machine = spawn(binary, command.split(' ').slice(1), { env: { ...gateway.env, OPENCLAW_STATE_DIR: path.join(gateway.home, `machine-${look}`), OPENCLAW_CONFIG_PATH: undefined }, cwd: gateway.home, stdio: 'ignore' });
      try {
        await shown.getByText('The code is used up').waitFor();
        assert.equal(await shown.locator('.setup-code').count(), 0, 'a code that is used is not shown any more');
        await visit.shot('code-used');
        await shown.getByRole('button', { name: 'Close' }).last().click();
        await page.locator('table').getByText(name).waitFor();
        const list = page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Setup codes' }) });
        await list.locator('li').filter({ hasText: name }).getByText('used', { exact: true }).waitFor();
        assert.ok(!(await page.content()).includes(code), 'it is shown once');
      } finally {
        machine.kill('SIGTERM');
      }
      visit.clean('code');
      await visit.context.close();
    });
  }

  test('a code is taken back where it is shown, and from the list', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    const { page } = visit;
    await signIn(visit, gateway, '/devices?add=code');
    await page.getByRole('button', { name: 'Make the code' }).click();
    const shown = page.getByRole('dialog', { name: 'The code', exact: true });
    await shown.locator('.setup-code').waitFor();
    await shown.getByRole('button', { name: 'Take back' }).click();
    await shown.getByText('The code is taken back').waitFor();
    assert.equal(await shown.locator('.setup-code').count(), 0);
    await shown.getByRole('button', { name: 'Close' }).last().click();
    assert.ok(!page.url().includes('add='), 'the address does not open it again');

    // One from elsewhere is listed for whoever opens the page, and its code is not there.
    const made = await gateway.call('device.pair.setupCode', { scopes: ['operator.read'], label: 'Kitchen' });
    await page.reload();
    const row = page.locator('section.card').filter({ has: page.getByRole('heading', { name: 'Setup codes' }) }).locator('li').filter({ hasText: 'Kitchen' });
    await row.getByText('works', { exact: true }).waitFor();
    assert.ok(!(await page.content()).includes(made.setupCode));
    await visit.accessible('codes');
    await visit.shot('codes');
    await row.getByRole('button', { name: 'Take back' }).click();
    await row.waitFor({ state: 'detached' });
    const { codes } = await gateway.call('device.pair.setupList');
    assert.deepEqual(codes.filter(({ status }) => status === 'open'), []);

    // What the gateway refuses is said, and nothing that was typed is lost.
    await page.getByRole('button', { name: 'Add a device with a code' }).click();
    await page.getByLabel('Address').fill('not an address');
    await page.getByRole('button', { name: 'Make the code' }).click();
    await page.locator('.toast').getByText('publicUrl').waitFor();
    assert.equal(await page.getByLabel('Address').inputValue(), 'not an address');
    visit.clean('taken back');
    await visit.context.close();
  });

  test('whoever may not make one is not offered to', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    const { page } = visit;
    await page.addInitScript(() => localStorage.setItem('mc_scopes', '["operator.read","operator.pairing"]'));
    await signIn(visit, gateway, '/devices?add=code');
    await page.locator('table').first().waitFor();
    await exactly(page, 'dialog', 0);
    assert.equal(await page.getByRole('button', { name: 'Add a device with a code' }).count(), 0);
    assert.equal(await page.getByRole('heading', { name: 'Setup codes' }).count(), 0);
    visit.clean('fewer rights');
    await visit.context.close();
  });
});
