// What people do with it: sign in, talk, decide, change things, and come back after a bad day.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, goTo, signIn, visitor } from '../lib/page.mjs';
import { seed, Wire } from '../lib/seed.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const binary = process.env.STORIES_BINARY;

/** The page from another address than the gateway's, as spec 001's second container serves it: its files, and nothing else of a gateway. */
async function servedAlone(gateway) {
  const files = ['.js', '.css', '.svg', '.html', '.webmanifest'];
  const server = http.createServer(async (request, response) => {
    const name = new URL(request.url, 'http://x').pathname;
    const ending = path.extname(name);
    if (ending && !files.includes(ending)) return response.writeHead(404).end();
    const file = await fetch(gateway.http + (ending ? name : '/'));
    const type = file.headers.get('content-type') ?? '';
    let body = Buffer.from(await file.arrayBuffer());
    const meta = `<meta name="openclaw-gateway-url" content="ws://127.0.0.1:${gateway.port}/">`;
    if (type.startsWith('text/html')) body = body.toString().replace('<head>', `<head>${meta}`);
    response.writeHead(file.status, { 'content-type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}

describe('signing in', () => {
  let gateway, running;
  before(async () => {
    gateway = await startGateway({ binary, root });
    running = await browser(['--host-resolver-rules=MAP gateway.test 127.0.0.1']);
  });
  after(async () => {
    await running?.close();
    await gateway?.stop();
  });

  test('a login link signs in once, and leaves no credential behind', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    const { path: link } = await gateway.call('dashboard.link');
    await visit.page.goto(gateway.http + link);
    await visit.page.getByText('Everything is well').waitFor();
    assert.equal(new URL(visit.page.url()).hash, '');
    const kept = await visit.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.ok(!kept.includes(gateway.token), 'the credential is kept nowhere');
    assert.ok(kept.includes('mc_device_token'), kept);
    assert.ok(!(await visit.page.content()).includes(gateway.token));
    // The next visit is known by its key.
    await visit.page.goto(`${gateway.http}/sessions`);
    await visit.page.getByRole('heading', { name: 'Sessions' }).waitFor();
    visit.clean('login link');
    // The link itself is used up.
    const other = await visitor(running, { origin: gateway.http });
    await other.page.goto(gateway.http + link);
    await other.page.getByText('The login link did not work').waitFor();
    await other.shot('login-link-used');
    await other.context.close();
    await visit.context.close();
  });

  test('an unknown browser waits for its owner, and opens by itself when it is approved', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.goto(gateway.http);
    await visit.page.getByText('This browser waits for approval').waitFor();
    await visit.shot('pairing');
    await visit.accessible('pairing');
    const command = await visit.page.locator('.command code').first().innerText();
    assert.match(command, /^openclaw devices approve [0-9a-f-]{36}$/);
    await gateway.cli(...command.split(' ').slice(1));
    await visit.page.getByText('Everything is well').waitFor({ timeout: 15_000 });
    visit.clean('pairing');
    await visit.context.close();
  });

  test('the secret is asked for when it is wanted, and a wrong one is told', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await visit.page.goto(gateway.http);
    await visit.page.getByRole('button', { name: 'Use the gateway’s token instead' }).click();
    await visit.page.getByLabel('Gateway token').fill('not-the-token');
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('That gateway token is not the gateway').waitFor();
    await visit.shot('secret-wrong');
    await visit.accessible('secret');
    await visit.page.getByLabel('Gateway token').fill(gateway.token);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    await visit.page.getByText('Everything is well').waitFor();
    visit.clean('secret');
    await visit.context.close();
  });

  test('an address that is not allowed is Gateway Handshake Blocked, until it is allowed', async () => {
    const alone = await servedAlone(gateway);
    const visit = await visitor(running, { strict: false });
    await visit.page.goto(`http://127.0.0.1:${alone.port}/`);
    await visit.page.getByRole('heading', { name: 'Gateway Handshake Blocked' }).waitFor();
    await visit.page.getByText('Gateway error: Origin not allowed').waitFor();
    const reconnect = visit.page.getByRole('button', { name: 'Reconnect', exact: true });
    assert.ok(await reconnect.isDisabled(), 'no reconnecting before the cause is gone');
    await visit.shot('blocked-origin');
    await visit.accessible('blocked');
    await gateway.cli('config', 'set', 'gateway.controlUi.allowedOrigins', JSON.stringify([`http://127.0.0.1:${alone.port}`]));
    await visit.page.getByText('I have done this').click();
    await reconnect.click();
    await visit.page.getByText('This browser waits for approval').waitFor({ timeout: 15_000 });
    await visit.context.close();
    await alone.close();
  });

  test('a plain-http page from elsewhere says what to do', async () => {
    const alone = await servedAlone(gateway);
    const visit = await visitor(running, { strict: false });
    await visit.page.goto(`http://gateway.test:${alone.port}/`);
    await visit.page.getByText('The browser keeps no keys on this address').waitFor();
    assert.match(await visit.page.locator('.command code').first().innerText(), /^ssh -N -L/);
    assert.ok(await visit.page.getByRole('button', { name: 'Reconnect', exact: true }).isDisabled());
    await visit.shot('blocked-insecure');
    await visit.context.close();
    await alone.close();
  });

  test('status, latency, attempts and protocol are always in sight', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway);
    const pill = visit.page.locator('.pill');
    await visit.page.waitForFunction(() => /Connected.*ms.*↻ 0.*v4/s.test(document.querySelector('.pill').textContent));
    await pill.click();
    const details = visit.page.getByRole('dialog', { name: 'Connection' });
    for (const word of ['Status', 'Latency', 'Reconnects', 'Protocol', 'This browser may']) await details.getByText(word, { exact: true }).waitFor();
    await visit.shot('connection');
    await visit.page.keyboard.press('Escape');
    await details.waitFor({ state: 'hidden' });
    visit.clean('pill');
    await visit.context.close();
  });

  test('forgetting the device makes another one of it', async () => {
    const visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway, '/about');
    const key = await visit.page.locator('dd.mono').filter({ hasText: /^[0-9a-f]{64}$/ }).innerText();
    await visit.page.locator('main').getByRole('button', { name: 'Forget this device' }).click();
    await visit.page.getByRole('dialog', { name: 'Forget this device?' }).getByRole('button', { name: 'Forget this device' }).click();
    await visit.page.getByText('This browser waits for approval').waitFor();
    await visit.page.getByRole('button', { name: 'Use the gateway’s token instead' }).click();
    await visit.page.getByLabel('Gateway token').fill(gateway.token);
    await visit.page.getByRole('button', { name: 'Sign in' }).click();
    const other = visit.page.locator('dd.mono').filter({ hasText: /^[0-9a-f]{64}$/ });
    await other.waitFor();
    assert.notEqual(await other.innerText(), key);
    await visit.context.close();
  });
});

