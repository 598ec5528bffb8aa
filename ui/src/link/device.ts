// Who this browser is: an Ed25519 key that cannot leave it. Key in IndexedDB `device-identity`, name in localStorage
// (SPEC-NOTES 31). Everything ambient is passed in, so that tests bring their own.
import { base64url, hex, payload, type Signed } from './payload';
import type { Keeps } from './storage';

export const DATABASE = 'device-identity';
const STORE = 'keys';
const KEY = 'device';
export const TOKEN = 'mc_device_token';
/** The scopes that somebody was content with, when fewer were approved than this page asks for. */
export const CONTENT = 'mc_scopes';

export interface Identity {
  id: string;
  publicKey: string;
  sign(signed: Signed): Promise<string>;
}

/** Why this browser cannot have a key. */
export type Obstacle = 'insecure' | 'no-ed25519' | 'no-storage';

export class NoIdentity extends Error {
  constructor(readonly obstacle: Obstacle, cause?: unknown) {
    super(obstacle, { cause });
  }
}

export interface Host {
  subtle: SubtleCrypto | undefined;
  indexedDB: IDBFactory | undefined;
}

interface Kept {
  privateKey: CryptoKey;
  publicKey: Uint8Array;
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database refused'));
  });
}

async function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return asked(request);
}

/** The identity of this browser, made when there is none. */
export async function identity(host: Host): Promise<Identity> {
  const { subtle, indexedDB } = host;
  if (!subtle) throw new NoIdentity('insecure');
  if (!indexedDB) throw new NoIdentity('no-storage');
  let database: IDBDatabase;
  try {
    database = await open(indexedDB);
  } catch (error) {
    throw new NoIdentity('no-storage', error);
  }
  try {
    const kept = (await asked(database.transaction(STORE).objectStore(STORE).get(KEY))) as Kept | undefined;
    return await known(subtle, kept ?? (await make(subtle, database)));
  } finally {
    database.close();
  }
}

async function make(subtle: SubtleCrypto, database: IDBDatabase): Promise<Kept> {
  let pair: CryptoKeyPair;
  try {
    // Not extractable: a script that gets in can use the key, but never take it away.
    pair = (await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair;
  } catch (error) {
    throw new NoIdentity('no-ed25519', error);
  }
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const made: Kept = { privateKey: pair.privateKey, publicKey };
  // Two tabs that open at once must end with one key: whoever comes second takes the first one's.
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    let result = made;
    const look = store.get(KEY);
    look.onsuccess = () => {
      if (look.result) result = look.result as Kept;
      else store.put(made, KEY);
    };
    transaction.oncomplete = () => resolve(result);
    transaction.onerror = transaction.onabort = () => reject(new NoIdentity('no-storage', transaction.error));
  });
}

async function known(subtle: SubtleCrypto, kept: Kept): Promise<Identity> {
  const id = hex(new Uint8Array(await subtle.digest('SHA-256', kept.publicKey as BufferSource)));
  return {
    id,
    publicKey: base64url(kept.publicKey),
    async sign(signed) {
      const text = new TextEncoder().encode(payload(signed));
      return base64url(new Uint8Array(await subtle.sign({ name: 'Ed25519' }, kept.privateKey, text)));
    },
  };
}

/** Forgets key, token and scopes; the next connection makes a new identity, which has to be approved. */
export async function forget(host: Host, storage: Keeps): Promise<void> {
  storage.removeItem(TOKEN);
  storage.removeItem(CONTENT);
  const { indexedDB } = host;
  if (!indexedDB) return;
  await new Promise<void>((resolve) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}
