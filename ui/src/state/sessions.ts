// The sessions that this page knows: fetched once for each connection, then kept by events.
import { computed, effect, signal, untracked } from '@preact/signals';
import { CallError, epoch, gateway, link } from '../link';
import type { SessionList, SessionRow } from '../shapes';

/** Rows that one answer brings. */
const PAGE = 500;
/** Rows that are kept; whoever has more searches on the gateway. */
const MOST = 20_000;

export interface Known {
  rows: ReadonlyMap<string, SessionRow>;
  total: number;
  complete: boolean;
}

export const none: Known = { rows: new Map(), total: 0, complete: false };

/** A page of the list. */
export function withPage(known: Known, list: Pick<SessionList, 'sessions' | 'totalCount' | 'hasMore'>): Known {
  const rows = new Map(known.rows);
  for (const row of list.sessions) rows.set(row.key, { ...rows.get(row.key), ...row });
  return { rows, total: Math.max(list.totalCount, rows.size), complete: !list.hasMore };
}

/** A change of one session. The title and the preview are not part of an event, so those that are known stay. */
export function withChange(known: Known, key: string, row: SessionRow | undefined): Known {
  const before = known.rows.get(key);
  const rows = new Map(known.rows);
  if (row) rows.set(key, { ...(before ? { derivedTitle: before.derivedTitle, lastMessagePreview: before.lastMessagePreview } : {}), ...row });
  else rows.delete(key);
  return { ...known, rows, total: Math.max(0, known.total + rows.size - known.rows.size) };
}

export const known = signal<Known>(none);
export const failed = signal<CallError | undefined>(undefined);
export const fetched = signal(false);

export const sessions = computed(() => [...known.value.rows.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt));
export const running = computed(() => sessions.value.filter((row) => row.hasActiveRun));

/** Where the rows go on that were not fetched yet. */
let further: number | null = null;

async function page(cursor: number | null): Promise<SessionList> {
  const params = { limit: PAGE, ...(cursor === null ? {} : { cursor }), includeDerivedTitles: true, includeLastMessage: true };
  return (await gateway.call('sessions.list', params)) as unknown as SessionList;
}

let fetching = 0;

async function fetchFirst(): Promise<void> {
  const mine = ++fetching;
  try {
    const [list] = await Promise.all([page(null), gateway.call('sessions.subscribe', {})]);
    if (mine !== fetching) return;
    known.value = withPage(none, list);
    further = list.nextCursor;
    failed.value = undefined;
    fetched.value = true;
  } catch (error) {
    if (error instanceof CallError && error.error.code !== 'DISCONNECTED') failed.value = error;
  }
}

let rest: Promise<void> | undefined;

/** Fetches the rest, page after page; whoever asks meanwhile waits for the same. */
export function fetchAll(): Promise<void> {
  return (rest ??= fetchRest().finally(() => (rest = undefined)));
}

async function fetchRest(): Promise<void> {
  const mine = fetching;
  while (mine === fetching && further !== null && known.value.rows.size < MOST) {
    const list = await page(further);
    if (mine !== fetching) return;
    further = list.nextCursor;
    known.value = withPage(known.value, { ...list, hasMore: further !== null });
  }
}

export const refetch = () => void fetchFirst();

const untold = new Set<string>();
let titles: number | undefined;

/** A session's title and preview come with the list only: asked for soon after it spoke, for all that did. */
function askTitles(key: string): void {
  untold.add(key);
  titles ??= window.setTimeout(async () => {
    titles = undefined;
    if (document.visibilityState === 'hidden' || link.value.phase !== 'online') return;
    const limit = Math.min(100, untold.size + 5);
    untold.clear();
    try {
      const list = (await gateway.call('sessions.list', { limit, includeDerivedTitles: true, includeLastMessage: true })) as unknown as SessionList;
      known.value = withPage(known.value, { ...list, totalCount: list.totalCount, hasMore: !known.value.complete });
    } catch {
      // The next event asks again.
    }
  }, 800);
}

export function startSessions(): void {
  gateway.on('sessions.changed', (payload) => {
    const { sessionKey, session, reason } = payload as { sessionKey: string; session?: SessionRow; reason: string };
    known.value = withChange(known.value, sessionKey, session);
    if (session && (reason === 'run' || reason === 'message') && !session.hasActiveRun) askTitles(sessionKey);
  });
  effect(() => {
    if (epoch.value > 0) untracked(() => void fetchFirst());
  });
}
