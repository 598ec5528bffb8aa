// What a refusal of the gateway means for somebody who looks at the page.

import type { Options } from './passkey';

export interface WireError {
  code: string;
  message: string;
  details?: { code?: string; [name: string]: unknown };
  retryable?: boolean;
  retryAfterMs?: number;
}

export type Blocked =
  | 'origin'
  | 'insecure'
  | 'no-ed25519'
  | 'no-storage'
  | 'device-required'
  | 'signature'
  | 'rate-limit'
  | 'protocol'
  | 'device-limit'
  | 'revoked'
  | 'auth-changed'
  | 'other';

/** What helps against a refusal that may pass by itself. */
export type Help = 'clock' | 'proxy' | 'refused';

export type Meaning =
  | { kind: 'blocked'; blocked: Blocked; waitMs?: number }
  | { kind: 'secret'; wrong: boolean; what: 'token' | 'password' }
  | { kind: 'pairing'; requestId: string; reason: string; approvedScopes: string[] | undefined; passkey: Options | undefined }
  | { kind: 'passkey'; options: Options | undefined; hosts: string[] }
  | { kind: 'passkey-wrong' }
  | { kind: 'stale-token' }
  | { kind: 'retry'; help?: Help };

const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined;

/** What an authenticator has to be asked, when the gateway says so. */
function options(error: WireError): Options | undefined {
  const asked = error.details?.['passkey'] as { publicKey?: unknown } | null | undefined;
  return typeof asked?.publicKey === 'object' && asked.publicKey !== null ? (asked.publicKey as Options) : undefined;
}

/** Reads a refusal: by its code, and by the four texts that every gateway of this protocol uses. */
export function meaning(error: WireError, closeCode?: number): Meaning {
  const code = error.details?.code ?? error.code;
  const text = error.message.toLowerCase();
  switch (code) {
    case 'AUTH_TOKEN_MISSING':
      return { kind: 'secret', wrong: false, what: 'token' };
    case 'AUTH_TOKEN_MISMATCH':
      return { kind: 'secret', wrong: true, what: 'token' };
    case 'AUTH_PASSWORD_MISSING':
      return { kind: 'secret', wrong: false, what: 'password' };
    case 'AUTH_PASSWORD_MISMATCH':
      return { kind: 'secret', wrong: true, what: 'password' };
    case 'AUTH_DEVICE_TOKEN_MISMATCH':
    case 'AUTH_SCOPE_MISMATCH':
      return { kind: 'stale-token' };
    case 'PAIRING_REQUIRED':
      return {
        kind: 'pairing',
        requestId: String(error.details?.['requestId'] ?? ''),
        reason: String(error.details?.['reason'] ?? 'not-paired'),
        approvedScopes: strings(error.details?.['approvedScopes']),
        passkey: options(error),
      };
    case 'PASSKEY_REQUIRED':
      return { kind: 'passkey', options: options(error), hosts: strings(error.details?.['passkeyHosts']) ?? [] };
    case 'PASSKEY_INVALID':
      return { kind: 'passkey-wrong' };
    case 'PROTOCOL_MISMATCH':
      return { kind: 'blocked', blocked: 'protocol' };
    case 'DEVICE_LIMIT':
      return { kind: 'blocked', blocked: 'device-limit' };
    case 'DEVICE_AUTH_SIGNATURE_EXPIRED':
      return { kind: 'retry', help: 'clock' };
    case 'AUTH_IDENTITY_HEADER_REQUIRED':
    case 'AUTH_VERIFIED_USER_REQUIRED':
      return { kind: 'retry', help: 'proxy' };
  }
  if (text.includes('origin not allowed')) return { kind: 'blocked', blocked: 'origin' };
  if (text.includes('device identity required')) return { kind: 'blocked', blocked: 'device-required' };
  if (text.includes('device_auth_signature_invalid')) return { kind: 'blocked', blocked: 'signature' };
  if (text.includes('auth rate limit')) {
    const seconds = /retry in (\d+)\s*s/.exec(text)?.[1];
    const waitMs = error.retryAfterMs ?? (seconds ? Number(seconds) * 1000 : 60_000);
    return { kind: 'blocked', blocked: 'rate-limit', waitMs };
  }
  if (closeCode === 4001) {
    if (/invalidated|revoked|removed/.test(text)) return { kind: 'blocked', blocked: 'revoked' };
    return { kind: 'blocked', blocked: text.includes('auth changed') ? 'auth-changed' : 'other' };
  }
  if (code.startsWith('AUTH_TAILSCALE_') || String(error.details?.['authReason'] ?? '').includes('proxy')) return { kind: 'retry', help: 'proxy' };
  // It answers, and says no: waiting alone may not change that.
  if (/^(DEVICE_)?AUTH_/.test(code)) return { kind: 'retry', help: 'refused' };
  return { kind: 'retry' };
}

/** The same for a socket that was closed without an answer. */
export function meaningOfClose(code: number, reason: string): Meaning {
  return meaning({ code: '', message: reason }, code);
}
