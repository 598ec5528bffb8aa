// What the page asks an authenticator, and what it gives: the gateway speaks base64url, browsers speak bytes.
import { base64url } from './payload';
import { T } from '../text';

/** `publicKey` of the gateway's options. */
export type Options = Record<string, unknown>;

/** An answer as the gateway reads it. */
export interface Credential {
  id: string;
  response: Record<string, unknown>;
}

function bytes(text: unknown): Uint8Array<ArrayBuffer> {
  const plain = atob(String(text).replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const listed = (list: unknown): PublicKeyCredentialDescriptor[] =>
  (Array.isArray(list) ? list : []).map((one: Options) => ({ ...one, type: 'public-key' as const, id: bytes(one['id']) }));

const text = (buffer: ArrayBuffer): string => base64url(new Uint8Array(buffer));

/** Whether this browser can have passkeys for this page: browsers make none for an address without a name. */
export function able(): boolean {
  return 'PublicKeyCredential' in globalThis && isSecureContext && !/^(\d+\.){3}\d+$|^\[/.test(location.hostname);
}

/** What went wrong, in words for people. */
export function said(error: unknown): Error {
  if (!(error instanceof DOMException)) return error instanceof Error ? error : new Error(String(error));
  if (error.name === 'NotAllowedError' || error.name === 'AbortError') return new Error(T.passkeys.cancelled);
  if (error.name === 'InvalidStateError') return new Error(T.passkeys.known);
  if (error.name === 'SecurityError') return new Error(T.passkeys.wrongHost);
  return new Error(error.message || error.name);
}

/** Makes a passkey. */
export async function create(options: Options): Promise<Credential> {
  const user = options['user'] as Options;
  const publicKey = {
    ...options, challenge: bytes(options['challenge']), user: { ...user, id: bytes(user['id']) }, excludeCredentials: listed(options['excludeCredentials']),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey }).catch((error: unknown) => { throw said(error); })) as PublicKeyCredential | null;
  if (!made) throw new Error(T.passkeys.cancelled);
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id,
    response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] },
  };
}

/** Shows a passkey. */
export async function get(options: Options): Promise<Credential> {
  const publicKey = {
    ...options, challenge: bytes(options['challenge']), allowCredentials: listed(options['allowCredentials']),
  } as unknown as PublicKeyCredentialRequestOptions;
  const shown = (await navigator.credentials.get({ publicKey }).catch((error: unknown) => { throw said(error); })) as PublicKeyCredential | null;
  if (!shown) throw new Error(T.passkeys.cancelled);
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    id: shown.id,
    response: {
      clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData), signature: text(response.signature),
      ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
    },
  };
}
