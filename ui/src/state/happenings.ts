// Events, told as sentences for "Recent activity".
import { shortKey } from '../format';
import { gateway } from '../link';
import { T } from '../text';
import { note, type Happened } from './live';

type Told = Omit<Happened, 'id' | 'at'> | undefined;

const chat = (key: string | undefined) => (key ? `/chat?session=${encodeURIComponent(key)}` : undefined);

/** What an event means to somebody who looks at the page; `undefined` for those that say nothing by themselves. */
export function tell(event: string, payload: unknown): Told {
  const it = payload as { [name: string]: unknown };
  const word = (name: string) => (typeof it[name] === 'string' ? (it[name] as string) : '');
  const key = word('sessionKey');
  switch (event) {
    case 'chat':
      if (it['state'] === 'final') return { kind: 'run', tone: 'good', text: T.happened.finished(shortKey(key)), href: chat(key) };
      if (it['state'] === 'error') return { kind: 'run', tone: 'bad', text: T.happened.failed(shortKey(key), word('errorMessage')), href: chat(key) };
      if (it['state'] === 'aborted') return { kind: 'run', tone: 'warn', text: T.happened.aborted(shortKey(key)), href: chat(key) };
      return undefined;
    case 'model.fallback':
      return { kind: 'model', tone: 'warn', text: T.happened.fallback(word('from'), word('to'), word('reason')), href: chat(key) };
    case 'exec.approval.requested':
      return { kind: 'approval', tone: 'warn', text: T.happened.asked(String((it['request'] as { command?: string } | undefined)?.command ?? '')), href: '/approvals' };
    case 'exec.approval.resolved':
      return { kind: 'approval', tone: it['decision'] === 'deny' ? 'bad' : 'good', text: T.happened.decided(word('decision'), word('resolvedBy')), href: '/approvals?show=history' };
    case 'cron':
      if (it['action'] !== 'finished') return undefined;
      return { kind: 'cron', tone: it['status'] === 'error' ? 'bad' : 'good', text: T.happened.job(String((it['job'] as { name?: string } | undefined)?.name ?? word('jobId')), word('status')), href: '/cron' };
    case 'device.pair.requested':
      return { kind: 'device', tone: 'warn', text: T.happened.deviceAsks(word('displayName') || word('deviceId').slice(0, 12)), href: '/devices' };
    case 'device.pair.resolved':
      return { kind: 'device', tone: it['decision'] === 'approved' ? 'good' : 'bad', text: T.happened.deviceDecided(word('decision')), href: '/devices' };
    case 'node.pair.requested':
      return { kind: 'node', tone: 'warn', text: T.happened.nodeAsks(word('displayName') || word('nodeId').slice(0, 12)), href: '/nodes' };
    case 'config.changed':
      return { kind: 'config', tone: '', text: T.happened.configured((it['changedPaths'] as string[] | undefined) ?? [], word('actor')), href: '/config?tab=history' };
    case 'config.rejected':
      return { kind: 'config', tone: 'bad', text: T.happened.configRejected(word('message')), href: '/config' };
    case 'spawn_result':
      return it['status'] === 'running' ? undefined : { kind: 'program', tone: it['status'] === 'completed' ? 'good' : 'bad', text: T.happened.program(word('id'), word('status')) };
    case 'sessions.changed':
      if (it['reason'] === 'create') return { kind: 'session', tone: '', text: T.happened.sessionMade(shortKey(key)), href: chat(key) };
      if (it['reason'] === 'delete') return { kind: 'session', tone: '', text: T.happened.sessionGone(shortKey(key)) };
      return undefined;
    default:
      return undefined;
  }
}

export function startHappenings(): void {
  gateway.onAny((event, payload) => {
    const told = tell(event, payload);
    if (told) note({ ...told, at: Date.now() });
  });
}
