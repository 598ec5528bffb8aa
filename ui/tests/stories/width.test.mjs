// A great deal of everything: ten thousand sessions, a message of a megabyte, a thousand log lines; and two tabs at once.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { startGateway } from '../lib/gateway.mjs';
import { browser, exactly, goTo, signIn, visitor } from '../lib/page.mjs';
import { Wire } from '../lib/seed.mjs';

const root = path.resolve(import.meta.dirname, '..', '..', 'dist');

test('ten thousand sessions scroll, a huge message is cut until it is asked for, and a second tab sees the same', async (t) => {
  const gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
  t.after(() => gateway.stop());
  const wire = await Wire.open(gateway);
  const wanted = Number(process.env.STORIES_SESSIONS ?? 10_000);
  let next = 0;
  const worker = async () => {
    while (next < wanted) {
      const n = next++;
      await wire.send('sessions.create', { key: `agent:main:bulk-${String(n).padStart(5, '0')}`, label: `Session ${n}` });
    }
  };
  await Promise.all(Array.from({ length: 64 }, worker));
  const running = await browser();
  t.after(() => running.close());
  const visit = await visitor(running, { origin: gateway.http });
  await signIn(visit, gateway, '/sessions');
  await visit.page.getByText(`${wanted.toLocaleString('en-US')} sessions`, { exact: true }).waitFor({ timeout: 60_000 });
  const rows = () => visit.page.locator('.session-table .virtual-row').count();
  assert.ok((await rows()) < 60, 'only what is seen is there');
  const box = visit.page.locator('.session-table');
  await box.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await visit.page.getByText('Session 0', { exact: true }).waitFor();
  assert.ok((await rows()) < 60);
  await visit.page.getByRole('searchbox').fill('Session 7777');
  await visit.page.getByText('Session 7777', { exact: true }).waitFor();
  await visit.shot('sessions-ten-thousand');
  visit.clean('many sessions');

  await wire.send('chat.inject', { sessionKey: 'agent:main:bulk-00001', message: `Long: ${'word '.repeat(200_000)}` });
  await goTo(visit.page, '/chat?session=agent:main:bulk-00001');
  await visit.page.locator('.message').getByText('Long: word').first().waitFor();
  await visit.page.locator('.composer textarea').fill('still responsive');
  visit.clean('long message');

  const second = await visit.context.newPage();
  await second.goto(`${gateway.http}/chat?session=agent:main:twice`);
  await visit.page.goto(`${gateway.http}/chat?session=agent:main:twice`);
  await second.getByRole('textbox', { name: 'Message' }).fill('hello from the second tab');
  await second.keyboard.press('Enter');
  for (const page of [second, visit.page]) {
    await page.locator('.message.user').getByText('hello from the second tab').waitFor();
    await page.locator('.message.assistant:not(.live)').getByText('All systems are well').waitFor();
    await exactly(page, '.message', 2, 'each message is there once');
  }
  visit.clean('two tabs');
  await wire.close();
});
