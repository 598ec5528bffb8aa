// Compresses what was built, beside it, and says what the first paint costs.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const dist = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..', 'dist');
/** Compressed bytes that the first paint may cost: the page, its scripts and styles, and the first view. */
const limit = 120_000;

const files = fs
  .readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !/\.(br|gz)$/.test(entry.name))
  .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
const sizes = new Map();
for (const file of files) {
  const bytes = fs.readFileSync(file);
  const brotli = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11 } });
  const gzip = zlib.gzipSync(bytes, { level: 9 });
  if (brotli.length < bytes.length) fs.writeFileSync(`${file}.br`, brotli);
  if (gzip.length < bytes.length) fs.writeFileSync(`${file}.gz`, gzip);
  sizes.set(path.relative(dist, file), Math.min(gzip.length, bytes.length));
}

const page = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
const named = [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
const entry = named.find((name) => /assets\/index-.*\.js$/.test(name));
// What the entry imports at once, and the first view.
const wanted = new Set(['index.html', ...named]);
const follow = (name) => {
  const text = fs.readFileSync(path.join(dist, name), 'utf8');
  for (const match of text.matchAll(/from\s*"\.\/([^"]+\.js)"|import\s*"\.\/([^"]+\.js)"/g)) {
    const next = `assets/${match[1] ?? match[2]}`;
    if (!wanted.has(next)) {
      wanted.add(next);
      follow(next);
    }
  }
};
if (entry) follow(entry);
for (const name of sizes.keys()) {
  if (/assets\/overview-/i.test(name)) {
    wanted.add(name);
    if (name.endsWith('.js')) follow(name);
  }
}
let total = 0;
for (const name of wanted) total += sizes.get(name) ?? 0;
for (const [name, size] of [...sizes].sort((a, b) => b[1] - a[1])) console.log(`${String(size).padStart(8)}  ${wanted.has(name) ? '*' : ' '} ${name}`);
console.log(`first paint: ${total} bytes compressed with gzip, at most ${limit}`);
if (total > limit) process.exit(1);
