// The frames of protocol 4, as far as this page reads them.
import type { WireError } from './refusal';

export interface Place {
  epoch: string;
  ticket: string;
  position: number;
  behind?: number[];
}

export interface Hello {
  type: 'hello-ok';
  protocol: number;
  server: { version: string; bootId?: string; connId: string; host?: string };
  features: { methods: string[]; events: string[] };
  snapshot: {
    presence: Presence[];
    health: Health;
    uptimeMs: number;
    sessionDefaults: { defaultAgentId: string; mainSessionKey: string; modelConfigured?: boolean };
    configPath?: string;
    stateDir?: string;
    authMode?: string;
  };
  auth: { role: string; scopes: string[]; deviceToken?: string; issuedAtMs?: number };
  policy: { maxPayload: number; tickIntervalMs: number; attachments?: { maxBytes: number; maxImageBytes: number } };
  resume?: Omit<Place, 'behind'> & { status: 'new' | 'resumed' | 'snapshot'; reason?: string };
}

export interface Presence {
  host?: string;
  ip?: string;
  version?: string;
  platform?: string;
  mode?: string;
  reason?: string;
  text?: string;
  ts: number;
  deviceId?: string;
  roles?: string[];
  scopes?: string[];
  instanceId?: string;
}

export interface Health {
  ok: boolean;
  ts: number;
  defaultAgentId?: string;
  configReload?: { hotReloadStatus?: string };
  [name: string]: unknown;
}

export type Frame =
  | { type: 'event'; event: string; payload: unknown; seq?: number; position?: number; behind?: number[] }
  | { type: 'res'; id: string; ok: true; payload: unknown }
  | { type: 'res'; id: string; ok: false; error: WireError }
  | { type: 'req'; id: string; method: string; params: unknown };

/** Reads a frame; `undefined` for whatever is none. */
export function read(text: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const frame = value as Partial<Frame> & { event?: unknown; id?: unknown };
  if (frame.type === 'event' && typeof frame.event === 'string') return value as Frame;
  if (frame.type === 'res' && typeof frame.id === 'string') return value as Frame;
  return undefined;
}
