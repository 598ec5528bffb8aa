// What the gateway tells unasked and several views show: log lines, what agents do, who is here, what just happened.
import { batch, effect, signal } from '@preact/signals';
import { epoch, gateway, hello, link } from '../link';
import type { Health, Presence } from '../link/frames';
import type { AgentStatus, LogLine } from '../shapes';

const LINES = 2000;
const HAPPENED = 60;

export const lines = signal<readonly LogLine[]>([]);
export const agents = signal<ReadonlyMap<string, AgentStatus>>(new Map());
export const presence = signal<readonly Presence[]>([]);
export const health = signal<Health | undefined>(undefined);

export interface Happened {
  id: number;
  at: number;
  kind: 'run' | 'approval' | 'cron' | 'device' | 'node' | 'config' | 'session' | 'program' | 'model';
  tone: 'good' | 'warn' | 'bad' | '';
  text: string;
  href?: string | undefined;
}

export const happened = signal<readonly Happened[]>([]);
let next = 1;

export function note(one: Omit<Happened, 'id'>): void {
  happened.value = [{ ...one, id: next++ }, ...happened.value].slice(0, HAPPENED);
}

/** A sample of the traffic, taken while the page is open. */
export interface Sample {
  at: number;
  rtt: number | undefined;
  received: number;
  sent: number;
}

export const samples = signal<readonly Sample[]>([]);
const SAMPLES = 720;
const EVERY_MS = 5000;

/** How many lines came since the page was opened; the list itself is cut at its beginning. */
export const arrived = signal(0);
let pendingLines: LogLine[] = [];
let frame: number | undefined;

/** Many lines in one frame are one change. */
function line(entry: LogLine): void {
  pendingLines.push(entry);
  frame ??= window.setTimeout(() => {
    frame = undefined;
    batch(() => {
      arrived.value += pendingLines.length;
      lines.value = [...lines.value, ...pendingLines].slice(-LINES);
    });
    pendingLines = [];
  }, 100);
}

export function withOlder(older: readonly LogLine[]): void {
  const seen = new Set(lines.value.map((one) => `${one.timestamp} ${one.message}`));
  const fresh = older.filter((one) => !seen.has(`${one.timestamp} ${one.message}`));
  lines.value = [...fresh, ...lines.value].sort((a, b) => a.timestamp - b.timestamp).slice(-LINES);
}

export function startLive(): void {
  gateway.on('log', (payload) => line(payload as LogLine));
  gateway.on('agent.status', (payload) => {
    const status = payload as AgentStatus;
    agents.value = new Map(agents.value).set(status.name, status);
  });
  gateway.on('presence', (payload) => (presence.value = (payload as { presence: Presence[] }).presence));
  gateway.on('health', (payload) => (health.value = payload as Health));
  effect(() => {
    if (epoch.value === 0) return;
    const snapshot = hello.peek()?.snapshot;
    if (!snapshot) return;
    presence.value = snapshot.presence;
    health.value = snapshot.health;
  });
  let before = { sent: 0, received: 0 };
  window.setInterval(() => {
    const { sent, received } = gateway.traffic;
    const sample = { at: Date.now(), rtt: link.peek().phase === 'online' ? link.peek().rtt : undefined, received: received - before.received, sent: sent - before.sent };
    before = { sent, received };
    samples.value = [...samples.value, sample].slice(-SAMPLES);
  }, EVERY_MS);
}
