// A device identity and its signatures, as the protocol's clients make them.
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

export class Device {
  constructor() {
    const pair = generateKeyPairSync('ed25519');
    this.privateKey = pair.privateKey;
    this.raw = pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    this.publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' });
    this.privateKeyPem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
    this.id = createHash('sha256').update(this.raw).digest('hex');
  }

  /** Key in base64url without padding, as clients of 2026 send it. */
  get publicKey() {
    return this.raw.toString('base64url');
  }

  sign(text, encoding = 'base64url') {
    return sign(null, Buffer.from(text), this.privateKey).toString(encoding);
  }

  /** The `device` object for a connect with these facts; `version` is the signature text's, not the wire's. */
  prove({ client, role = 'operator', scopes = [], token = '', nonce, signedAt = Date.now(), version = 2, id = this.id }) {
    const parts = [`v${version}`, id, client.id, client.mode, role, scopes.join(','), String(signedAt), token];
    if (version >= 2) parts.push(nonce);
    if (version >= 3) parts.push((client.platform ?? '').trim().toLowerCase(), (client.deviceFamily ?? '').trim().toLowerCase());
    const proof = { id, publicKey: this.publicKey, signature: this.sign(parts.join('|')), signedAt };
    return version >= 2 ? { ...proof, nonce } : proof;
  }
}

/** What the official client asks its host to do with keys. */
export const signing = {
  signDevicePayload: (pem, payload) => sign(null, Buffer.from(payload), pem).toString('base64url'),
  publicKeyRawBase64UrlFromPem: (pem) =>
    createPublicKey(pem).export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64url'),
};
