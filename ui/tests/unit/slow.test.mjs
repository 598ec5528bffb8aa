// @vitest-environment node
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slowLine } from '../lib/slow.mjs';

let far, line, near;
beforeEach(async () => {
  far = net.createServer((there) => there.on('error', () => {})).listen(0, '127.0.0.1');
  await once(far, 'listening');
  line = await slowLine(far.address().port, { bitsPerSecond: 4_000_000, latencyMs: 200 });
  near = net.connect({ port: new URL(line.http).port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
});
afterEach(async () => {
  near.destroy();
  await line.close();
  far.close();
});

test('a slow line keeps the order of what goes through it, also when everything on it is due at once', async () => {
  const [there] = await once(far, 'connection');
  let heard = '';
  there.setEncoding('utf8').on('data', (text) => (heard += text));
  near.write('first ');
  await pause(5);
  // Takes 20 ms more than its neighbours, which are as long under way as each other.
  near.write(`${'x'.repeat(10_000)} `);
  await pause(50);
  near.write('last');
  await pause(20);
  for (const begun = Date.now(); Date.now() < begun + 300; );
  await expect.poll(() => heard.length).toBe(10_011);
  expect(heard.replace(/x+/, 'middle')).toBe('first middle last');
});

test('what was said before the end arrives', async () => {
  far.on('connection', (there) => there.end('x'.repeat(100_000)));
  let bytes = 0;
  for await (const data of near) bytes += data.length;
  expect(bytes).toBe(100_000);
});
