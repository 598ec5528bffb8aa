// Codes by which a device that is not known yet comes in, once and soon: made here, shown once, listed and taken back.
import { useEffect, useState } from 'preact/hooks';
import { quoted, span } from '../format';
import { gateway, now, useCall, useEvent } from '../link';
import type { DevicePairSetupCodeReply, DevicePairSetupCompleted, DevicePairSetupListReply, Role, Scope } from '../../../docs/methods';
import { T } from '../text';
import { Act, Badge, Button, Card, Command, Copy, Field, Time } from './basic';
import { Dialog } from './dialog';
import { Icon } from './icons';
import '../style/setup-code.css';

const words = T.setupCode;

interface Preset {
  name: keyof typeof words.presets;
  roles: Role[];
  scopes: Scope[];
}

/** What a device gets, the smallest first; the second is what the command line gives when nothing is said. */
const presets: readonly Preset[] = [
  { name: 'read', roles: ['operator'], scopes: ['operator.read'] },
  { name: 'write', roles: ['operator'], scopes: ['operator.read', 'operator.write'] },
  { name: 'decide', roles: ['operator'], scopes: ['operator.read', 'operator.write', 'operator.approvals', 'operator.questions'] },
  { name: 'app', roles: ['node', 'operator'], scopes: ['operator.read', 'operator.write', 'operator.approvals', 'operator.talk.secrets'] },
  { name: 'node', roles: ['node'], scopes: [] },
  { name: 'admin', roles: ['operator'], scopes: ['operator.admin'] },
];
const lives = [2, 10, 60] as const;

interface Wish {
  preset: Preset;
  minutes: number;
  label: string;
  url: string;
}

/** The same from the command line; what it does unless told otherwise is left out. */
export function commandOf({ preset, minutes, label, url }: Wish): string {
  return [
    'openclaw devices setup-code',
    ...(preset.name === 'write' ? [] : [...(preset.roles.includes('node') ? preset.roles.map((role) => `--role ${role}`) : []), ...preset.scopes.map((scope) => `--scope ${scope}`)]),
    ...(minutes === 10 ? [] : [`--expires ${minutes}m`]),
    ...(label.trim() ? [`--label ${quoted(label.trim())}`] : []),
    ...(url.trim() ? [`--public-url ${quoted(url.trim())}`] : []),
  ].join(' ');
}

/** Asks what the code is to give, then shows it for as long as it works and this stays open. */
export function SetupCodeDialog({ close, changed }: { close: () => void; changed: () => void }) {
  const [wish, setWish] = useState<Wish>({ preset: presets[1]!, minutes: 10, label: '', url: '' });
  const [made, setMade] = useState<{ code: DevicePairSetupCodeReply; wish: Wish; ends: number } | undefined>(undefined);
  const set = (change: Partial<Wish>) => setWish((before) => ({ ...before, ...change }));
  if (made) return <Made {...made} close={close} changed={changed} />;
  const make = async () => {
    const { preset: { roles, scopes }, minutes, label, url } = wish;
    const code = await gateway.call('device.pair.setupCode', {
      roles, ...(scopes.length > 0 ? { scopes } : {}), expiresInMs: minutes * 60_000,
      ...(label.trim() ? { label: label.trim() } : {}), ...(url.trim() ? { publicUrl: url.trim() } : {}),
    });
    // By this clock, which counts the time down.
    setMade({ code, wish, ends: Date.now() + minutes * 60_000 });
    changed();
  };
  return (
    <Dialog firm title={words.add} onClose={close} footer={<><span class="grow" /><Act kind="primary" icon="key" run={make}>{words.make}</Act></>}>
      <div class="stack">
        <p class="soft">{words.text}</p>
        <fieldset class="presets stack tight">
          <legend>{words.gives}</legend>
          {presets.map((preset) => (
            <label class="check" key={preset.name}>
              <input type="radio" name="preset" checked={wish.preset === preset} onChange={() => set({ preset })} />
              <span>{words.presets[preset.name][0]} <span class="soft small-text">{words.presets[preset.name][1]}</span></span>
            </label>
          ))}
        </fieldset>
        {wish.preset.name === 'admin' && <div class="note warn"><Icon name="warn" size={16} /><span>{T.devices.wide}</span></div>}
        <div class="two-fields">
          <Field label={words.label}>{(id) => <input id={id} class="input" autocomplete="off" maxLength={64} value={wish.label} onInput={(event) => set({ label: event.currentTarget.value })} />}</Field>
          <Field label={words.life}>{(id) => (
            <select id={id} class="input" value={String(wish.minutes)} onChange={(event) => set({ minutes: Number(event.currentTarget.value) })}>
              {lives.map((minutes) => <option key={minutes} value={String(minutes)}>{span(minutes * 60_000)}</option>)}
            </select>
          )}</Field>
        </div>
        <Field label={words.url} help={words.urlHelp}>{(id) => <input id={id} class="input mono" autocomplete="off" spellcheck={false} inputMode="url" placeholder="wss://gateway.example" value={wish.url} onInput={(event) => set({ url: event.currentTarget.value })} />}</Field>
        <Command text={commandOf(wish)} />
      </div>
    </Dialog>
  );
}