describe('a bad day', () => {
  test('the gateway restarts: what is shown stays, marked as old, and goes on by itself', async () => {
    const gateway = await startGateway({ binary, root });
    const running = await browser();
    try {
      const visit = await visitor(running, { origin: gateway.http });
      await signIn(visit, gateway);
      await gateway.call('chat.send', { sessionKey: 'agent:main:before', message: 'hello', idempotencyKey: 'b1' });
      await visit.page.getByText('before').or(visit.page.getByText('hello', { exact: true })).first().waitFor();
      await gateway.halt();
      await visit.page.getByText('Not connected: what you see is from').waitFor();
      assert.ok(await visit.page.getByText('Recent sessions').isVisible());
      await visit.shot('restarting');
      await gateway.start();
      await visit.page.waitForFunction(() => /Connected.*↻ 1/s.test(document.querySelector('.pill')?.textContent ?? ''), undefined, { timeout: 20_000 });
      await visit.page.getByText('Not connected').waitFor({ state: 'hidden' });
      visit.clean('restart');
      await visit.context.close();
    } finally {
      await running.close();
      await gateway.stop();
    }
  });

  test('the device is revoked while the page is open: it asks to be approved again', async () => {
    const gateway = await startGateway({ binary, root });
    const running = await browser();
    try {
      const visit = await visitor(running, { origin: gateway.http });
      await signIn(visit, gateway);
      const { paired } = await gateway.call('device.pair.list');
      await gateway.call('device.pair.remove', { deviceId: paired.find(({ displayName }) => displayName === 'Mission Control').deviceId });
      await visit.page.getByText('This browser was taken out').waitFor();
      await visit.shot('revoked');
      await visit.page.getByRole('button', { name: 'Reconnect', exact: true }).click();
      await visit.page.getByText('This browser waits for approval').waitFor();
      visit.clean('revoked');
      await visit.context.close();
    } finally {
      await running.close();
      await gateway.stop();
    }
  });
});

