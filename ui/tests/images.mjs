// The pictures of README and docs: node tests/run.mjs --binary <openclaw> --images ../docs/images. Each is WebP of at most 80 kB,
// as good as fits; the browser's window is 1360 × 860, or 390 × 844 on a phone, with one and a half or two dots for each pixel.
import fs from 'node:fs';
import path from 'node:path';
import { startGateway } from './lib/gateway.mjs';
import { browser, goTo, signIn, visitor } from './lib/page.mjs';
import { seed } from './lib/seed.mjs';

const folder = process.argv[2];
const root = path.resolve(import.meta.dirname, '..', 'dist');
const MOST = 80_000;
const views = [
  ['overview', '/', 'Recent sessions'],
  ['chat', '/chat?session=agent:main:lisbon', 'back for dinner'],
  ['approvals', '/approvals', 'rm -rf build'],
];

const gateway = await startGateway({ binary: process.env.STORIES_BINARY, root });
const seeded = await seed(gateway);
const running = await browser();
try {
  await seeded.ask('rm -rf build && npm run deploy -- --prod');
  await seeded.ask('openssl req -new -key site.key -out site.csr', { cwd: '/srv/certificates', sessionKey: 'agent:ops:nightly' });
  for (const [phone, look] of [[false, 'light'], [false, 'dark'], [true, 'light'], [true, 'dark']]) {
    const visit = await visitor(running, { phone, look, origin: gateway.http, scale: phone ? 2 : 1.5 });
    await signIn(visit, gateway);
    const session = await visit.context.newCDPSession(visit.page);
    for (const [name, to, text] of views) {
      await goTo(visit.page, to);
      await visit.page.locator('main').getByText(text, { exact: false }).first().waitFor();
      await visit.page.locator('.toast').waitFor({ state: 'detached' });
      await visit.page.mouse.move(0, 0);
      await visit.page.waitForTimeout(1500);
      let picture;
      for (let quality = 92; quality > 30 && !(picture?.length <= MOST); quality -= 6) {
        picture = Buffer.from((await session.send('Page.captureScreenshot', { format: 'webp', quality })).data, 'base64');
      }
      const file = path.join(folder, `${name}-${phone ? 'phone' : 'desktop'}-${look}.webp`);
      fs.writeFileSync(file, picture);
      console.log(`${path.basename(file)}: ${picture.length} bytes`);
    }
    visit.clean('pictures');
    await visit.context.close();
  }
} finally {
  await running.close();
  await seeded.close();
  await gateway.stop();
}