function Made({ code, wish, ends, close, changed }: { code: DevicePairSetupCodeReply; wish: Wish; ends: number; close: () => void; changed: () => void }) {
  const [done, setDone] = useState<DevicePairSetupCompleted | undefined>(undefined);
  const [withdrawn, setWithdrawn] = useState(false);
  useEvent<DevicePairSetupCompleted>('device.pair.setup.completed', (told) => told.setupId === code.setupId && setDone(told));
  // It may have been used between its answer and the first event that is heard, or while there was no connection.
  useEffect(() => {
    const timer = window.setInterval(() => void gateway.call('device.pair.setupStatus', { setupId: code.setupId }).then(({ completion }) => completion && setDone(completion), () => {}), 10_000);
    return () => window.clearInterval(timer);
  }, []);
  const left = ends - now.value;
  const works = !done && !withdrawn && left > 0;
  const local = /^wss?:\/\/(localhost|127\.|\[::1\])/.test(code.gatewayUrl);
  return (
    <Dialog firm title={words.title} onClose={close} footer={
      <>
        {works && <Act kind="danger" run={async () => { await gateway.call('device.pair.setupRevoke', { setupId: code.setupId }); setWithdrawn(true); changed(); }}>{words.withdraw}</Act>}
        <span class="grow" />
        <Button kind={works ? '' : 'primary'} onClick={close}>{T.close}</Button>
      </>
    }>
      <div class="stack" role="status">
        {done && <div class="note good"><Icon name="check" size={16} /><span class="break">{words.came(done.deviceName ?? done.deviceId.slice(0, 12))}</span></div>}
        {withdrawn && <div class="note"><span>{words.withdrawn}</span></div>}
        {!done && !withdrawn && left <= 0 && <div class="note warn"><Icon name="warn" size={16} /><span>{words.over}</span></div>}
      </div>
      {works && (
        <div class="stack">
          <p>{words.once}</p>
          {code.qrDataUrl && <img class="qr" src={code.qrDataUrl} alt={words.picture} />}
          <span class="command"><code class="setup-code" tabIndex={0}>{code.setupCode}</code><Copy text={code.setupCode} /></span>
          <p class="row small-text" aria-live="off"><progress class="qr-left" value={Math.max(0, left)} max={wish.minutes * 60_000} aria-hidden="true" /><span class={left < 60_000 ? 'bad' : 'soft'}>{T.approval.left(span(left))}</span></p>
          {wish.preset.roles.includes('node') && <Field label={words.node}>{() => <Command text={`openclaw node run --pair ${code.setupCode}`} />}</Field>}
          <dl class="facts">
            <dt>{words.gives}</dt><dd>{words.presets[wish.preset.name][0]}</dd>
            <dt>{words.url}</dt><dd class="mono">{code.gatewayUrl}</dd>
          </dl>
          {local && <div class="note"><Icon name="about" size={16} /><span>{words.local}</span></div>}
        </div>
      )}
    </Dialog>
  );
}

/** A maker as it is recorded, with no more of a device's long id than tells it from others. */
const short = (maker: string) => maker.replace(/([0-9a-f]{12})[0-9a-f]{52}/, '$1');

type Row = DevicePairSetupListReply['codes'][number];

/** Codes that work, and those that are over for an hour; never a code itself. */
export function SetupCodes({ codes, reload }: { codes: readonly Row[]; reload: () => void }) {
  if (codes.length === 0) return null;
  const stateOf = (code: Row) => (code.status === 'open' && code.expiresAtMs <= now.value ? 'expired' : code.status);
  return (
    <Card title={words.codes} sub={words.codesSub} actions={<span class="wide-only"><Command text="openclaw devices setup-codes" /></span>} flush>
      <ul class="list">
        {[...codes].sort((a, b) => Number(stateOf(b) === 'open') - Number(stateOf(a) === 'open') || b.createdAtMs - a.createdAtMs).map((code) => {
          const state = stateOf(code);
          return (
            <li key={code.setupId}>
              <div class="line">
                <Icon name="key" size={16} />
                <span class="what">
                  <span class="row wrap"><span class="title cut">{code.label ?? code.setupId.slice(0, 8)}</span><Badge tone={state === 'open' ? 'info' : state === 'used' ? 'good' : ''}>{words.states[state] ?? state}</Badge></span>
                  <span class="soft small-text cut">{[code.roles.join(', '), code.scopes.map((scope) => scope.replace('operator.', '')).join(', ')].filter(Boolean).join(' · ')} · {words.by(short(code.issuedBy))}</span>
                </span>
                <span class="push row soft small-text when">
                  {state === 'open' ? <span class="wide-only">{T.devices.ends} <Time at={code.expiresAtMs} /></span> : <Time at={code.createdAtMs} short />}
                  {state === 'open' && <Act kind="small danger" disabled={!gateway.has('device.pair.setupRevoke')} run={async () => { await gateway.call('device.pair.setupRevoke', { setupId: code.setupId }); reload(); }}>{words.withdraw}</Act>}
                </span>
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

/** Whether this browser may make one. A gateway names the method that lists them to the same people, and the one that makes them to nobody. */
export const mayMakeCodes = (): boolean => gateway.has('device.pair.setupList');

/** The codes there are, for whoever may make them. */
export const useSetupCodes = () => useCall('device.pair.setupList', mayMakeCodes() ? {} : undefined, { on: ['device.pair.setup.completed', 'device.pair.resolved'], every: 30_000 });
