// What the gateway knows of its own safety: its audit, its trail, and the emergency stop.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, goTo, signIn, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');

describe('security', () => {
  let gateway, running;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root, config: { gateway: { controlUi: { allowedOrigins: ['*'] } } } });
    running = await browser();
  });
  after(async () => {
    await running?.close();
    await gateway?.stop();
  });

  for (const [look, phone] of [['light', false], ['dark', true]]) {
    test(`the gateway's own audit and its trail are read (${look}, ${phone ? 'phone' : 'desktop'})`, async () => {
      const visit = await visitor(running, { look, phone, origin: gateway.http });
      const { page } = visit;
      await signIn(visit, gateway, '/security');
      const finding = page.locator('.finding').filter({ hasText: 'gateway.control_ui.allowed_origins_wildcard' });
      await finding.waitFor();
      await finding.getByRole('button', { name: 'Fix' }).waitFor();
      assert.equal(await page.locator('.finding').filter({ hasText: 'Every website may connect' }).count(), 0, 'what both know is told once');
      assert.equal(await page.locator('.finding').filter({ hasText: 'allowedOrigins[0]' }).count(), 0);
      await page.getByText('As it was written').waitFor();
      const rows = page.locator('tbody tr');
      await rows.filter({ hasText: 'device.' }).first().waitFor();
      await visit.fits('security');
      await visit.accessible('security');
      await visit.shot('security');
      await page.getByRole('heading', { name: 'Audit trail' }).evaluate((element) => element.scrollIntoView());
      await visit.shot('security-trail');
      await page.getByRole('group', { name: 'Kind of record' }).getByRole('button', { name: 'Settings' }).click();
      await rows.filter({ hasText: 'device.' }).first().waitFor({ state: 'detached' });
      assert.match(page.url(), /events=config_changes/);
      visit.clean('security');
      await visit.context.close();
    });
  }

  test('everything is closed at once after it was shown what that means, and opened again', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    const other = await visitor(running, { origin: gateway.http });
    await signIn(other, gateway, '/overview');
    await signIn(visit, gateway, '/security');
    // The pages of the stories before this one are gone, so that what the dialog counts is what is open here.
    await gateway.connected(2);
    const { page } = visit;
    const stop = page.getByRole('button', { name: 'Lock down now' });
    await stop.click();
    const dialog = page.getByRole('dialog', { name: 'Lock the gateway down?' });
    await dialog.getByText('1 other connection ends').waitFor();
    await visit.accessible('lockdown');
    await visit.shot('security-lockdown');
    await dialog.getByRole('button', { name: 'Lock down now' }).click();
    await page.getByText('Locked down since').waitFor();
    await visit.shot('security-locked');
    await other.page.getByText('gateway locked down').first().waitFor();
    assert.match(await gateway.cli('security', 'status'), /Lockdown +locked down since /);
    await page.getByRole('button', { name: 'End the lockdown' }).click();
    const undo = page.getByRole('dialog', { name: 'End the lockdown?' });
    await visit.shot('security-unlock');
    await undo.getByRole('button', { name: 'End the lockdown' }).click();
    await stop.waitFor();
    await goTo(page, '/security?events=');
    await page.locator('tbody tr').filter({ hasText: 'security.lockdown.undone' }).first().waitFor();
    visit.clean('lockdown');
    await visit.context.close();
    await other.context.close();
  });
});
