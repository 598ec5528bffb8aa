// Shapes of answers that the method table leaves open, as the gateway sends them.
import { spoken } from './format';

export interface SessionRow {
  key: string;
  agentId: string;
  kind: string;
  label?: string;
  displayName?: string;
  derivedTitle?: string;
  lastMessagePreview?: string;
  model?: string;
  modelProvider?: string;
  totalTokens: number;
  inputTokens: number;
  outputTokens: number;
  contextTokens: number;
  cost: number;
  messageCount: number;
  hasActiveRun: boolean;
  activeRunIds?: string[];
  abortedLastRun?: boolean;
  archived: boolean;
  pinned: boolean;
  unread?: boolean;
  isMain: boolean;
  createdAt: number;
  updatedAt: number;
  thinkingLevel?: string;
}

export interface SessionList {
  sessions: SessionRow[];
  count: number;
  totalCount: number;
  hasMore: boolean;
  nextOffset: number | null;
  nextCursor: number | null;
  defaults: { model?: string; modelProvider?: string; contextTokens?: number };
}

export interface StatusPage {
  runtimeVersion: string;
  uptimeMs: number;
  connections: number;
  modelConfigured: boolean;
  runs: { active: number };
  config: { status: string; restartRequired: string[] };
  sessions: { count: number };
  queuedSystemEvents: unknown[];
  [name: string]: unknown;
}

export interface PairedDevice {
  deviceId: string;
  displayName?: string;
  label?: string;
  platform?: string;
  clientId?: string;
  clientMode?: string;
  role?: string;
  roles: string[];
  scopes: string[];
  remoteIp?: string;
  approvedVia?: string;
  createdAtMs: number;
  approvedAtMs?: number;
  lastSeenAtMs?: number;
  connected?: boolean;
  publicKey: string;
  tokens?: { role: string; scopes: string[]; createdAtMs: number; expiresAtMs?: number; lastUsedAtMs?: number; revokedAtMs?: number }[];
}

export interface PairingRequest {
  requestId: string;
  deviceId: string;
  displayName?: string;
  platform?: string;
  clientId?: string;
  clientMode?: string;
  role: string;
  scopes: string[];
  remoteIp?: string;
  isRepair?: boolean;
  ts: number;
}

export interface LogLine {
  id: string;
  timestamp: number;
  level: string;
  source: string;
  session?: string;
  message: string;
  extra?: Record<string, unknown>;
}

export interface AgentStatus {
  id: number;
  name: string;
  status: 'idle' | 'busy' | 'offline' | 'error';
  last_seen: number;
  last_activity: string;
}

/** What a session is called. */
export function titleOf(row: SessionRow, fallback: string): string {
  return row.label || row.displayName || row.derivedTitle || fallback;
}

/** What was said last in it, as a line of plain words. */
export function previewOf(row: SessionRow, fallback: string): string {
  return (row.lastMessagePreview && spoken(row.lastMessagePreview)) || fallback;
}
