// The sessions that this page knows: fetched once for each connection, then kept by events.
import { computed, effect, signal, untracked } from '@preact/signals';
import { CallError, epoch, gateway, link } from '../link';
import type { SessionList, SessionRow } from '../shapes';
import { Meanwhile, type Changes } from './meanwhile';

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
  return withChanges(known, new Map([[key, row]]));
}

/** Many changes are one: a new map and a new order for each event would be felt with ten thousand sessions. */
export function withChanges(known: Known, changes: Changes<SessionRow>): Known {
  if (changes.size === 0) return known;
  const rows = new Map(known.rows);
  for (const [key, row] of changes) {
    const before = known.rows.get(key);
    if (row) rows.set(key, { ...(before ? { derivedTitle: before.derivedTitle, lastMessagePreview: before.lastMessagePreview } : {}), ...row });
    else rows.delete(key);
  }
  return { ...known, rows, total: Math.max(0, known.total + rows.size - known.rows.size) };
}

/** A page with what changed while it was on its way, which is newer. */
export function withPageAnd(known: Known, list: Pick<SessionList, 'sessions' | 'totalCount' | 'hasMore'>, changes: Changes<SessionRow>): Known {
  return withChanges(withPage(known, list), changes);
}

export const known = signal<Known>(none);
export const failed = signal<CallError | undefined>(undefined);
export const fetched = signal(false);

export const sessions = computed(() => [...known.value.rows.values()].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updatedAt - a.updatedAt));
export const running = computed(() => sessions.value.filter((row) => row.hasActiveRun));

/** Where the rows go on that were not fetched yet. */
let further: number | null = null;

const changed = new Meanwhile<SessionRow>();

let pending = new Map<string, SessionRow | undefined>();
let timer: number | undefined;

function flush(): void {
  window.clearTimeout(timer);
  timer = undefined;
  known.value = withChanges(known.value, pending);
  pending = new Map();
}

function changeSoon(key: string, row: SessionRow | undefined): void {
  changed.note(key, row);
  pending.set(key, row);
  timer ??= window.setTimeout(flush, 50);
}

function page(params: { limit: number; cursor?: number }): Promise<[SessionList, Changes<SessionRow>]> {
  // What came before is older than the list that is asked for now.
  flush();
  return changed.during(async () => (await gateway.call('sessions.list', { ...params, includeDerivedTitles: true, includeLastMessage: true })) as unknown as SessionList);
}

let fetching = 0;

async function fetchFirst(): Promise<void> {
  const mine = ++fetching;
  try {
    // In this order, so that nothing happens between the two unseen.
    await gateway.call('sessions.subscribe', {});
    const [list, changes] = await page({ limit: PAGE });
    if (mine !== fetching) return;
    known.value = withPageAnd(none, list, changes);
    further = list.nextCursor;
    failed.value = undefined;
    fetched.value = true;
  } catch (error) {
    if (mine === fetching && error instanceof CallError && !error.lost) failed.value = error;
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
    const [list, changes] = await page({ limit: PAGE, cursor: further });
    if (mine !== fetching) return;
    further = list.nextCursor;
    known.value = withPageAnd(known.value, { ...list, hasMore: further !== null }, changes);
  }
}

export const refetch = () => void fetchFirst();

const untold = new Set<string>();
let titles: number | undefined;

/** A session's title and preview come with the list only: asked for soon after it spoke, for all that did. */
function askTitles(): void {
  titles ??= window.setTimeout(async () => {
    titles = undefined;
    if (document.visibilityState === 'hidden' || link.value.phase !== 'online') return;
    const limit = Math.min(100, untold.size + 5);
    untold.clear();
    try {
      const mine = fetching;
      const [list, changes] = await page({ limit });
      if (mine === fetching) known.value = withPageAnd(known.value, { ...list, hasMore: !known.value.complete }, changes);
    } catch {
      // The next event asks again.
    }
  }, 800);
}

export function startSessions(): void {
  gateway.on('sessions.changed', (payload) => {
    const { sessionKey, session, reason } = payload as { sessionKey: string; session?: SessionRow; reason: string };
    changeSoon(sessionKey, session);
    if (session && (reason === 'run' || reason === 'message') && !session.hasActiveRun) {
      untold.add(sessionKey);
      askTitles();
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (untold.size > 0) askTitles();
  });
  effect(() => {
    if (epoch.value > 0) untracked(() => void fetchFirst());
  });
}
