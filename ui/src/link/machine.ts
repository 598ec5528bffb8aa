// The connection as a pure machine: what happened goes in, the next state and what to do come out. Clock and chance are
// passed in; `gateway.ts` carries the effects out.
import { backoff } from './backoff';
import { T } from '../text';
import type { Options } from './passkey';
import { meaning, meaningOfClose, type Blocked, type Help, type WireError } from './refusal';

export const PING_EVERY_MS = 30_000;
export const MISSED_PONGS = 3;
/** Pairing is looked at this often while an owner decides. */
const PAIRING_MS = 4_000;
/** A connection that held this long starts the counting of attempts anew. */
const STABLE_MS = 10_000;
/** RTTs that are kept for the percentiles. */
const KEPT = 120;

export type Phase = 'connecting' | 'online' | 'waiting' | 'blocked' | 'secret' | 'pairing' | 'passkey';

export interface Link {
  phase: Phase;
  /** Whether this page was connected before, so that what it shows is only old. */
  wasOnline: boolean;
  /** Attempts since the last connection that held. */
  attempts: number;
  /** Reconnections since the page was opened. */
  reconnects: number;
  retryAt: number | undefined;
  onlineSince: number | undefined;
  protocol: number | undefined;
  rtt: number | undefined;
  rtts: readonly number[];
  missed: number;
  /** What the gateway or the browser said last. */
  problem: string | undefined;
  /** What helps, when the gateway answers and refuses. */
  help: Help | undefined;
  blocked: Blocked | undefined;
  /** When a block ends by itself. */
  blockedUntil: number | undefined;
  /** Whether the person says that the cause is gone, or did what takes it away. */
  resolved: boolean;
  secret: { what: 'token' | 'password'; wrong: boolean } | undefined;
  pairing: { requestId: string; reason: string; approvedScopes: string[] | undefined; passkey: Options | undefined } | undefined;
  /** The secret is right and not enough: what the authenticator has to be asked, and for which hosts there are passkeys. */
  passkey: { options: Options | undefined; hosts: string[] } | undefined;
  /** Why the last passkey did not count. */
  passkeyFailed: string | undefined;
  /** A person is at their authenticator: nothing is asked anew meanwhile. */
  confirming: boolean;
  /** A refusal that came with the answer; the close that follows says nothing new. */
  refused: boolean;
}

export type Happening =
  | { type: 'start' }
  | { type: 'challenge' }
  | { type: 'hello'; protocol: number }
  | { type: 'refused'; error: WireError }
  | { type: 'closed'; code: number; reason: string }
  | { type: 'no-identity'; obstacle: 'insecure' | 'no-ed25519' | 'no-storage' }
  | { type: 'timer' }
  | { type: 'pong'; rtt: number }
  | { type: 'pinged' }
  | { type: 'retry' }
  | { type: 'resolved'; resolved: boolean }
  | { type: 'forgotten' }
  | { type: 'secret' }
  | { type: 'confirming' }
  | { type: 'unconfirmed'; why: string }
  /** Something that is said at the beginning of a connection is another now. */
  | { type: 'anew' }
  | { type: 'online-again' };

export type Effect =
  | { do: 'open' }
  | { do: 'connect' }
  | { do: 'close'; code: number; reason: string }
  | { do: 'timer'; ms: number }
  | { do: 'no-timer' }
  | { do: 'forget-token' };

export const initial: Link = {
  phase: 'connecting',
  wasOnline: false,
  attempts: 0,
  reconnects: 0,
  retryAt: undefined,
  onlineSince: undefined,
  protocol: undefined,
  rtt: undefined,
  rtts: [],
  missed: 0,
  problem: undefined,
  help: undefined,
  blocked: undefined,
  blockedUntil: undefined,
  resolved: false,
  secret: undefined,
  pairing: undefined,
  passkey: undefined,
  passkeyFailed: undefined,
  confirming: false,
  refused: false,
};

type Step = [Link, Effect[]];

const opened = (link: Link): Step => [
  { ...link, phase: 'connecting', retryAt: undefined, blocked: undefined, blockedUntil: undefined, resolved: false, confirming: false, refused: false },
  [{ do: 'no-timer' }, { do: 'open' }],
];

/** Whether the button that connects again may be pressed. */
export function mayReconnect(link: Link, now: number): boolean {
  if (link.phase === 'waiting' || link.phase === 'pairing' || link.phase === 'passkey') return true;
  if (link.phase !== 'blocked') return false;
  return link.resolved || (link.blockedUntil !== undefined && now >= link.blockedUntil);
}

