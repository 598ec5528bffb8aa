// The text that a device signs (spec 001, format v2), and how bytes are written.

export interface Signed {
  deviceId: string;
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  signedAt: number;
  /** The credential that is sent beside the signature: the first that is present, never a password. */
  token: string;
  nonce: string;
}

export function payload(signed: Signed): string {
  const { deviceId, clientId, clientMode, role, scopes, signedAt, token, nonce } = signed;
  return ['v2', deviceId, clientId, clientMode, role, scopes.join(','), String(signedAt), token, nonce].join('|');
}

export function base64url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
