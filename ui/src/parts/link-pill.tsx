// How the connection is, always in sight: status, latency, attempts, protocol (spec 001).
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { span, millis } from '../format';
import { gateway, gatewayUrl, hello, link, now } from '../link';
import { mayReconnect, percentile, type Link } from '../link/machine';
import { T } from '../text';
import { Button, Dot, type Tone } from './basic';
import { confirm } from './dialog';

export function wordOf({ phase, wasOnline }: Link): [string, Tone] {
  switch (phase) {
    case 'online':
      return [T.link.connected, 'good'];
    case 'connecting':
      return wasOnline ? [T.link.reconnecting, 'warn'] : [T.link.connecting, 'warn'];
    case 'waiting':
      return [T.link.reconnecting, 'warn'];
    case 'blocked':
      return [T.link.blocked, 'bad'];
    case 'secret':
    case 'pairing':
    case 'passkey':
      return [T.link.disconnected, 'bad'];
  }
}

/** Forgetting locks this browser out until somebody lets it in again. */
export function askToForget(): void {
  confirm({ title: T.link.forgetAsk, text: T.link.forgetText, action: T.link.forget, danger: true, run: () => gateway.forgetDevice() });
}

export function LinkPill() {
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const state = link.value;
  const [word, tone] = wordOf(state);
  useEffect(() => {
    if (!open.value) return;
    const away = (event: Event) => {
      if (!(event instanceof KeyboardEvent)) {
        if (!box.current?.contains(event.target as Node)) open.value = false;
        return;
      }
      if (event.key !== 'Escape') return;
      // The focus must not vanish with what it was in.
      if (box.current?.contains(document.activeElement)) box.current.querySelector<HTMLElement>('.pill')?.focus();
      open.value = false;
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('keydown', away);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('keydown', away);
    };
  }, [open.value]);
  return (
    <div ref={box}>
      <button type="button" class="pill" title={T.link.show} aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <Dot tone={tone} live={tone === 'warn'} />
        <span class="state long">{word}</span>
        {state.phase === 'online' && state.rtt !== undefined && <span class="fact" title={T.link.latency}>{millis(state.rtt)}</span>}
        <span class="fact" title={T.link.reconnects}>{T.link.attempts(state.phase === 'online' ? state.reconnects : state.attempts)}</span>
        {state.protocol !== undefined && <span class="fact" title={T.link.protocolName}>{T.link.protocol(state.protocol)}</span>}
      </button>
      {open.value && <Details close={() => (open.value = false)} />}
    </div>
  );
}

function Details({ close }: { close: () => void }) {
  const state = link.value;
  const at = now.value;
  const [word, tone] = wordOf(state);
  const known = hello.value;
  const rtt = (share: number) => millis(percentile(state.rtts, share) ?? 0);
  return (
    <div class="popover stack" role="dialog" aria-label={T.link.details}>
      <dl class="facts">
        <dt>{T.link.status}</dt>
        <dd class={tone}>
          {word}
          {state.phase === 'waiting' && state.retryAt !== undefined && <span class="soft">, {T.link.retryIn(Math.max(0, Math.ceil((state.retryAt - at) / 1000)))}</span>}
        </dd>
        {state.problem && state.phase !== 'online' && <><dt>{T.link.why}</dt><dd>{state.problem}{state.help && <> <span class="soft">{T.gate.help[state.help].text}</span></>}</dd></>}
        <dt>{T.link.latency}</dt>
        <dd>{state.rtt === undefined ? T.link.notMeasured : T.link.latencyOf(millis(state.rtt), rtt(0.5), rtt(0.99))}</dd>
        <dt>{T.link.reconnects}</dt>
        <dd>{T.link.reconnectsOf(state.reconnects, state.phase === 'online' ? 0 : state.attempts)}</dd>
        <dt>{T.link.protocolName}</dt>
        <dd>{state.protocol ?? '–'}</dd>
        {state.onlineSince !== undefined && <><dt>{T.link.since}</dt><dd>{span(at - state.onlineSince)}</dd></>}
        <dt>{T.link.address}</dt>
        <dd class="mono">{gatewayUrl}</dd>
        {known && (
          <>
            <dt>{T.link.version}</dt>
            <dd>{known.server.version}</dd>
            <dt>{T.link.connection}</dt>
            <dd class="mono">{known.server.connId}</dd>
            <dt>{T.link.scopes}</dt>
            <dd>{known.auth.scopes.map((scope) => scope.replace('operator.', '')).join(', ') || '–'}{gateway.content.value && <span class="soft"> ({T.link.content})</span>}</dd>
          </>
        )}
      </dl>
      <div class="row wrap">
        {state.phase !== 'online' && <Button kind="small primary" disabled={!mayReconnect(state, at)} onClick={() => gateway.retry()}>{T.link.reconnect}</Button>}
        {gateway.content.value && <Button kind="small" onClick={() => { close(); gateway.askForMore(); }}>{T.link.more}</Button>}
        <Button kind="small danger" onClick={() => { close(); askToForget(); }}>{T.link.forget}</Button>
      </div>
    </div>
  );
}