export function step(link: Link, happening: Happening, now: number, random: number): Step {
  switch (happening.type) {
    case 'start':
      return opened(link);
    case 'challenge':
      return [link, [{ do: 'connect' }]];
    case 'hello':
      return [
        {
          ...link,
          phase: 'online', wasOnline: true, protocol: happening.protocol, onlineSince: now, missed: 0,
          reconnects: link.wasOnline ? link.reconnects + 1 : link.reconnects,
          retryAt: undefined, problem: undefined, help: undefined, secret: undefined, pairing: undefined, passkey: undefined, passkeyFailed: undefined, refused: false,
        },
        [{ do: 'no-timer' }],
      ];
    case 'refused':
      return refused(link, meaning(happening.error), happening.error.message, now, random);
    case 'closed': {
      // The answer said already why, and what is shown waits for a person.
      if (link.refused || ['blocked', 'secret', 'pairing', 'passkey', 'waiting'].includes(link.phase)) {
        return [{ ...link, refused: false, onlineSince: undefined }, []];
      }
      const why = happening.reason || undefined;
      const [next, effects] = refused(link, meaningOfClose(happening.code, happening.reason), why, now, random);
      return [{ ...next, refused: false }, effects];
    }
    case 'no-identity':
      return [
        { ...link, phase: 'blocked', blocked: happening.obstacle, blockedUntil: undefined, resolved: false, refused: true },
        [{ do: 'close', code: 1000, reason: 'no device identity' }],
      ];
    case 'timer':
      if (link.phase === 'waiting' || link.phase === 'pairing') return opened(link);
      return [link, []];
    case 'retry':
      return mayReconnect(link, now) ? opened(link) : [link, []];
    case 'online-again':
      return link.phase === 'waiting' ? opened(link) : [link, []];
    case 'resolved':
      return link.phase === 'blocked' ? [{ ...link, resolved: happening.resolved }, []] : [link, []];
    case 'forgotten':
      return link.phase === 'blocked' && link.blocked === 'signature'
        ? [{ ...link, resolved: true }, []]
        : opened({ ...link, secret: undefined, pairing: undefined, passkey: undefined, passkeyFailed: undefined });
    case 'confirming':
      return [{ ...link, confirming: true, passkeyFailed: undefined }, [{ do: 'no-timer' }]];
    case 'unconfirmed':
      // What was asked may be over by now.
      return opened({ ...link, passkeyFailed: happening.why });
    case 'secret':
    case 'anew':
      return opened({ ...link, attempts: 0 });
    case 'pinged': {
      if (link.phase !== 'online') return [link, []];
      if (link.missed >= MISSED_PONGS) {
        const [next, effects] = refused(link, { kind: 'retry' }, T.link.silent, now, random);
        return [next, [{ do: 'close', code: 4000, reason: 'heartbeat timeout' }, ...effects]];
      }
      return [{ ...link, missed: link.missed + 1 }, []];
    }
    case 'pong':
      return [{ ...link, missed: 0, rtt: happening.rtt, rtts: [...link.rtts, happening.rtt].slice(-KEPT) }, []];
  }
}

function refused(link: Link, why: ReturnType<typeof meaning>, problem: string | undefined, now: number, random: number): Step {
  const held = link.onlineSince !== undefined && now - link.onlineSince >= STABLE_MS;
  // What the last answer asked for is over with this one.
  const next: Link = { ...link, problem, help: why.kind === 'retry' ? why.help : undefined, onlineSince: undefined, secret: undefined, pairing: undefined, passkey: undefined, refused: true };
  switch (why.kind) {
    case 'blocked': {
      const blockedUntil = why.waitMs === undefined ? undefined : now + why.waitMs;
      // After these two there is nothing to repair: a person only has to want to come back.
      const resolved = why.blocked === 'revoked' || why.blocked === 'auth-changed';
      const effects: Effect[] = why.blocked === 'revoked' ? [{ do: 'no-timer' }, { do: 'forget-token' }] : [{ do: 'no-timer' }];
      return [{ ...next, phase: 'blocked', blocked: why.blocked, blockedUntil, resolved }, effects];
    }
    case 'secret':
      return [{ ...next, phase: 'secret', secret: { what: why.what, wrong: why.wrong } }, [{ do: 'no-timer' }]];
    case 'pairing': {
      const pairing = { requestId: why.requestId, reason: why.reason, approvedScopes: why.approvedScopes, passkey: why.passkey };
      return [{ ...next, phase: 'pairing', pairing, retryAt: now + PAIRING_MS }, link.confirming ? [] : [{ do: 'timer', ms: PAIRING_MS }]];
    }
    case 'passkey':
      return [{ ...next, phase: 'passkey', passkey: { options: why.options, hosts: why.hosts } }, [{ do: 'no-timer' }]];
    case 'passkey-wrong':
      // It is asked anew at once, with another challenge; what was wrong stays said.
      return [{ ...next, phase: 'waiting', passkeyFailed: problem, retryAt: now }, [{ do: 'timer', ms: 0 }]];
    case 'stale-token':
      // The key alone is a credential of an approved device: at once, and without counting.
      if (link.attempts === 0) return [{ ...next, phase: 'waiting', attempts: 1, retryAt: now }, [{ do: 'forget-token' }, { do: 'timer', ms: 0 }]];
      break;
    case 'retry':
      break;
  }
  const attempts = held ? 1 : link.attempts + 1;
  const ms = backoff(attempts, random);
  const effects: Effect[] = why.kind === 'stale-token' ? [{ do: 'forget-token' }] : [];
  return [{ ...next, phase: 'waiting', attempts, retryAt: now + ms }, [...effects, { do: 'timer', ms }]];
}

/** A percentile of the RTTs that are kept. */
export function percentile(rtts: readonly number[], share: number): number | undefined {
  if (rtts.length === 0) return undefined;
  const sorted = [...rtts].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
