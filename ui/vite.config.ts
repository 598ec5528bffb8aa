import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** The gateway's own version, so that the page can say which one it was built for. */
const version = /^version = "([^"]+)"/m.exec(readFileSync(new URL('../Cargo.toml', import.meta.url), 'utf8'))?.[1] ?? '2026.11.20';

export default defineConfig({
  define: { __UI_VERSION__: JSON.stringify(version) },
  build: {
    target: 'es2022',
    // Nothing inline: the gateway's policy lets in neither `data:` scripts nor styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: process.env['GATEWAY_URL'] ?? 'http://127.0.0.1:18789' } } },
  test: { include: ['tests/unit/**/*.test.{ts,tsx,mjs}'], environment: 'jsdom' },
});
