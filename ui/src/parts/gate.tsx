// What stands in the place of the pages until the gateway has let this browser in.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { effect, signal } from '@preact/signals';
import { gateway, gatewayUrl, link, now } from '../link';
import { mayReconnect } from '../link/machine';
import type { Options } from '../link/passkey';
import type { Blocked } from '../link/refusal';
import { T } from '../text';
import { Button, Command, Field } from './basic';
import { Icon } from './icons';

/** Why a login link was of no use. */
export const loginFailed = signal<string | undefined>(undefined);
const wantsSecret = signal(false);
/** A secret is on its way; the form stays until it is known whether it is right. */
const trying = signal(false);
effect(() => {
  const { phase } = link.value;
  if (phase !== 'connecting') trying.value = false;
  if (phase === 'online') wantsSecret.value = false;
});

function Box({ title, children }: { title: string; children: ComponentChildren }) {
  // Takes the place of whatever had the focus.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) document.getElementById('content')?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main class="gate" id="content" tabIndex={-1}>
      <div class="box">
        <div class="brand"><span class="mark"><Mark /></span>{T.product}</div>
        <h1>{title}</h1>
        {children}
        <Foot />
      </div>
    </main>
  );
}

export function Mark() {
  return (
    <svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d="M5 4c0 6 2 9 7 9s7-3 7-9M12 13v7M7 20h10" />
    </svg>
  );
}

function Foot() {
  const { attempts, protocol, phase } = link.value;
  return (
    <div class="foot">
      <span class="mono break">{gatewayUrl}</span>
      <span>{phase === 'connecting' ? T.link.connecting : phase === 'waiting' ? T.link.reconnecting : T.link.disconnected}</span>
      <span>{T.link.attemptsLong(attempts)}</span>
      {protocol !== undefined && <span>{T.link.protocol(protocol)}</span>}
    </div>
  );
}

export function Gate() {
  const state = link.value;
  if (state.phase === 'blocked' && state.blocked) return <Block blocked={state.blocked} />;
  if (state.phase === 'secret' || wantsSecret.value || (trying.value && state.phase === 'connecting')) return <Secret />;
  if (state.phase === 'passkey' && state.passkey) return <Confirm options={state.passkey.options} hosts={state.passkey.hosts} />;
  // It is asked again and again while an owner decides; what is shown stays still.
  if (state.pairing && (state.phase === 'pairing' || state.phase === 'connecting')) return <Pairing />;
  if (state.attempts === 0) {
    return (
      <Box title={T.gate.connecting.title}>
        <p>{T.gate.connecting.text}</p>
      </Box>
    );
  }
  const seconds = Math.max(0, Math.ceil(((state.retryAt ?? now.value) - now.value) / 1000));
  return (
    <Box title={state.help ? T.gate.retrying.refuses : T.gate.retrying.title}>
      <p>{(state.help ? T.gate.retrying.again : T.gate.retrying.text)(state.attempts)}</p>
      {state.problem && <p class="lead break">{state.problem}</p>}
      {state.help && <p>{T.gate.help[state.help].text}</p>}
      <Command text={state.help ? T.gate.help[state.help].command : T.gate.retrying.command} />
      <div class="row">
        <Button kind="primary" disabled={!mayReconnect(state, now.value)} onClick={() => gateway.retry()}>{T.link.reconnect}</Button>
        <span class="soft">{T.link.retryIn(seconds)}</span>
      </div>
    </Box>
  );
}

function Secret() {
  const state = link.value;
  const asked = state.secret ?? { what: 'token' as const, wrong: false };
  const busy = state.phase === 'connecting';
  const [text, setText] = useState('');
  const name = asked.what === 'token' ? T.gate.secret.token : T.gate.secret.password;
  return (
    <Box title={T.gate.secret.title}>
      {loginFailed.value && <div class="note warn"><Icon name="warn" size={16} /><span>{T.gate.login.failed}: {loginFailed.value}</span></div>}
      <p>{T.gate.secret.text}</p>
      <form onSubmit={(event) => {
        event.preventDefault();
        if (busy || !text.trim()) return;
        wantsSecret.value = false;
        trying.value = true;
        gateway.useSecret(asked.what, text.trim());
      }}>
        <Field label={name}>
          {(id) => <input id={id} class="input" type="password" autoComplete="current-password" spellcheck={false} required value={text} onInput={(event) => setText(event.currentTarget.value)} aria-invalid={asked.wrong} autoFocus />}
        </Field>
        {asked.wrong && !busy && <p class="bad" role="alert">{T.gate.secret.wrong(name.toLowerCase())}</p>}
        <div class="row">
          <Button kind="primary" type="submit" disabled={!text.trim()} aria-busy={busy}>{busy ? T.gate.secret.trying : T.gate.secret.submit}</Button>
          {wantsSecret.value && <Button onClick={() => (wantsSecret.value = false)}>{T.back}</Button>}
          {asked.wrong && gateway.known && <Button onClick={() => gateway.dropSecret()}>{T.gate.secret.keep}</Button>}
        </div>
      </form>
      <p>{T.gate.secret.link}</p>
      <Command text={T.gate.login.command} />
    </Box>
  );
}

