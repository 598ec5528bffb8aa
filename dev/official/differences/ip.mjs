// Whom a request comes from: the socket's peer, headers of proxies and `gateway.trustedProxies`.

const PEERS = ['127.0.0.1', '127.0.0.1', '::1', '127.0.0.2', '::ffff:127.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2', '192.168.1.1', '::ffff:10.0.0.1', 'fd00::1', '203.0.113.7', '2001:db8::7'];
const TRUSTED = [
  '127.0.0.1', '127.0.0.1', '::1', '10.0.0.0/8', '10.0.0.1', '10.0.0.1', '::ffff:10.0.0.0/104', '::ffff:10.0.0.1', 'fd00::/8', '0.0.0.0/0', '::/0', '192.168.1.1/24', '127.0.0.0/8', '10.0.0.1/32', '10.0.0.1/31',
  '203.0.113.0/25', '2001:db8::/32', 'FD00::1', '10.0.0.1/0',
];
const ENTRIES = [
  '203.0.113.9', '203.0.113.9', '198.51.100.3', '198.51.100.3', '2001:db8::9', '2001:DB8:0:0::9', '::ffff:203.0.113.9', '::ffff:cb00:7109', '10.0.0.1', '10.0.0.2', '10.1.2.3', '192.168.1.77', 'fd00::2', '127.0.0.1',
  '127.0.0.7', '::1', '::ffff:127.0.0.1', '0.0.0.0', '::', '203.0.113.9:1234', '[2001:db8::9]:443', '[2001:db8::9]', '[::1]:80', '203.0.113.9:', 'unknown', '_hidden', '', ' ', '"203.0.113.9"', 'for=203.0.113.9',
  '0203.0.113.9', '203.0.113', '203.0.113.9.', '0xcb.0.113.9', '3405803785', 'fe80::1%eth0', '203.0.113.256', 'evil.example', '::ffff:0:203.0.113.9', '64:ff9b::cb00:7109', '100.64.0.7', '255.255.255.255', '203.0.113.9/32',
];
const OTHERS = [
  ['x-forwarded-proto', 'https'], ['x-forwarded-host', 'mc.example.com'], ['x-forwarded-port', '443'], ['x-forwarded-user', 'ann'], ['X-Forwarded-Server', 'box'], ['forwarded', 'for=203.0.113.9'], ['forwarded', ''],
  ['x-real-ip', '203.0.113.5'], ['x-real-ip', '127.0.0.1'], ['x-real-ip', ''], ['tailscale-user-login', 'ann@example.com'], ['tailscale-user-name', 'Ann'], ['tailscale-funnel-request', '?1'], ['tailscale-headers-info', 'x'],
  ['via', '1.1 proxy'], ['x-client-ip', '203.0.113.5'], ['cf-connecting-ip', '203.0.113.5'], ['x-forward', 'x'],
];

export function ip(chance) {
  const headers = [];
  if (chance.is(0.75)) {
    for (let lines = chance.is(0.8) ? 1 : 2 + chance.below(2); lines > 0; lines -= 1) {
      const space = () => chance.one(['', ' ', ' ', '  ']);
      headers.push([chance.one(['x-forwarded-for', 'X-Forwarded-For']), chance.some(ENTRIES, 1, chance.is(0.5) ? 1 : 4).map((entry) => space() + entry + space()).join(',').trim()]);
    }
  }
  if (chance.is(0.3)) headers.push(...chance.some(OTHERS, 1, 3));
  if (chance.is(0.03)) return { peer: '10.0.0.1', headers: [['x-real-ip', chance.one(['203.0.113.5', '198.51.100.3', '10.0.0.9'])]], trusted: ['10.0.0.1'], realIp: chance.is(0.7) };
  return { peer: chance.one(PEERS), headers, trusted: chance.is(0.15) ? [] : chance.some(TRUSTED, 1, 3), realIp: chance.is(0.2) };
}
