// The one connection of this page.
import { useEffect, useRef, useState } from 'preact/hooks';
import { signal, useSignalEffect } from '@preact/signals';
import type { Methods } from '../../../docs/methods';
import { CallError, Gateway } from './gateway';
import { T } from '../text';
import { reachable, storage, tab } from './storage';

export { CallError } from './gateway';

/** Where the gateway is: this page's own address, unless it is served alone and says so in a meta element (spec 001). */
function address(): string {
  const elsewhere = document.querySelector('meta[name="openclaw-gateway-url"]')?.getAttribute('content');
  if (elsewhere) return elsewhere;
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/`;
}

export const gatewayUrl = address();

export const gateway = new Gateway({
  url: gatewayUrl,
  version: __UI_VERSION__,
  storage,
  tab,
  subtle: globalThis.crypto?.subtle,
  indexedDB: reachable(() => globalThis.indexedDB),
  socket: (url) => new WebSocket(url),
  now: () => Date.now(),
  // The wall clock in whole milliseconds is too coarse to tell the way over loopback, but tells that it is short.
  random: () => Math.random(),
  id: () => Math.random().toString(36).slice(2, 12),
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
});

export const { link, hello, epoch, through } = gateway;

/** Acts on another gateway through this one, or on this one again. */
export function actOn(id: string | undefined): void {
  gateway.actOn(id);
  location.assign('/');
}

/** Whether the address holds a login link. */
export const invited = (): boolean => /[#&](login|token)=/.test(location.hash);

/** Exchanges the code behind `#login=` for the gateway's credential; `#token=` is a credential already. Why not, otherwise. */
export async function redeemLogin(): Promise<string | undefined> {
  const hash = new URLSearchParams(location.hash.slice(1));
  const code = hash.get('login');
  const token = hash.get('token');
  if (!code && !token) return undefined;
  // Away with it first, so that neither the history nor a screenshot keeps it.
  history.replaceState(null, '', location.pathname + location.search);
  if (token) {
    gateway.useSecret('token', token);
    return undefined;
  }
  try {
    const answer = await fetch('/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const body = (await answer.json()) as { mode?: string; credential?: string | null; error?: { message?: string } };
    if (!answer.ok) return body.error?.message ?? T.gate.login.status(answer.status);
    if (body.credential) {
      gateway.useSecret(body.mode === 'password' ? 'password' : 'token', body.credential);
      return undefined;
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  if (link.peek().phase !== 'online') gateway.start();
  return undefined;
}

/** Whether an event is a reason to ask again. The words of a reply are none: only its end changes what is counted. */
export function tellsMore(event: string, payload: unknown): boolean {
  return event !== 'chat' || (payload as { state?: unknown } | null)?.state !== 'delta';
}

export interface Asked<T> {
  data: T | undefined;
  error: CallError | undefined;
  /** Nothing is here yet, and something is on its way. */
  loading: boolean;
  reload(): void;
  /** Shows a change before the gateway confirms it. */
  set(data: T): void;
}

/** Answers that were shown last, so that a page that is opened again paints at once. */
const shown = new Map<string, unknown>();
const SHOWN_MOST = 200;

/** Asks when the page opens, after each connection, and soon after any of the events. Never while the tab is hidden. */
export function useCall<M extends keyof Methods, T = Methods[M]['reply']>(
  method: M,
  params: Methods[M]['params'] | undefined,
  options: { on?: readonly string[]; every?: number; settle?: number } = {},
): Asked<T> {
  const key = params === undefined ? undefined : `${method} ${JSON.stringify(params)}`;
  const [state, setState] = useState<{ key: string | undefined; data: T | undefined; error: CallError | undefined }>(() => ({
    key, data: key === undefined ? undefined : (shown.get(key) as T | undefined), error: undefined,
  }));
  const [asks, ask] = useState(0);
  const current = useRef(key);
  current.current = key;
  const [connected, setConnected] = useState(epoch.value);
  useSignalEffect(() => setConnected(epoch.value));

  useEffect(() => {
    // Without a connection the call is refused, and the next connection raises the epoch for it.
    if (key === undefined || connected === 0) return;
    gateway.call(method, params as Methods[M]['params']).then(
      (answer) => {
        if (shown.size > SHOWN_MOST) shown.clear();
        shown.set(key, answer);
        if (current.current === key) setState({ key, data: answer as T, error: undefined });
      },
      (error: unknown) => {
        // A lost connection asks again by itself; what is shown stays.
        if (error instanceof CallError && error.lost) return;
        if (current.current === key && error instanceof CallError) setState((before) => ({ key, data: before.key === key ? before.data : undefined, error }));
      },
    );
  }, [key, asks, connected]);

  const events = (options.on ?? []).join(' ');
  const { every } = options;
  useEffect(() => {
    if (events === '' && every === undefined) return;
    let timer: number | undefined;
    let due = false;
    const look = () => {
      if (!due || document.visibilityState !== 'visible') return;
      due = false;
      ask((n) => n + 1);
    };
    const soon = () => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        due = true;
        look();
      }, options.settle ?? 400);
    };
    const ends = (options.on ?? []).map((event) => gateway.on(event, (payload) => tellsMore(event, payload) && soon()));
    const clock = every === undefined ? undefined : window.setInterval(() => {
      due = true;
      look();
    }, every);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.clearTimeout(timer);
      window.clearInterval(clock);
      document.removeEventListener('visibilitychange', look);
      for (const end of ends) end();
    };
  }, [events, every]);

  const fits = state.key === key;
  const data = fits ? state.data : key === undefined ? undefined : (shown.get(key) as T | undefined);
  return {
    data,
    error: fits ? state.error : undefined,
    loading: data === undefined && !(fits && state.error),
    reload: () => ask((n) => n + 1),
    set: (next) => {
      if (key !== undefined) shown.set(key, next);
      setState({ key, data: next, error: undefined });
    },
  };
}

/** Hears an event for as long as a component is there. */
export function useEvent<T>(event: string, listener: (payload: T) => void): void {
  const kept = useRef(listener);
  kept.current = listener;
  useEffect(() => gateway.on(event, (payload) => kept.current(payload as T)), [event]);
}

/** Now, to the second: one clock for all ages on the page. */
export const now = signal(Date.now());
window.setInterval(() => {
  if (document.visibilityState === 'visible') now.value = Date.now();
}, 1000);
