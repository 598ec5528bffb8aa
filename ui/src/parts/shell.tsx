// The frame around every page: the rail, the bar, the tabs of a phone, what is loaded when.
import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { ago } from '../format';
import { actOn, gateway, link, now, through } from '../link';
import { mayReconnect } from '../link/machine';
import { pageOf, pages, type Page } from '../pages';
import { follow, path } from '../route';
import { say } from '../state/announced';
import { needed } from '../state/approvals';
import { T } from '../text';
import { Button, Empty, Problem, Skeleton } from './basic';
import { Confirmation, Dialog, someOpen } from './dialog';
import { Gate, Mark } from './gate';
import { Icon } from './icons';
import { LinkPill } from './link-pill';
import { Palette, paletteOpen } from './palette';
import { keysOpen } from './keys';
import { Above } from './toasts';

const loaded = new Map<string, ComponentType>();
/** When the page was connected last, for saying how old it is. */
const lastOnline = signal(0);

export function App() {
  const { phase, wasOnline } = link.value;
  if (phase === 'online') lastOnline.value = Math.max(lastOnline.peek(), now.peek());
  // A short break does not take the page away: what it shows is marked as old instead.
  const through = phase === 'online' || (wasOnline && (phase === 'waiting' || phase === 'connecting'));
  return (
    <div onClick={follow}>
      {through ? <Shell /> : <Gate />}
      <Palette />
      {keysOpen.value && (
        <Dialog title={T.keys.title} onClose={() => (keysOpen.value = false)}>
          <dl class="facts">{T.keys.list.map(([keys, what]) => [<dt key={keys}><kbd>{keys}</kbd></dt>, <dd key={what}>{what}</dd>])}</dl>
        </Dialog>
      )}
      <Confirmation />
      {!someOpen.value && <Above />}
    </div>
  );
}

function Shell() {
  const page = pageOf(path.value);
  const n = needed.value;
  useEffect(() => {
    document.title = T.approval.title(n, !page || page.path === '/' ? T.product : `${page.name} · ${T.product}`);
  }, [page, n]);
  // Whoever listens is told where a link led.
  const first = useRef(page);
  useEffect(() => {
    if (first.current !== page) say(page?.name ?? T.notFound.title);
    first.current = page;
  }, [page]);
  return (
    <div class="app">
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus(); }}>{T.skip}</a>
      <Rail page={page} />
      <div class="main">
        <header class="bar">
          <h1>{page?.name ?? T.product}</h1>
          <button type="button" class="find" onClick={() => (paletteOpen.value = true)} title={T.palette.label}>
            <Icon name="search" size={16} />
            <span class="label">{T.palette.open}</span>
            <kbd aria-hidden="true">⌘K</kbd>
          </button>
          <LinkPill />
        </header>
        <Stale />
        <Acting />
        <main id="content" tabIndex={-1} class={`view ${page?.full ? 'full' : ''}`}>
          {page ? <Lazy key={page.path} page={page} /> : <Empty icon="search" title={T.notFound.title} text={T.notFound.text}><a class="button" href="/">{T.nav.overview}</a></Empty>}
        </main>
      </div>
      <Tabs page={page} />
    </div>
  );
}

function Stale() {
  const state = link.value;
  if (state.phase === 'online') return null;
  return (
    <div class="stale">
      <Icon name="warn" size={16} />
      {/* The seconds are for the eye alone: nobody wants to hear each of them. */}
      <span><span class="sr" role="status">{T.link.notConnected}</span><span aria-hidden="true">{T.link.stale(ago(lastOnline.value, now.value))}</span> {state.help && T.gate.help[state.help].text} {state.phase === 'waiting' && state.retryAt !== undefined && T.link.retryIn(Math.max(0, Math.ceil((state.retryAt - now.value) / 1000)))}</span>
      <Button kind="small" disabled={!mayReconnect(state, now.value)} onClick={() => gateway.retry()}>{T.link.reconnect}</Button>
    </div>
  );
}

