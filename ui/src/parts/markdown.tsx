// What models write, made harmless: markdown by marked, cleaned by DOMPurify. Blocks are cached, so that a text that
// streams renders only its last block anew.
import DOMPurify from 'dompurify';
import { marked, type Token } from 'marked';
import { memo } from 'preact/compat';
import { T } from '../text';
import { Copy } from './basic';

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

marked.use({
  gfm: true,
  breaks: true,
  renderer: {
    // Markup in a text is shown, not followed: not even a parser should see it.
    html: ({ text }) => escaped(text),
    // Pictures from elsewhere are links: the page asks nobody but the gateway for anything.
    image: ({ href, text }) => (/^https?:/i.test(href) ? `<a href="${escaped(href)}">${escaped(text || href)}</a>` : escaped(text)),
  },
});

const purify = DOMPurify(window);
purify.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    const address = node.getAttribute('href') ?? '';
    if (!/^(https?:|mailto:)/i.test(address)) node.removeAttribute('href');
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  if (node.tagName === 'INPUT') node.setAttribute('disabled', '');
});

const KEPT = 500;
const cache = new Map<string, string>();

/** Markdown as harmless HTML. */
export function harmless(source: string): string {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const html = marked.parse(source, { async: false });
  const clean = purify.sanitize(html, {
    ALLOWED_TAGS: ['p', 'br', 'strong', 'em', 'del', 's', 'u', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'sup', 'sub', 'kbd', 'input', 'details', 'summary', 'span', 'div'],
    ALLOWED_ATTR: ['href', 'start', 'align', 'type', 'checked', 'disabled'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
  if (cache.size >= KEPT) cache.clear();
  cache.set(source, clean);
  return clean;
}

// The first text takes several times as long as any other. It is read while nobody waits, before there is one to show.
setTimeout(() => harmless('Some **words**, `code` and a [link](https://example.org)\n\n- a list\n\n| a | table |\n|---|---|\n| 1 | 2 |'), 0);

const Block = memo(({ token }: { token: Token }) => {
  if (token.type === 'code') {
    const { text, lang } = token as Token & { text: string; lang?: string };
    return (
      <figure class="code">
        <figcaption><span>{lang || ''}</span><Copy text={text} label={T.copy} /></figcaption>
        <pre tabIndex={0}><code>{text}</code></pre>
      </figure>
    );
  }
  const html = harmless(token.raw);
  return html === '' ? null : <div class={token.type === 'table' ? 'scroll' : ''} dangerouslySetInnerHTML={{ __html: html }} />;
}, (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type);

/** Longer texts are shown as they are: nobody reads a formatted megabyte, and the browser should not have to lay it out. */
const LONGEST = 200_000;

export const Markdown = memo(({ text }: { text: string }) => {
  if (text.length > LONGEST) return <pre class="plain">{text}</pre>;
  return <div class="prose">{marked.lexer(text).map((token, n) => <Block key={n} token={token} />)}</div>;
});
