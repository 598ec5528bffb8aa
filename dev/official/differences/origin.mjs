// May a page connect: what `Origin`, `Host` and `gateway.controlUi.allowedOrigins` say.

const SCHEMES = ['http', 'http', 'https', 'https', 'ws', 'chrome-extension', 'tauri', 'ftp', 'HTTP', 'h\u0442tp', '1http', ''];
const HOSTS = [
  'localhost', 'localhost', '127.0.0.1', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '0.0.0.0', '[::]', '10.0.0.5', '192.168.1.4',
  '172.16.0.1', '172.32.0.1', '169.254.1.1', '100.64.0.9', '100.128.0.9', '8.8.8.8', '[fd00::1]', '[fe80::1]', '[fec0::1]', '[2001:db8::1]', '[::ffff:10.0.0.5]', '[0:0:0:0:0:0:0:1]',
  '[ff02::1]', '[64:ff9b:1::a00:5]', '192.0.2.4', 'box.local', 'box.tail.ts.net', 'ts.net', '.local', 'xlocal', 'mc.example.com', 'mc.example.com', 'evil.example', 'localhost.evil.example',
  '127.0.0.1.evil.example', 'm\u00fcnchen.example', 'xn--mnchen-3ya.example', 'stra\u00dfe.local', '127.1', '0x7f.0.0.1', '2130706433', '010.0.0.5', '1.2.3', 'b\u0430nk.local', 'under_score.local', '-x.local',
  'a..local', 'local%68ost', '[::1', '::1', '[fe80::1%eth0]', '',
];
const PORTS = ['', '', '', ':80', ':443', ':18789', ':18789', ':8080', ':0', ':65535', ':65536', ':', ':080', ':+80', ':x'];

function authority(chance) {
  return chance.one(HOSTS) + chance.one(PORTS);
}

/** A small change of a text that is right. */
function mutated(chance, text) {
  const at = chance.below(text.length + 1);
  const put = (what) => text.slice(0, at) + what + text.slice(at);
  return chance.one([
    () => text.toUpperCase(), () => `${text}/`, () => `${text}.`, () => text.replace(/(:\d+)?$/, '.$1'), () => ` ${text} `, () => `${text}/path`, () => `${text}?x=1`,
    () => `${text}#x`, () => text.replace('://', '://user@'), () => text.replace('://', '://user:pw@'), () => `${text}@evil.example`, () => `${text}.evil.example`,
    () => text.replace('://', ':/'), () => text.replace('://', ':\\\\'), () => put('\t'), () => put('\u200b'), () => put('%'), () => put('\\'), () => put(' '), () => `${text}, ${text}`,
    () => put('\u0000'), () => text.slice(0, at), () => 'null', () => '', () => put('\uff0e'),
  ])();
}

export function origin(chance) {
  const home = authority(chance);
  const page = `${chance.one(SCHEMES)}://${chance.is(0.6) ? home : authority(chance)}`;
  const shown = chance.is(0.3) ? mutated(chance, page) : page;
  const host = chance.is(0.05) ? null : chance.is(0.15) ? mutated(chance, home) : home;
  const entry = () => chance.one([
    () => page, () => page.toUpperCase(), () => `${page}/`, () => `${page}:443`, () => `${page}:80`, () => ` ${page} `, () => '*', () => ' * ', () => '', () => '  ', () => 'https://*.example.com',
    () => 'https://mc.example.com', () => 'null', () => page.replace(/:\d+$/, ''), () => mutated(chance, page), () => `https://${authority(chance)}`, () => home,
  ])();
  const allowed = chance.is(0.4) ? [] : Array.from({ length: 1 + chance.below(3) }, entry);
  return { origin: shown, host, local: chance.is(0.5), allowed };
}