/** Which gateway the page acts on, when it is not its own: always in sight, so that nothing is done on the wrong one. */
function Acting() {
  const on = through.value;
  if (!on) return null;
  return (
    <div class={`acting ${on.problem ? 'bad' : ''}`} role="status">
      <Icon name={on.problem ? 'warn' : 'gateways'} size={16} />
      <span class="break">{on.problem ? T.fleet.unreached(on.name, on.problem) : <strong>{T.fleet.acting(on.name)}</strong>}</span>
      <span class="push row">
        {on.problem && <Button kind="small" onClick={() => void gateway.reach()}>{T.fleet.retry}</Button>}
        <Button kind="small" onClick={() => actOn(undefined)}>{T.fleet.leave}</Button>
      </span>
    </div>
  );
}

function Count() {
  const n = needed.value;
  return n > 0 ? <span class="count" aria-label={T.nav.waiting(n)}>{n}</span> : null;
}

function Rail({ page }: { page: Page | undefined }) {
  return (
    <nav class="rail" aria-label={T.nav.label}>
      <a class="brand" href="/"><span class="mark"><Mark /></span><span class="label">{T.product}</span></a>
      {(['work', 'fleet', 'watch', 'control'] as const).map((group) => (
        <div key={group}>
          {group !== 'work' && <h2>{T.nav.groups[group]}</h2>}
          {pages.filter((one) => one.group === group).map((one) => (
            <a key={one.path} class="item" href={one.path} title={one.name} aria-current={one === page ? 'page' : undefined} onPointerEnter={() => preload(one)}>
              <Icon name={one.icon} />
              <span class="label">{one.name}</span>
              {one.path === '/approvals' && <Count />}
            </a>
          ))}
        </div>
      ))}
    </nav>
  );
}

function Tabs({ page }: { page: Page | undefined }) {
  const [open, setOpen] = useState(false);
  const shown = ['/', '/chat', '/sessions', '/approvals'].map((path) => pages.find((one) => one.path === path)!);
  useEffect(() => setOpen(false), [page]);
  return (
    <>
      <nav class="tabs" aria-label={T.nav.label}>
        {shown.map((one) => (
          <a key={one.path} href={one.path} aria-current={one === page ? 'page' : undefined}>
            <Icon name={one.icon} size={20} />
            {one.name}
            {one.path === '/approvals' && <Count />}
          </a>
        ))}
        <button type="button" aria-expanded={open} aria-current={page && !shown.includes(page) ? 'page' : undefined} onClick={() => setOpen(true)}>
          <Icon name="more" size={20} />
          {T.more}
        </button>
      </nav>
      {open && (
        <Dialog title={T.nav.label} onClose={() => setOpen(false)}>
          <ul class="list sheet">
            {pages.filter((one) => !shown.includes(one)).map((one) => (
              <li key={one.path}><a class="line" href={one.path} onClick={() => setOpen(false)}><Icon name={one.icon} />{one.name}</a></li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}

/** Gets a page's code before it is clicked. */
export function preload(page: Page): void {
  if (loaded.has(page.path)) return;
  void page.load().then(({ default: view }) => loaded.set(page.path, view), () => {});
}

function Lazy({ page }: { page: Page }) {
  const [view, setView] = useState<{ View: ComponentType } | undefined>(() => {
    const View = loaded.get(page.path);
    return View && { View };
  });
  const [failed, setFailed] = useState<Error | undefined>(undefined);
  const [broken, mend] = useErrorBoundary();
  useEffect(() => {
    if (view) return;
    page.load().then(
      ({ default: View }) => {
        loaded.set(page.path, View);
        setView({ View });
      },
      (error: unknown) => setFailed(error instanceof Error ? error : new Error(String(error))),
    );
  }, []);
  if (broken) return <Problem error={broken instanceof Error ? broken : new Error(String(broken))} retry={mend} />;
  if (failed) return <Problem error={failed} retry={() => location.reload()} />;
  if (!view) return <Skeleton lines={6} />;
  return <view.View />;
}