describe('working', () => {
  let gateway, seeded, running, visit;
  before(async () => {
    gateway = await startGateway({ binary, root });
    seeded = await seed(gateway);
    running = await browser();
    visit = await visitor(running, { origin: gateway.http });
    await signIn(visit, gateway);
  });
  after(async () => {
    await running?.close();
    await seeded?.close();
    await gateway?.stop();
  });
  const see = (text, more) => visit.page.locator('main').getByText(text, { exact: false, ...more }).first().waitFor();

  test('a message streams its reply, with tokens and cost', async () => {
    await goTo(visit.page, '/chat?new=1');
    await visit.page.getByRole('textbox', { name: 'Message' }).fill('Plan a trip');
    await visit.page.keyboard.press('Enter');
    await see('back for dinner');
    await visit.page.locator('.message.assistant table').waitFor();
    await visit.page.locator('.message.assistant footer').getByText(/\d+ in \/ \d+ out/).waitFor();
    await visit.page.locator('.message.assistant footer').getByText(/^\$0\.\d+/).waitFor();
    await exactly(visit.page, '.message', 2, 'each message is there once');
    await visit.shot('chat-reply');
    visit.clean('chat');
  });

  test('what a model says cannot do anything', async () => {
    await goTo(visit.page, '/chat?new=1');
    await visit.page.getByRole('textbox', { name: 'Message' }).fill('attack <img src=x onerror="window.hacked=1">');
    await visit.page.keyboard.press('Enter');
    await visit.page.locator('.message.assistant:not(.live)').waitFor();
    assert.equal(await visit.page.evaluate(() => window.hacked), undefined);
    assert.equal(await visit.page.locator('.message img, .message script, .message svg[onload]').count(), 0);
    visit.clean('xss');
  });

  test('a long reply is stopped', async () => {
    await goTo(visit.page, '/chat?new=1');
    await visit.page.getByRole('textbox', { name: 'Message' }).fill('be slow');
    await visit.page.keyboard.press('Enter');
    await see('word3');
    await visit.shot('chat-streaming');
    await visit.page.getByRole('button', { name: 'Stop' }).click();
    await visit.page.locator('.message.live').waitFor({ state: 'detached' });
    await visit.page.locator('main').getByText('Stopped').waitFor();
    visit.clean('stop');
  });

  test('an approval is decided where the conversation is', async () => {
    await goTo(visit.page, '/chat?session=agent:ops:deploy');
    await see('Is the deployment');
    const asked = await seeded.ask('npm publish --access public');
    const docked = visit.page.getByRole('region', { name: 'Waits for your decision' });
    await docked.getByText('npm publish').waitFor();
    await visit.page.locator('.rail .count').getByText('1').waitFor();
    await visit.shot('chat-approval');
    await visit.accessible('approval');
    await docked.getByRole('button', { name: 'Allow once' }).click();
    await docked.waitFor({ state: 'detached' });
    const { items } = await gateway.call('approval.history', { limit: 5 });
    assert.equal(items.find(({ id }) => id === asked.id)?.decision, 'allow-once');
    visit.clean('approval');
  });

  test('“always” is asked about, and stands under the permissions', async () => {
    await goTo(visit.page, '/approvals');
    await seeded.ask('make lint');
    await visit.page.locator('main').getByText('make lint').waitFor();
    await visit.page.locator('main').getByRole('button', { name: 'Always allow' }).click();
    const dialog = visit.page.getByRole('dialog', { name: /for good/ });
    await dialog.getByRole('button', { name: 'Always allow' }).click();
    await see('Nothing waits for you');
    visit.clean('always');
  });

  test('sessions are filtered by the address, renamed, and archived with a way back', async () => {
    await goTo(visit.page, '/sessions?agent=ops&q=backups');
    await see('When did we last test a restore?');
    assert.equal(await visit.page.locator('main').getByText('lentils').count(), 0);
    await visit.page.getByRole('button', { name: /More about When did we last/ }).click();
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByLabel('Name of the session').fill('Backups');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await visit.page.locator('.session-table').getByText('Backups', { exact: true }).waitFor();
    await visit.shot('session-details');
    await visit.accessible('session');
    await dialog.getByRole('button', { name: 'Archive', exact: true }).click();
    await visit.page.locator('.session-table').getByText('Backups', { exact: true }).waitFor({ state: 'detached' });
    await visit.page.getByRole('button', { name: 'Undo' }).click();
    await visit.page.locator('.session-table').getByText('Backups', { exact: true }).waitFor();
    visit.clean('sessions');
  });

  test('what was said is found', async () => {
    await goTo(visit.page, '/sessions?q=Sintra');
    await visit.page.getByRole('button', { name: /Search what was said/ }).click();
    await visit.page.locator('.said-search').getByText('Sintra').first().waitFor();
    visit.clean('search');
  });

  test('a job is made with a preview in plain words, and run', async () => {
    await goTo(visit.page, '/cron');
    await visit.page.getByRole('button', { name: 'Add a job' }).click();
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Tidy up');
    await dialog.getByLabel('Cron expression').fill('15 18 * * 5');
    await dialog.getByText('Every Friday, at 18:15').waitFor();
    await dialog.getByLabel('Asks the agent').fill('Tidy the desk');
    await visit.shot('cron-editor');
    await visit.accessible('cron editor');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await visit.page.locator('main').getByText('Tidy up').first().waitFor();
    await visit.page.locator('.job').filter({ hasText: 'Tidy up' }).getByRole('button', { name: 'Run now' }).click();
    await visit.page.getByText('Tidy up was started').waitFor();
    await visit.page.locator('.job').filter({ hasText: 'Tidy up' }).locator('.strip i.good').waitFor();
    visit.clean('cron');
  });

  test('the configuration is changed only after its difference was shown, and changed back', async () => {
    await goTo(visit.page, '/config?section=cron');
    const field = visit.page.getByRole('spinbutton', { name: 'Max concurrent runs' });
    await field.fill('7');
    await field.blur();
    await visit.page.getByText('1 change not applied').waitFor();
    await visit.page.getByRole('button', { name: 'Review' }).click();
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByText('cron.maxConcurrentRuns').first().waitFor();
    await dialog.locator('ins').getByText('7').waitFor();
    await visit.shot('config-review');
    await visit.accessible('config review');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await visit.page.getByText('In force').waitFor();
    assert.equal((await gateway.call('config.get')).parsed.cron.maxConcurrentRuns, 7);
    await goTo(visit.page, '/config?tab=history');
    await visit.page.getByRole('button', { name: 'Compare' }).first().click();
    await visit.page.getByRole('dialog').getByText('cron.maxConcurrentRuns').waitFor();
    await visit.page.getByRole('button', { name: 'Go back to this' }).click();
    await visit.page.getByText('Back to how it was').waitFor();
    assert.equal((await gateway.call('config.get')).parsed.cron?.maxConcurrentRuns, undefined);
    visit.clean('config');
  });

  test('a wrong configuration text is refused while it is typed', async () => {
    await goTo(visit.page, '/config?tab=text');
    await visit.page.locator('.cm-content').click();
    await visit.page.keyboard.press('Control+Home');
    await visit.page.keyboard.press('ArrowRight');
    await visit.page.keyboard.type('"gatway": {},');
    await visit.page.getByText('Did you mean').waitFor();
    await visit.shot('config-text-wrong');
    await visit.page.getByRole('button', { name: 'Discard' }).click();
    visit.clean('config text');
  });

  test('an agent is added, and its file written', async () => {
    await goTo(visit.page, '/agents');
    await visit.page.getByRole('button', { name: 'Add an agent' }).click();
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Scout');
    await dialog.getByRole('button', { name: 'Add an agent' }).click();
    await visit.page.locator('main').getByRole('heading', { name: 'Scout' }).waitFor();
    await visit.page.getByRole('button', { name: 'Files' }).click();
    await visit.page.locator('.pick').filter({ hasText: 'SOUL.md' }).click();
    await visit.page.getByRole('textbox', { name: 'SOUL.md' }).fill('# Scout\nLooks ahead.');
    await visit.page.getByRole('button', { name: 'Save' }).click();
    await visit.page.getByText('Saved').waitFor();
    visit.clean('agents');
  });

  test('a machine is approved and asked for something', async () => {
    await goTo(visit.page, '/nodes');
    await visit.page.getByRole('article', { name: 'Workshop asks to be approved' }).getByRole('button', { name: 'Approve' }).click();
    await visit.page.getByText('connected', { exact: true }).waitFor();
    seeded.node.socket.on('message', (data) => {
      const frame = JSON.parse(data);
      if (frame.event === 'node.invoke.request') void seeded.node.send('node.invoke.result', { id: frame.payload.id, nodeId: frame.payload.nodeId, ok: true, payload: { git: '/usr/bin/git' } });
    });
    await visit.page.getByRole('button', { name: 'Run a command' }).click();
    const dialog = visit.page.getByRole('dialog');
    await dialog.getByLabel('Command', { exact: true }).selectOption('system.which');
    await dialog.getByRole('button', { name: 'Run a command' }).click();
    await dialog.getByText('/usr/bin/git').waitFor();
    await visit.shot('node-invoke');
    await visit.accessible('node invoke');
    await visit.page.keyboard.press('Escape');
    visit.clean('nodes');
  });

  test('a device that asks is admitted', async () => {
    const stranger = await Wire.open(gateway, { credential: false, name: 'Tablet', scopes: ['operator.read'] });
    assert.equal(stranger.hello.error.details.code, 'PAIRING_REQUIRED');
    await goTo(visit.page, '/devices');
    const card = visit.page.getByRole('article', { name: 'Tablet asks to be admitted' });
    await card.waitFor();
    await visit.shot('device-asks');
    await visit.accessible('device asks');
    await card.getByRole('button', { name: 'Admit' }).click();
    await visit.page.locator('table').getByText('Tablet').waitFor();
    visit.clean('devices');
  });

  test('log lines come by themselves, and each has an address', async () => {
    await goTo(visit.page, '/logs?q=Run%20ended');
    await gateway.call('chat.send', { sessionKey: 'agent:main:logged', message: 'hello', idempotencyKey: 'log-1' });
    await visit.page.locator('.log-line').filter({ hasText: 'run_id=log-1' }).click();
    await visit.page.getByRole('dialog', { name: 'Log line' }).getByText('log-1').first().waitFor();
    assert.match(visit.page.url(), /line=/);
    // The address leads to the same line when it is opened by somebody who only has the file of the log.
    await visit.page.reload();
    await visit.page.getByRole('dialog', { name: 'Log line' }).getByText('log-1').first().waitFor();
    await visit.page.keyboard.press('Escape');
    visit.clean('logs');
  });

  test('the console calls, and shows the frames without the handshake', async () => {
    await goTo(visit.page, '/console?method=agents.list');
    await visit.page.locator('main .button.primary').filter({ hasText: 'Call' }).click();
    await visit.page.locator('.result').filter({ hasText: 'defaultId' }).waitFor();
    await goTo(visit.page, '/console?tab=frames');
    const frames = visit.page.getByRole('region', { name: 'Frames' });
    const health = frames.getByRole('button', { name: 'health', exact: true });
    await health.waitFor();
    // Frames that come meanwhile take the button away from nobody.
    await gateway.call('chat.inject', { sessionKey: 'agent:main:watched', message: 'Meanwhile' });
    await frames.locator('.frames').getByText('Meanwhile').first().waitFor();
    await health.click();
    await frames.locator('.frames').getByText('"method":"health"').waitFor();
    assert.equal(await frames.locator('.frames').getByText('connect.challenge').count(), 0);
    visit.clean('console');
  });

  test('a finding is fixed after its difference was shown', async () => {
    await gateway.call('config.set', { path: 'gateway.auth.deviceAuth.allowTokenOnly', value: true });
    await goTo(visit.page, '/security');
    const finding = visit.page.locator('.finding').filter({ hasText: 'A device token is enough' });
    await finding.getByRole('button', { name: 'Fix' }).click();
    const dialog = visit.page.getByRole('dialog', { name: 'Change this?' });
    await dialog.getByText('allowTokenOnly: true → false').waitFor();
    await visit.shot('security-fix');
    await dialog.getByRole('button', { name: 'Fix' }).click();
    await finding.waitFor({ state: 'detached' });
    visit.clean('security');
  });

  test('everything is reached by keyboard', async () => {
    await goTo(visit.page, '/about');
    await see('This browser');
    await visit.page.keyboard.press('Control+k');
    await visit.page.getByRole('combobox').and(visit.page.locator(':focus')).waitFor();
    await visit.page.keyboard.type('lentils');
    await visit.page.getByRole('option').first().getByText('Something with lentils').waitFor();
    await visit.shot('palette');
    await visit.accessible('palette');
    await visit.page.keyboard.press('Enter');
    await see('Something with lentils for six people');
    await visit.page.locator('.transcript').focus();
    await visit.page.keyboard.press('g');
    await visit.page.keyboard.press('l');
    await visit.page.getByRole('heading', { name: 'Logs' }).waitFor();
    await visit.page.locator('.virtual').focus();
    await visit.page.keyboard.press('?');
    await visit.page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await visit.page.keyboard.press('Escape');
    visit.clean('keyboard');
  });

  test('the look is chosen and kept', async () => {
    await goTo(visit.page, '/about');
    await visit.page.getByRole('button', { name: 'Dark' }).click();
    assert.equal(await visit.page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(15, 17, 20)');
    await visit.page.reload();
    await see('This browser');
    assert.equal(await visit.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await visit.page.getByRole('button', { name: 'Look like the system' }).click();
    visit.clean('look');
  });
});
