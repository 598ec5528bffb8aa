// Passkeys with Chromium's own authenticator in software: made, shown in the place of an owner, demanded, and taken away.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, until, visitor } from '../lib/page.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const binary = process.env.STORIES_BINARY;

/** An authenticator that lives in the browser and knows its user. Browsers have one only for a page with a name. */
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    /** Whether its user is who it should be. */
    verifies: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

/** A proxy in front of the gateway, so that who comes through it comes from elsewhere, by the name that browsers make passkeys for. */
async function proxy(to) {
  const headers = (request) => ({ ...request.headers, 'x-forwarded-for': '203.0.113.9' });
  const server = http.createServer((request, response) => {
    const asked = http.request({ host: '127.0.0.1', port: to, path: request.url, method: request.method, headers: headers(request) }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    asked.on('error', () => response.destroy());
    request.pipe(asked);
  });
  server.on('upgrade', (request, socket) => {
    const there = net.connect(to, '127.0.0.1', () => {
      there.write(`GET ${request.url} HTTP/1.1\r\n${Object.entries(headers(request)).map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`);
      socket.pipe(there).pipe(socket);
    });
    there.on('error', () => socket.destroy());
    socket.on('error', () => there.destroy());
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return { port: server.address().port, close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

test('a browser from elsewhere that would wait for its owner shows a passkey instead', async () => {
  const running = await browser();
  const far = { port: 0 };
  const gateway = await startGateway({ binary, root, config: { gateway: { trustedProxies: ['127.0.0.1'] } } });
  Object.assign(far, await proxy(gateway.port));
  const [here, there] = [`http://localhost:${gateway.port}`, `http://localhost:${far.port}`];
  await gateway.cli('config', 'set', 'gateway.controlUi.allowedOrigins', JSON.stringify([here, there]), '--json');
  const visit = await visitor(running);
  const { page } = visit;
  await authenticator(page);
  await page.goto(`${here}/devices#token=${gateway.token}`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make it' }).click();
  await page.getByText('The passkey is registered').waitFor();
  // Another port is another page with a device of its own; the passkey is of the name.
  await page.goto(`${there}/devices#token=${gateway.token}`);
  await page.getByText('This browser waits for approval').waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
  await visit.shot('passkey-instead-of-owner');
  await visit.accessible('a passkey in the place of an owner');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.locator('.app').waitFor({ timeout: 20_000 });
  await page.getByRole('list', { name: 'Passkeys' }).getByText('My passkey').waitFor();
  // What it let in goes with it when it was lost.
  await page.getByRole('list', { name: 'Passkeys' }).getByRole('button', { name: 'My passkey', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByLabel('It was lost: sign out the 1 device that it let in as well').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Gateway Handshake Blocked').waitFor();
  visit.clean('a passkey in the place of an owner');
  await running.close();
  await far.close();
  await gateway.stop();
});

for (const phone of [false, true]) {
  describe(`passkeys on a ${phone ? 'phone' : 'desk'}`, () => {
    let gateway, running, visit, key, home;
    before(async () => {
      gateway = await startGateway({ binary, root, config: { gateway: { auth: { passkeys: { mode: 'required' } } } } });
      home = `http://localhost:${gateway.port}`;
      running = await browser();
      visit = await visitor(running, { origin: home, phone });
      key = await authenticator(visit.page);
      await visit.page.goto(`${home}/devices#token=${gateway.token}`);
      await visit.page.locator('.app').waitFor({ timeout: 20_000 });
    });
    after(async () => {
      await running?.close();
      await gateway?.stop();
    });

    test('one is added, named, and told to every page', async () => {
      const { page } = visit;
      await page.getByText('Passkeys are required, but none is registered').waitFor();
      await page.getByText('No passkey yet').scrollIntoViewIfNeeded();
      await visit.shot('passkeys-none');
      await visit.fits('passkeys, none');
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add a passkey' });
      await dialog.getByLabel('Name').fill('Ann’s phone');
      await visit.shot('passkey-add');
      await visit.accessible('add a passkey');
      await dialog.getByRole('button', { name: 'Make it' }).click();
      await page.getByText('The passkey is registered').waitFor();
      await page.getByRole('list', { name: 'Passkeys' }).getByText('Ann’s phone').waitFor();
      assert.equal((await key.credentials()).length, 1);
      await visit.shot('passkeys');
      await visit.accessible('passkeys');
      await visit.fits('passkeys');
      // The same authenticator has one already.
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await dialog.getByRole('button', { name: 'Make it' }).click();
      await page.getByText('This authenticator has a passkey for the gateway already').waitFor();
      await page.keyboard.press('Escape');
      const { passkeys } = JSON.parse(await gateway.cli('passkeys', 'list', '--json'));
      assert.deepEqual(passkeys.map(({ name, rpId }) => ({ name, rpId })), [{ name: 'Ann’s phone', rpId: 'localhost' }]);
      visit.clean('a passkey is added');
    });

    test('a browser that was forgotten has to confirm, and is then known', async () => {
      const { page } = visit;
      await page.evaluate(async () => {
        localStorage.clear();
        for (const { name } of await indexedDB.databases()) await new Promise((done) => { const gone = indexedDB.deleteDatabase(name); gone.onsuccess = gone.onblocked = gone.onerror = done; });
      });
      await page.goto('about:blank');
      await page.goto(`${home}/devices#token=${gateway.token}`);
      await page.getByRole('heading', { name: 'Confirm with your passkey' }).waitFor();
      await visit.shot('passkey-confirm');
      await visit.accessible('confirm with a passkey');
      await visit.fits('confirm with a passkey');
      // Somebody else at the same authenticator.
      await key.verifies(false);
      await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
      await page.getByRole('alert').getByText('Nothing was confirmed').waitFor();
      await visit.shot('passkey-not-confirmed');
      await key.verifies(true);
      await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
      await page.locator('.app').waitFor({ timeout: 20_000 });
      await page.reload();
      await page.locator('.app').waitFor({ timeout: 20_000 });
      visit.clean('confirmed with a passkey');
    });

    test('it is renamed and removed, and what it opened ends', async () => {
      const { page } = visit;
      const list = page.getByRole('list', { name: 'Passkeys' });
      await list.getByRole('button', { name: 'Ann’s phone', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('blue key');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('dialog', { name: 'blue key' }).waitFor();
      await visit.shot('passkey-details');
      await visit.accessible('details of a passkey');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByRole('dialog', { name: 'Remove blue key?' }).waitFor();
      await visit.shot('passkey-remove');
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await page.getByText('No passkey yet').waitFor();
      await until(async () => JSON.parse(await gateway.cli('passkeys', 'list', '--json')).passkeys.length === 0, 'the passkey is gone');
      visit.clean('a passkey is removed');
    });

    test('a page by an address without a name says where passkeys are made', async () => {
      const other = await visitor(running, { origin: gateway.http, phone });
      await other.page.goto(`${gateway.http}/devices#token=${gateway.token}`);
      await other.page.getByText(`open http://localhost:${gateway.port}`).waitFor();
      assert.ok(await other.page.getByRole('button', { name: 'Add a passkey' }).isDisabled());
      await other.fits('passkeys without a name');
      other.clean('an address without a name');
      await other.context.close();
    });
  });
}
