// Many gateways from one page (specification 000): three are added, one of them refused and then allowed; people talk and decide
// through each; and the token of none of them is in what the page is told, shows or keeps, or in a log.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { authority } from '../lib/certificates.mjs';
import { startGateway } from '../lib/gateway.mjs';
import { browser, goTo, signIn, until, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const binary = process.env.STORIES_BINARY;
const secret = 'far-secret-0123456789abcdef0123456789';

describe('fleet', () => {
  let home, running, ca;
  const far = {};
  before(async () => {
    ca = authority();
    const away = (gateway, files) => startGateway({ binary, root, files, config: { gateway: { auth: { token: secret }, ...gateway } } });
    home = await startGateway({ binary, root });
    far.Plain = await away({});
    far.Signed = await away({ tls: { enabled: true, autoGenerate: false, certPath: '<home>/cert.pem', keyPath: '<home>/key.pem' } }, { 'cert.pem': ca.certificate, 'key.pem': ca.key });
    far.Own = await away({ tls: { enabled: true, autoGenerate: true } });
    running = await browser();
  });
  after(async () => {
    await running?.close();
    for (const gateway of [home, ...Object.values(far)]) await gateway?.stop();
  });

  /** Everything that a page is told. */
  const listen = (page) => {
    const told = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => told.push(String(payload))));
    page.on('response', async (response) => told.push(await response.text().catch(() => '')));
    return told;
  };
  const card = (page, name) => page.locator('section.card').filter({ has: page.getByRole('heading', { name, exact: true }) });
  const fill = async (page, name) => {
    const dialog = page.getByRole('dialog', { name: 'Add a gateway' });
    await dialog.getByLabel('Name', { exact: true }).fill(name);
    await dialog.getByLabel('Address').fill(far[name].ws);
    await dialog.getByLabel('Token', { exact: true }).fill(secret);
    await dialog.getByLabel('It is on this machine or in a private network').check();
    return dialog;
  };

  test('three gateways are added, and the self-signed one only when that is allowed', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    const told = listen(page);
    await signIn(visit, home, '/gateways');
    await page.getByText('No other gateway yet').waitFor();
    await visit.accessible('no gateway');
    await visit.shot('fleet-empty');

    await page.getByRole('button', { name: 'Add a gateway' }).click();
    let dialog = await fill(page, 'Plain');
    // Without the word for private networks it is refused, and that says what helps.
    await dialog.getByLabel('It is on this machine or in a private network').uncheck();
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('PRIVATE_ADDRESS').waitFor();
    await dialog.getByLabel('It is on this machine or in a private network').check();
    await dialog.getByLabel('Workspace root').fill('~/fleet');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('It works: version').waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await card(page, 'Plain').getByText('Connected').first().waitFor();

    await page.getByRole('button', { name: 'Add a gateway' }).click();
    dialog = await fill(page, 'Signed');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('TLS', { exact: true }).waitFor();
    await dialog.getByLabel('Certificate authority').fill(ca.authority);
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('It works: version').waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await card(page, 'Signed').getByText('Connected').first().waitFor();

    await page.getByRole('button', { name: 'Add a gateway' }).click();
    dialog = await fill(page, 'Own');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('Its certificate has the fingerprint').waitFor();
    await visit.accessible('refused');
    await visit.shot('fleet-refused');
    await dialog.getByLabel('Allow self-signed TLS certificates').check();
    await dialog.getByText('Security warning').waitFor();
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText('It works: version').waitFor();
    await visit.accessible('allowed');
    await visit.shot('fleet-allowed');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await card(page, 'Own').getByText('Connected').first().waitFor();
    await card(page, 'Own').getByText('any certificate', { exact: true }).waitFor();
    await card(page, 'Own').getByText('has a token').waitFor();
    await visit.fits('fleet');
    await visit.accessible('fleet');
    await visit.shot('fleet');

    // A token stays with its address: another one needs it again.
    await page.getByRole('button', { name: 'Change Plain' }).click();
    dialog = page.getByRole('dialog', { name: 'Change Plain' });
    assert.equal(await dialog.getByLabel('Token', { exact: true }).inputValue(), '');
    await dialog.getByLabel('Address').fill('ws://127.0.0.1:9');
    await dialog.getByRole('button', { name: 'Test' }).click();
    await page.getByText('token belongs to the former address').first().waitFor();
    await dialog.locator('header').getByRole('button', { name: 'Close' }).click();

    visit.clean('fleet');
    await search(visit, told);
    await visit.context.close();
  });

  for (const [look, phone] of [['light', false], ['dark', true]]) {
    test(`people talk and decide through each of them (${look}, ${phone ? 'phone' : 'desktop'})`, async () => {
      const visit = await visitor(running, { look, phone, origin: home.http });
      const { page } = visit;
      const told = listen(page);
      await signIn(visit, home, '/gateways');
      await card(page, 'Own').waitFor();
      await visit.fits('gateways');
      await visit.accessible('gateways');
      await visit.shot('gateways');
      for (const [n, [name, gateway]] of Object.entries(far).entries()) {
        await goTo(page, '/gateways');
        await card(page, name).getByRole('button', { name: 'Act on it' }).click();
        await page.getByText(`You act on ${name}`).waitFor();
        const session = `agent:main:fleet-${look}-${n}`;
        await goTo(page, `/chat?session=${session}`);
        await page.getByRole('textbox', { name: 'Message' }).fill('Good morning');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.getByRole('log').getByText('All systems are well').first().waitFor();
        // The text is seen while it streams, and is in the history once the run has ended.
        await until(async () => /All systems are well/.test(JSON.stringify(await gateway.call('chat.history', { sessionKey: session }))), 'it was said there');
        assert.doesNotMatch(JSON.stringify(await home.call('sessions.list')), new RegExp(session), 'and not here');
        await visit.shot(`fleet-chat-${name.toLowerCase()}`);

        await goTo(page, '/approvals');
        const id = `fleet-${look}-${n}`;
        const asked = gateway.call('exec.approval.request', { id, command: `ls -la ${id}`, cwd: '/tmp', host: 'gateway', sessionKey: 'main', timeoutMs: 60_000 });
        await page.getByText(`ls -la ${id}`).first().waitFor();
        await visit.shot(`fleet-approval-${name.toLowerCase()}`);
        await page.getByRole('button', { name: /^Allow once/ }).first().click();
        assert.equal((await asked).decision, 'allow-once');
        await page.getByRole('button', { name: 'Back to this gateway' }).click();
        await page.getByText(`You act on ${name}`).waitFor({ state: 'detached' });
      }
      visit.clean('through each');
      await search(visit, told);
      await visit.context.close();
    });
  }

  test('a gateway that is lost is said to be, and nothing is done on this one in its place', async () => {
    const visit = await visitor(running, { origin: home.http });
    const { page } = visit;
    await signIn(visit, home, '/gateways');
    await card(page, 'Plain').getByRole('button', { name: 'Act on it' }).click();
    await page.getByText('You act on Plain').waitFor();
    await goTo(page, '/chat?session=agent:main:lost');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await far.Plain.halt();
    await page.getByText('Plain is not connected').waitFor({ timeout: 60_000 });
    // What is said meanwhile waits and says so, and the page goes on working.
    await page.getByRole('textbox', { name: 'Message' }).fill('Are you there?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const waiting = page.locator('.message.user.pending').filter({ hasText: 'Are you there?' });
    await waiting.getByText('Sending').waitFor();
    await page.getByRole('textbox', { name: 'Message' }).fill('and this is a draft');
    await visit.shot('fleet-lost');
    assert.doesNotMatch(JSON.stringify(await home.call('sessions.list')), /agent:main:lost/, 'not said here in its place');
    await far.Plain.start();
    await page.getByText('You act on Plain').waitFor({ timeout: 60_000 });
    await waiting.waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByRole('log').getByText('All systems are well').first().waitFor();
    const { messages } = await far.Plain.call('chat.history', { sessionKey: 'agent:main:lost' });
    assert.equal(messages.filter(({ role }) => role === 'user').length, 1, 'said there once');
    assert.doesNotMatch(JSON.stringify(await home.call('sessions.list')), /agent:main:lost/, 'and never here');
    await page.getByRole('button', { name: 'Back to this gateway' }).click();
    await goTo(page, '/gateways');
    await card(page, 'Plain').getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('dialog', { name: 'Remove Plain?' }).getByRole('button', { name: 'Remove' }).click();
    await card(page, 'Plain').waitFor({ state: 'detached' });
    await goTo(page, '/gateways?edit=plain');
    await page.getByText('What this link names is not here').waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0, 'nothing is offered in its place');
    assert.doesNotMatch(await home.cli('gateways', 'list'), /Plain/);
    visit.clean('lost');
    await visit.context.close();
  });

  /** The token in nothing that the page was told, shows or keeps, and in no log. */
  async function search(visit, told) {
    const { page } = visit;
    assert.ok(told.length > 20, 'frames were seen');
    assert.ok(!told.join('\n').includes(secret), 'the page was told the token');
    assert.ok(!(await page.content()).includes(secret), 'the page shows the token');
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!kept.includes(secret), 'the page keeps the token');
    for (const gateway of [home, ...Object.values(far)]) assert.ok(!gateway.log.includes(secret), 'the token is in a log');
    assert.ok(!(await home.cli('logs', '--json')).includes(secret), 'the token is in the log that clients read');
    assert.ok(!(await home.cli('audit', 'list', '--json')).includes(secret), 'the token is in the audit');
  }
});
