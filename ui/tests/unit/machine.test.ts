import { describe, expect, test } from 'vitest';
import { backoff } from '../../src/link/backoff';
import { initial, mayReconnect, percentile, step, type Effect, type Happening, type Link } from '../../src/link/machine';
import { meaning, meaningOfClose } from '../../src/link/refusal';
import { T } from '../../src/text';

/** Runs happenings one after the other, a second apart; the effects of the last one are told. */
function run(...happenings: Happening[]): [Link, Effect[]] {
  let link = initial;
  let effects: Effect[] = [];
  happenings.forEach((happening, n) => ([link, effects] = step(link, happening, n * 1000, 0)));
  return [link, effects];
}

const closed = (code = 1006, reason = ''): Happening => ({ type: 'closed', code, reason });
const refused = (code: string, message: string, details = {}): Happening => ({ type: 'refused', error: { code: 'INVALID_REQUEST', message, details: { code, ...details } } });

describe('the connection', () => {
  test('opens, answers the challenge, and is online with what hello says', () => {
    expect(run({ type: 'start' })[1]).toEqual([{ do: 'no-timer' }, { do: 'open' }]);
    expect(run({ type: 'start' }, { type: 'challenge' })[1]).toEqual([{ do: 'connect' }]);
    const [link] = run({ type: 'start' }, { type: 'challenge' }, { type: 'hello', protocol: 4 });
    expect(link).toMatchObject({ phase: 'online', protocol: 4, wasOnline: true, attempts: 0 });
  });

  test('waits 1, 2, 4, 8, 16, 30, 30 seconds, never longer', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((n) => backoff(n, 0))).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(backoff(6, 0.999)).toBeGreaterThanOrEqual(27_000);
    expect(backoff(6, 0.999)).toBeLessThanOrEqual(30_000);
  });

  test('counts attempts while the gateway is away, and comes back by the timer', () => {
    const [link, effects] = run({ type: 'start' }, closed(), { type: 'timer' }, closed(), { type: 'timer' }, closed());
    expect(link).toMatchObject({ phase: 'waiting', attempts: 3 });
    expect(effects).toEqual([{ do: 'timer', ms: 4000 }]);
    expect(step(link, { type: 'timer' }, 9000, 0)[1]).toContainEqual({ do: 'open' });
  });

  test('counts reconnections, and begins to count attempts anew only after a connection that held', () => {
    let link = run({ type: 'start' }, { type: 'hello', protocol: 4 })[0];
    link = step(link, closed(), 60_000, 0)[0];
    expect(link).toMatchObject({ phase: 'waiting', attempts: 1 });
    link = step(link, { type: 'timer' }, 61_000, 0)[0];
    link = step(link, { type: 'hello', protocol: 4 }, 61_001, 0)[0];
    expect(link).toMatchObject({ phase: 'online', reconnects: 1 });
    link = step(link, closed(), 61_500, 0)[0];
    expect(link.attempts).toBe(2);
  });

  test('ends a connection after three pings without an answer', () => {
    let link = run({ type: 'start' }, { type: 'hello', protocol: 4 })[0];
    for (let n = 0; n < 3; n++) link = step(link, { type: 'pinged' }, 40_000, 0)[0];
    expect(link).toMatchObject({ phase: 'online', missed: 3 });
    const [after, effects] = step(link, { type: 'pinged' }, 120_000, 0);
    expect(after).toMatchObject({ phase: 'waiting', problem: T.link.silent });
    expect(effects[0]).toMatchObject({ do: 'close', reason: 'heartbeat timeout' });
    expect(step(link, { type: 'pong', rtt: 12 }, 41_000, 0)[0]).toMatchObject({ missed: 0, rtt: 12, rtts: [12] });
  });

  test('a passkey that is demanded waits for a person, and one that does not count is asked for anew', () => {
    const publicKey = { challenge: 'YQ', rpId: 'localhost' };
    const asked = refused('PASSKEY_REQUIRED', 'unauthorized: passkey required', { passkey: { publicKey }, passkeyHosts: ['localhost'] });
    const [link, effects] = run({ type: 'start' }, asked);
    expect(link).toMatchObject({ phase: 'passkey', passkey: { options: publicKey, hosts: ['localhost'] } });
    expect(effects).toEqual([{ do: 'no-timer' }]);
    expect(step(link, closed(1008), 2000, 0)[0].phase).toBe('passkey');
    expect(mayReconnect(link, 2000)).toBe(true);
    const [wrong, again] = run({ type: 'start' }, asked, { type: 'confirming' }, { type: 'secret' }, refused('PASSKEY_INVALID', 'passkey not accepted'));
    expect(wrong).toMatchObject({ phase: 'waiting', passkeyFailed: 'passkey not accepted' });
    expect(again).toEqual([{ do: 'timer', ms: 0 }]);
    expect(run({ type: 'start' }, asked, { type: 'unconfirmed', why: 'cancelled' }, asked)[0]).toMatchObject({ phase: 'passkey', passkeyFailed: 'cancelled' });
    expect(run({ type: 'start' }, asked, { type: 'unconfirmed', why: 'cancelled' }, { type: 'hello', protocol: 4 })[0].passkeyFailed).toBeUndefined();
  });

  test('whoever waits for an owner may show a passkey, and nothing is asked anew while they do', () => {
    const publicKey = { challenge: 'YQ' };
    const waits = refused('PAIRING_REQUIRED', 'pairing required', { requestId: 'r', passkey: { publicKey } });
    expect(run({ type: 'start' }, waits)[0].pairing).toMatchObject({ passkey: publicKey });
    const [link, effects] = run({ type: 'start' }, waits, { type: 'confirming' });
    expect(link.confirming).toBe(true);
    expect(effects).toEqual([{ do: 'no-timer' }]);
    // An attempt that was on its way when the person began does not begin the asking again.
    expect(step(link, waits, 9000, 0)[1]).toEqual([]);
    expect(meaning({ code: '', message: '', details: { code: 'PASSKEY_REQUIRED', passkey: { publicKey: 5 } } })).toEqual({ kind: 'passkey', options: undefined, hosts: [] });
  });

  test.each([
    ['origin', refused('CONTROL_UI_ORIGIN_NOT_ALLOWED', 'origin not allowed (open the Control UI from the gateway host …)')],
    ['device-required', refused('DEVICE_IDENTITY_REQUIRED', 'device identity required (sign the challenge with a device key)')],
    ['signature', refused('DEVICE_AUTH_SIGNATURE_INVALID', 'device signature invalid (device_auth_signature_invalid)')],
    ['rate-limit', refused('AUTH_RATE_LIMITED', 'unauthorized: too many failed authentication attempts (auth rate limit, rate limited; retry in 42 s)')],
  ])('stops for good at "%s", with the button off until that is resolved', (blocked, happening) => {
    const [link, effects] = run({ type: 'start' }, { type: 'challenge' }, happening as Happening, closed(1008, 'whatever'));
    expect(link).toMatchObject({ phase: 'blocked', blocked });
    expect(effects).toEqual([]);
    expect(mayReconnect(link, 3000)).toBe(false);
    expect(step(link, { type: 'retry' }, 3000, 0)[0].phase).toBe('blocked');
    expect(step(link, { type: 'timer' }, 3000, 0)[0].phase).toBe('blocked');
    const resolved = step(link, { type: 'resolved', resolved: true }, 4000, 0)[0];
    expect(mayReconnect(resolved, 4000)).toBe(true);
    expect(step(resolved, { type: 'retry' }, 4000, 0)[1]).toContainEqual({ do: 'open' });
  });

  test('a rate limit resolves itself by time, a bad signature by forgetting the device', () => {
    const [limited] = run({ type: 'start' }, refused('AUTH_RATE_LIMITED', '… (auth rate limit, rate limited; retry in 42 s)'));
    expect(mayReconnect(limited, 1000 + 41_000)).toBe(false);
    expect(mayReconnect(limited, 1000 + 42_000)).toBe(true);
    const [signature] = run({ type: 'start' }, refused('X', 'device signature invalid (device_auth_signature_invalid)'));
    expect(step(signature, { type: 'forgotten' }, 5000, 0)[0]).toMatchObject({ phase: 'blocked', resolved: true });
  });

  test('treats 4001 as final and every other close as one to come back from', () => {
    expect(meaningOfClose(4001, 'gateway auth changed')).toEqual({ kind: 'blocked', blocked: 'auth-changed' });
    expect(meaningOfClose(4001, 'client invalidated: device-removed')).toEqual({ kind: 'blocked', blocked: 'revoked' });
    expect(meaningOfClose(4001, '')).toEqual({ kind: 'blocked', blocked: 'other' });
    for (const code of [1000, 1001, 1006, 1008, 1011, 1012, 4000]) expect(meaningOfClose(code, 'service restart').kind).toBe('retry');
    expect(run({ type: 'start' }, { type: 'hello', protocol: 3 }, closed(1012, 'service restart'))[0].phase).toBe('waiting');
  });

  test('asks for the secret only when the gateway does, and says when it was wrong', () => {
    const [missing] = run({ type: 'start' }, refused('AUTH_TOKEN_MISSING', 'unauthorized: gateway token missing'));
    expect(missing).toMatchObject({ phase: 'secret', secret: { what: 'token', wrong: false } });
    const [wrong] = run({ type: 'start' }, refused('AUTH_PASSWORD_MISMATCH', 'unauthorized: gateway password mismatch'));
    expect(wrong).toMatchObject({ phase: 'secret', secret: { what: 'password', wrong: true } });
    expect(step(wrong, { type: 'timer' }, 2000, 0)[0].phase).toBe('secret');
    expect(step(wrong, { type: 'secret' }, 2000, 0)[1]).toContainEqual({ do: 'open' });
  });

  test('waits for an owner, and looks again by itself', () => {
    const [link, effects] = run({ type: 'start' }, refused('PAIRING_REQUIRED', 'pairing required', { requestId: 'r1', reason: 'not-paired' }));
    expect(link).toMatchObject({ phase: 'pairing', pairing: { requestId: 'r1', reason: 'not-paired' } });
    expect(effects).toEqual([{ do: 'timer', ms: 4000 }]);
    expect(step(link, { type: 'timer' }, 6000, 0)[1]).toContainEqual({ do: 'open' });
  });

  test('what an answer asked for is over with the next one', () => {
    const pairing = refused('PAIRING_REQUIRED', 'pairing required', { requestId: 'r1', reason: 'not-paired' });
    const polled = run({ type: 'start' }, pairing, { type: 'timer' });
    expect(polled[0]).toMatchObject({ phase: 'connecting', pairing: { requestId: 'r1' } });
    expect(run({ type: 'start' }, pairing, { type: 'timer' }, closed())[0]).toMatchObject({ phase: 'waiting', pairing: undefined });
    const missing = refused('AUTH_TOKEN_MISSING', 'unauthorized: gateway token missing');
    expect(run({ type: 'start' }, pairing, { type: 'timer' }, missing)[0]).toMatchObject({ phase: 'secret', pairing: undefined });
    expect(run({ type: 'start' }, missing, { type: 'secret' }, pairing)[0]).toMatchObject({ phase: 'pairing', secret: undefined });
  });

  test.each([
    ['DEVICE_AUTH_SIGNATURE_EXPIRED', {}, 'clock'],
    ['AUTH_IDENTITY_HEADER_REQUIRED', {}, 'proxy'],
    ['AUTH_VERIFIED_USER_REQUIRED', {}, 'proxy'],
    ['AUTH_TAILSCALE_IDENTITY_MISSING', {}, 'proxy'],
    ['AUTH_UNAUTHORIZED', {}, 'refused'],
    ['INTERNAL', {}, undefined],
  ])('a refusal by %s is tried again, with help against it', (code, details, help) => {
    const [link] = run({ type: 'start' }, refused(code, 'no', details), closed(1008, 'no'));
    expect(link).toMatchObject({ phase: 'waiting', attempts: 1 });
    expect(link.help).toBe(help);
    if (help) expect(T.gate.help[help as 'clock'].text).not.toBe('');
    expect(step(link, { type: 'hello', protocol: 4 }, 9000, 0)[0].help).toBeUndefined();
  });

  test('drops a stale device token and tries with the key alone, once at once', () => {
    const stale = refused('AUTH_DEVICE_TOKEN_MISMATCH', 'unauthorized: device token mismatch');
    const [link, effects] = run({ type: 'start' }, stale);
    expect(effects).toEqual([{ do: 'forget-token' }, { do: 'timer', ms: 0 }]);
    const again = step(step(link, { type: 'timer' }, 2000, 0)[0], stale, 2001, 0);
    expect(again[1]).toEqual([{ do: 'forget-token' }, { do: 'timer', ms: 2000 }]);
  });

  test('a browser without keys is told why, and nothing is tried', () => {
    const [link, effects] = run({ type: 'start' }, { type: 'challenge' }, { type: 'no-identity', obstacle: 'insecure' });
    expect(link).toMatchObject({ phase: 'blocked', blocked: 'insecure' });
    expect(effects).toEqual([{ do: 'close', code: 1000, reason: 'no device identity' }]);
  });

  test('reads the wait of a rate limit from either place', () => {
    expect(meaning({ code: 'X', message: 'auth rate limit', retryAfterMs: 5000 })).toEqual({ kind: 'blocked', blocked: 'rate-limit', waitMs: 5000 });
    expect(meaning({ code: 'X', message: 'auth rate limit' })).toEqual({ kind: 'blocked', blocked: 'rate-limit', waitMs: 60_000 });
  });

  test('tells percentiles', () => {
    expect(percentile([], 0.5)).toBeUndefined();
    expect(percentile([5, 1, 9, 3, 7], 0.5)).toBe(5);
    expect(percentile([5, 1, 9, 3, 7], 0.99)).toBe(9);
  });
});
