// @vitest-environment node
import { createPublicKey, verify, webcrypto } from 'node:crypto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { DATABASE, forget, identity, NoIdentity, TOKEN, type Host } from '../../src/link/device';
import { payload } from '../../src/link/payload';

const signed = { clientId: 'openclaw-control-ui', clientMode: 'ui', role: 'operator', scopes: ['operator.read', 'operator.write'], signedAt: 17, token: 't', nonce: 'n' };
const host = (): Host => ({ subtle: webcrypto.subtle as SubtleCrypto, indexedDB: new IDBFactory() });

class Kept extends Map<string, string> {
  removeItem(name: string) {
    this.delete(name);
  }
}

describe('the identity of a browser', () => {
  test('signs spec 001’s v2 text, so that the gateway can check it', async () => {
    const me = await identity(host());
    const text = payload({ ...signed, deviceId: me.id });
    expect(text).toBe(`v2|${me.id}|openclaw-control-ui|ui|operator|operator.read,operator.write|17|t|n`);
    const raw = Buffer.from(me.publicKey, 'base64url');
    expect(raw.length).toBe(32);
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: me.publicKey }, format: 'jwk' });
    const signature = Buffer.from(await me.sign({ ...signed, deviceId: me.id }), 'base64url');
    expect(verify(null, Buffer.from(text), key, signature)).toBe(true);
    expect(verify(null, Buffer.from(`${text}x`), key, signature)).toBe(false);
  });

  test('is named by the hash of its key, and stays the same', async () => {
    const here = host();
    const [first, second] = [await identity(here), await identity(here)];
    expect(second.id).toBe(first.id);
    expect(first.id).toMatch(/^[0-9a-f]{64}$/);
  });

  test('two tabs that open at once end with one key', async () => {
    const here = host();
    const [first, second] = await Promise.all([identity(here), identity(here)]);
    expect(second.id).toBe(first.id);
  });

  test('its private key cannot be taken away', async () => {
    const here = host();
    await identity(here);
    const request = here.indexedDB!.open(DATABASE);
    const database = await new Promise<IDBDatabase>((resolve) => (request.onsuccess = () => resolve(request.result)));
    const get = database.transaction('keys').objectStore('keys').get('device');
    const kept = await new Promise<{ privateKey: CryptoKey }>((resolve) => (get.onsuccess = () => resolve(get.result)));
    expect(kept.privateKey.extractable).toBe(false);
    await expect(webcrypto.subtle.exportKey('pkcs8', kept.privateKey as webcrypto.CryptoKey)).rejects.toThrow();
  });

  test('forgotten, it is another one', async () => {
    const here = host();
    const storage = new Kept([[TOKEN, 'old']]);
    const before = await identity(here);
    await forget(here, storage as unknown as Storage);
    expect(storage.has(TOKEN)).toBe(false);
    expect((await identity(here)).id).not.toBe(before.id);
  });

  test('says why there is none: no secure context, no storage, no Ed25519', async () => {
    await expect(identity({ ...host(), subtle: undefined })).rejects.toMatchObject({ obstacle: 'insecure' });
    await expect(identity({ ...host(), indexedDB: undefined })).rejects.toMatchObject({ obstacle: 'no-storage' });
    const old = { ...webcrypto.subtle, generateKey: () => Promise.reject(new Error('NotSupportedError')), digest: webcrypto.subtle.digest } as unknown as SubtleCrypto;
    const error: unknown = await identity({ ...host(), subtle: old }).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(NoIdentity);
    expect((error as NoIdentity).obstacle).toBe('no-ed25519');
  });
});