function Pairing() {
  const { pairing } = link.value;
  if (!pairing) return null;
  const text = pairing.reason === 'not-paired' ? T.gate.pairing.text : pairing.reason === 'metadata-upgrade' ? T.gate.pairing.changed : T.gate.pairing.upgrade;
  return (
    <Box title={T.gate.pairing.title}>
      {loginFailed.value && <div class="note warn"><Icon name="warn" size={16} /><span>{T.gate.login.failed}: {loginFailed.value}</span></div>}
      <p>{text}</p>
      <Command text={`openclaw devices approve ${pairing.requestId}`} />
      <p role="status">{T.gate.pairing.waiting}</p>
      <Failed />
      <div class="row wrap">
        {pairing.passkey && <UsePasskey kind="primary" options={pairing.passkey} text={T.gate.passkey.use} />}
        {pairing.reason === 'not-paired' && <Button icon="key" onClick={() => (wantsSecret.value = true)}>{T.gate.pairing.secret}</Button>}
        {pairing.approvedScopes && pairing.approvedScopes.length > 0 && <Button onClick={() => gateway.acceptApproved(pairing.approvedScopes ?? [])}>{T.gate.pairing.fewer}</Button>}
      </div>
    </Box>
  );
}

/** The button that asks the authenticator, and why the last answer was none. */
function UsePasskey({ options, text, kind }: { options: Options; text: string; kind?: string }) {
  const { confirming } = link.value;
  return <Button kind={kind ?? ''} icon="key" aria-busy={confirming} aria-disabled={confirming} onClick={() => !confirming && void gateway.confirm(options)}>{confirming ? T.passkeys.waiting : text}</Button>;
}

function Failed() {
  const { passkeyFailed } = link.value;
  return passkeyFailed ? <p class="bad" role="alert">{passkeyFailed}</p> : null;
}

function Confirm({ options, hosts }: { options: Options | undefined; hosts: string[] }) {
  const words = T.gate.passkey;
  return (
    <Box title={words.title}>
      <p>{options ? words.text : hosts.length > 0 ? words.elsewhere(hosts.join(', ')) : words.unable}</p>
      <Failed />
      <div class="row">
        {options ? <UsePasskey kind="primary" options={options} text={words.confirm} /> : <Button kind="primary" onClick={() => gateway.retry()}>{T.link.reconnect}</Button>}
        <Button onClick={() => (wantsSecret.value = true)}>{words.other}</Button>
      </div>
      <p class="small-text">{words.lost}</p>
      <Command text="openclaw passkeys list" />
    </Box>
  );
}

function Block({ blocked }: { blocked: Blocked }) {
  const state = link.value;
  const at = now.value;
  const words = T.gate.blocked;
  const port = location.port || '18789';
  const left = state.blockedUntil === undefined ? 0 : Math.max(0, Math.ceil((state.blockedUntil - at) / 1000));
  // What only a person can know to be done; the others end by themselves, or with the page.
  const byHand = blocked === 'origin' || blocked === 'device-limit' || blocked === 'other' || blocked === 'protocol' || blocked === 'device-required';
  return (
    <Box title={words.title}>
      <div class="problem" role="alert">
        <Icon name="warn" />
        <div class="what stack tight">
          <strong>{words[blocked].title}</strong>
          <span>{blocked === 'origin' ? words.origin.text(location.origin) : (words[blocked] as { text: string }).text}</span>
        </div>
      </div>
      {blocked === 'origin' && <Command text={words.origin.command(location.origin)} />}
      {blocked === 'device-limit' && <Command text={words['device-limit'].command} />}
      {blocked === 'insecure' && (
        <>
          <Command text={words.insecure.command(port)} />
          <p>{words.insecure.then(port)}</p>
          <div class="row"><a class="button" href={`https://${location.host}/`} target="_self">{words.insecure.https}</a></div>
        </>
      )}
      {state.problem && blocked !== 'insecure' && <p class="small-text break">{words.said}: {state.problem}</p>}
      {byHand && (
        <label class="check">
          <input type="checkbox" checked={state.resolved} onChange={(event) => gateway.resolved(event.currentTarget.checked)} />
          <span>{words.done}</span>
        </label>
      )}
      <div class="row">
        <Button kind="primary" disabled={!mayReconnect(state, at)} onClick={() => gateway.retry()}>{left > 0 ? words.wait(left) : words.reconnect}</Button>
        {(blocked === 'signature' || blocked === 'device-limit') && <Button kind="danger" onClick={() => void gateway.forgetDevice()}>{words.forget}</Button>}
      </div>
    </Box>
  );
}
