// On the train: 400 kbit/s, 400 ms there and back, and no network at all every now and then.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, goTo, settled, visitor } from '../lib/page.mjs';
import { slowLine } from '../lib/slow.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');
const PATIENCE = { timeout: 60_000 };

describe('a slow phone network', () => {
  let gateway, line, running, visit;
  before(async () => {
    gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
    line = await slowLine(gateway.port);
    running = await browser();
    visit = await visitor(running, { origin: line.http, phone: true, strict: false });
  });
  after(async () => {
    await running?.close();
    await line?.close();
    await gateway?.stop();
  });
  const said = async (key) => (await gateway.call('chat.history', { sessionKey: key, limit: 200 })).messages
    .filter(({ role }) => role === 'user').map(({ content }) => (typeof content === 'string' ? content : content.map(({ text }) => text).join('')));
  /** Complaints of the browser about a network that is away are no faults of the page. */
  const clean = (where) => {
    const ours = visit.complaints.filter((text) => !/ERR_(CONNECTION|INTERNET|EMPTY|NETWORK)|Failed to load resource/.test(text));
    visit.complaints.splice(0, visit.complaints.length, ...ours);
    visit.clean(where);
  };
  const say = async (text) => {
    await visit.page.getByRole('textbox', { name: 'Message' }).fill(text);
    await visit.page.getByRole('button', { name: 'Send' }).click();
  };

  test('the page opens, and says what it waits for meanwhile', async () => {
    const { page } = visit;
    const opening = page.goto(`${line.http}/#token=${gateway.token}`, { waitUntil: 'commit', ...PATIENCE });
    await page.getByText('Mission Control is on its way').waitFor(PATIENCE);
    await opening;
    await page.getByText('Connecting to the gateway').waitFor(PATIENCE);
    await page.locator('.app').waitFor(PATIENCE);
    await page.getByText('Everything is well').waitFor(PATIENCE);
    await page.getByText('Mission Control is on its way').waitFor({ state: 'detached' });
    await settled(page);
    await visit.shot('slow-open');
    clean('opening');
  });

  test('a conversation works, and each message is there once', async () => {
    const { page } = visit;
    await goTo(page, '/chat?session=agent:main:train');
    await page.getByRole('textbox', { name: 'Message' }).waitFor(PATIENCE);
    await say('Plan a trip');
    await page.locator('.message.user.pending').getByText('Sending').or(page.locator('.message.assistant')).first().waitFor(PATIENCE);
    await page.locator('.message.assistant:not(.live)').getByText('back for dinner').waitFor(PATIENCE);
    await exactly(page, '.message', 2);
    assert.deepEqual(await said('agent:main:train'), ['Plan a trip']);
    clean('a conversation');
  });

  test('what is said while there is no network waits, says so, and is sent once when it is back', async () => {
    const { page } = visit;
    line.cut();
    await page.getByText('Not connected: what you see is from').waitFor(PATIENCE);
    await say('What is on today?');
    const waiting = page.locator('.message.user.pending').filter({ hasText: 'What is on today?' });
    await waiting.getByText('Sending').waitFor(PATIENCE);
    await visit.shot('slow-waiting');
    await visit.accessible('waiting');
    line.mend();
    await page.locator('.message.assistant:not(.live)').getByText('design review').waitFor(PATIENCE);
    await waiting.waitFor({ state: 'detached', ...PATIENCE });
    await exactly(page, '.message', 4);
    assert.deepEqual(await said('agent:main:train'), ['Plan a trip', 'What is on today?']);
    clean('no network');
  });

  test('a network that comes and goes loses nothing and says nothing twice', async () => {
    const { page } = visit;
    await goTo(page, '/chat?session=agent:main:tunnel');
    await page.getByRole('textbox', { name: 'Message' }).waitFor(PATIENCE);
    const before = line.cuts;
    // A tenth of the time there is none.
    const steady = line.flap(6000, 600);
    const texts = [];
    try {
      while (line.cuts < before + 3) {
        const text = `Note ${texts.length + 1}`;
        texts.push(text);
        await say(text);
        await page.locator('.message.user:not(.pending)').getByText(text, { exact: true }).waitFor(PATIENCE);
      }
    } finally {
      steady();
    }
    await page.waitForFunction(() => document.querySelectorAll('.message.live, .message.pending').length === 0, undefined, PATIENCE);
    assert.deepEqual(await said('agent:main:tunnel'), texts);
    await page.waitForFunction((n) => document.querySelectorAll('.message.user').length === n, texts.length, PATIENCE);
    assert.deepEqual(await page.locator('.message.user .said').allInnerTexts().then((all) => all.map((text) => text.trim())), texts);
    clean('a tunnel');
  });
});
