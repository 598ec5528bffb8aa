import { describe, expect, test } from 'vitest';
import { harmless } from '../../src/parts/markdown';

/** What models have been made to say, and worse. */
const corpus = [
  '<script>window.hacked=1</script>', '<img src=x onerror="window.hacked=1">', '<svg onload="window.hacked=1">', '<svg><script>window.hacked=1</script></svg>', '<iframe src="javascript:window.hacked=1"></iframe>',
  '<a href="javascript:window.hacked=1">x</a>', '[x](javascript:window.hacked=1)', '[x](JaVaScRiPt:window.hacked=1)', '[x](java\tscript:window.hacked=1)', '[x](&#106;avascript:window.hacked=1)', '[x](data:text/html;base64,PHNjcmlwdD4=)', '[x](vbscript:x)',
  '<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1>', '<form action="https://evil.example"><button>x</button></form>', '<input autofocus onfocus=window.hacked=1>', '<details open ontoggle=window.hacked=1>', '<video><source onerror="window.hacked=1">',
  '<object data="javascript:window.hacked=1">', '<embed src="javascript:window.hacked=1">', '<style>@import "https://evil.example";</style>', '<link rel=stylesheet href="https://evil.example">', '<base href="https://evil.example/">', '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<div style="background:url(https://evil.example)">x</div>', '<p id="root" class="app" name="body">x</p>', '![x](https://evil.example/track.png)', '![x](data:image/svg+xml;base64,PHN2Zz4=)', '<noscript><p title="</noscript><img src=x onerror=window.hacked=1>">', '`<img src=x onerror=window.hacked=1>`', '<template><script>window.hacked=1</script></template>',
  '<a href="https://ok.example" onclick="window.hacked=1" target="_self">x</a>', '<xss onpointerenter=window.hacked=1>x</xss>', '<img src="https://evil.example/a.png" srcset="https://evil.example/b.png 2x">', '<button formaction=javascript:window.hacked=1>x</button>', '<isindex type=image src=1 onerror=window.hacked=1>', '<!--<img src="--><img src=x onerror=window.hacked=1>',
];

describe('what models write', () => {
  test.each(corpus)('is harmless: %s', (source) => {
    const box = document.createElement('div');
    box.innerHTML = harmless(source);
    for (const element of box.querySelectorAll('*')) {
      expect(['SCRIPT', 'IMG', 'SVG', 'IFRAME', 'OBJECT', 'EMBED', 'STYLE', 'LINK', 'BASE', 'META', 'FORM', 'BUTTON', 'VIDEO', 'SOURCE', 'TEMPLATE', 'MATH']).not.toContain(element.tagName.toUpperCase());
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^id$|^class$|^src/);
        if (name === 'href') expect(value).toMatch(/^(https?:|mailto:)/);
      }
    }
    expect((window as unknown as { hacked?: number }).hacked).toBeUndefined();
  });

  test('and still reads well', () => {
    expect(harmless('**bold** and `code`')).toContain('<strong>bold</strong>');
    expect(harmless('| a | b |\n|---|---|\n| 1 | 2 |')).toContain('<table>');
    const link = harmless('[x](https://ok.example)');
    expect(link).toContain('rel="noopener noreferrer nofollow"');
    expect(link).toContain('target="_blank"');
    expect(harmless('![a picture](https://elsewhere.example/x.png)')).toContain('href="https://elsewhere.example/x.png"');
  });
});
