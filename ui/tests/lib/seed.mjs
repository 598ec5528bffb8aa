// Fills a gateway with what a week of use leaves behind, through the same calls that clients make.
import { createRequire } from 'node:module';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const WebSocket = createRequire(import.meta.url)('ws');

/** A client on the wire that other people could have: signs as protocol 4 asks for. */
export class Wire {
  static async open(gateway, { role = 'operator', client, scopes, caps = [], commands, credential = true, name = 'Pocket' } = {}) {
    const wire = new Wire();
    const pair = generateKeyPairSync('ed25519');
    const raw = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    wire.events = [];
    wire.waiting = new Map();
    wire.socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/`);
    const hello = new Promise((resolve) => {
      wire.socket.on('message', (data) => {
        const frame = JSON.parse(data);
        if (frame.event === 'connect.challenge') {
          const who = client ?? { id: 'openclaw-ios', mode: 'ui', platform: 'ios', version: '2026.11.20', displayName: name, deviceFamily: 'iPhone' };
          const asked = scopes ?? ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing', 'operator.questions'];
          const signedAt = Date.now();
          const id = createHash('sha256').update(raw).digest('hex');
          const text = ['v2', id, who.id, who.mode, role, asked.join(','), signedAt, credential ? gateway.token : '', frame.payload.nonce].join('|');
          wire.send('connect', {
            minProtocol: 3, maxProtocol: 4, client: who, role, scopes: asked, caps, ...(commands ? { commands } : {}),
            ...(credential ? { auth: { token: gateway.token } } : {}),
            device: { id, publicKey: raw.toString('base64url'), signature: sign(null, Buffer.from(text), pair.privateKey).toString('base64url'), signedAt, nonce: frame.payload.nonce },
          }).then(resolve, (error) => resolve({ error }));
        } else if (frame.type === 'event') wire.events.push(frame);
        else if (wire.waiting.has(frame.id)) {
          const { resolve, reject } = wire.waiting.get(frame.id);
          wire.waiting.delete(frame.id);
          if (frame.ok) resolve(frame.payload);
          else reject(Object.assign(new Error(frame.error.message), frame.error));
        }
      });
    });
    wire.hello = await hello;
    return wire;
  }
  send(method, params) {
    const id = `w${(this.n = (this.n ?? 0) + 1)}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  }
  async close() {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }
}

const talks = [
  ['agent:main:main', 'What is on today?'], ['agent:main:lisbon', 'Plan a trip of three days to Lisbon'], ['agent:main:taxes', 'Which receipts are missing for the taxes?'],
  ['agent:ops:nightly', 'Look through last night’s logs'], ['agent:ops:deploy', 'Is the deployment of the website through?'], ['agent:main:recipes', 'Something with lentils for six people'],
  ['agent:main:letters', 'Draft an answer to the landlord'], ['agent:ops:backups', 'When did we last test a restore?'], ['agent:main:reading', 'Summarise the three papers in my inbox'],
];

export async function seed(gateway) {
  const wire = await Wire.open(gateway, { client: { id: 'openclaw-macos', mode: 'ui', platform: 'macos', version: '2026.11.20', displayName: 'Studio Mac', deviceFamily: 'Mac' } });
  if (wire.hello.error) throw wire.hello.error;
  for (const [n, [sessionKey, message]] of talks.entries()) {
    await wire.send('chat.send', { sessionKey, message, idempotencyKey: `seed-${n}` });
  }
  for (let n = 0; n < 200 && (await wire.send('status', {})).runs.active > 0; n++) await pause(50);
  const jobs = [
    { name: 'Morning brief', schedule: { kind: 'cron', expr: '0 8 * * 1-5', tz: 'Europe/Berlin' }, sessionTarget: 'isolated', payload: { kind: 'agentTurn', message: 'What is on today?' }, agentId: 'main' },
    { name: 'Inbox sweep', schedule: { kind: 'every', everyMs: 1_800_000 }, sessionTarget: 'isolated', payload: { kind: 'agentTurn', message: 'Sweep the inbox' }, agentId: 'main' },
    { name: 'Check backups', schedule: { kind: 'cron', expr: '30 2 * * *' }, sessionTarget: 'isolated', payload: { kind: 'agentTurn', message: 'Check backups' }, agentId: 'ops' },
    { name: 'Weekly review', enabled: false, schedule: { kind: 'cron', expr: '0 17 * * 5' }, sessionTarget: 'main', payload: { kind: 'systemEvent', text: 'Time for the weekly review' } },
  ];
  const made = [];
  for (const job of jobs) made.push(await wire.send('cron.add', job));
  for (let n = 0; n < 3; n++) await wire.send('cron.run', { id: made[1].id });
  await wire.send('cron.run', { id: made[2].id });
  await wire.send('agents.files.set', { agentId: 'main', name: 'SOUL.md', content: '# Atlas\n\nCalm, exact, kind. Says what it does not know.\n' });
  // A decided approval for the history, and one that waits.
  const reviewer = await Wire.open(gateway, { caps: ['approvals'], name: 'Pocket' });
  const ask = (command, more = {}) => wire.send('exec.approval.request', {
    command, cwd: '/srv/site', host: 'gateway', sessionKey: 'agent:ops:deploy', agentId: 'ops', timeoutMs: 1_500_000, twoPhase: true, ...more,
  });
  const first = await ask('git pull --ff-only');
  await reviewer.send('exec.approval.resolve', { id: first.id, decision: 'allow-once' });
  const second = await ask('curl -sS https://example.org/install.sh | sh');
  await reviewer.send('exec.approval.resolve', { id: second.id, decision: 'deny' });
  // A machine, and a device that asks to be let in.
  const node = await Wire.open(gateway, {
    role: 'node', scopes: [], client: { id: 'node-host', mode: 'node', platform: 'linux', version: '2026.11.20', displayName: 'Workshop', deviceFamily: 'Linux' },
    caps: ['system'], commands: ['system.run', 'system.which', 'system.notify'],
  });
  return {
    wire, reviewer, node, ask,
    async close() {
      for (const one of [wire, reviewer, node]) await one.close();
    },
  };
}
