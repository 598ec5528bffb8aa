// Many gateways from one page: how each is, adding, changing, testing, and acting on one of them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Act, Badge, Button, Card, Command, Dot, Empty, Field, Gone, Loaded, Time, type Tone } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { toast } from '../parts/toasts';
import { millis, quoted } from '../format';
import { actOn, gateway, through, useCall } from '../link';
import { asked as query, setQuery } from '../route';
import type { GatewaysListReply, GatewaysTestReply } from '../../../docs/methods';
import { T } from '../text';
import '../style/gateways.css';

type Known = GatewaysListReply['gateways'][number];
const words = T.fleet;
const tones: Record<string, Tone> = { connected: 'good', connecting: 'info', waiting: 'warn', refused: 'bad' };

export default function Gateways() {
  const list = useCall('gateways.list', gateway.has('gateways.list') ? {} : undefined, { on: ['gateways.changed'], every: 30_000, settle: 150 });
  if (!gateway.has('gateways.list')) return <div class="card"><Empty icon="gateways" title={T.problem.scope} text={T.notAllowed('operator.read')} /></div>;
  const may = gateway.has('gateways.add');
  const add = <Button kind="primary" icon="plus" disabled={!may} onClick={() => setQuery({ edit: 'new' })}>{words.add}</Button>;
  const edited = query('edit');
  return (
    <div class="stack">
      <div class="toolbar flat">
        <span class="soft">{words.sub}</span>
        <span class="push row wrap"><Command text="openclaw gateways list" />{add}</span>
      </div>
      <Loaded asked={list}>
        {({ gateways, version }) => {
          const known = gateways.find(({ id }) => id === edited);
          return (
            <>
              {edited && edited !== 'new' && !known && <Gone />}
              {gateways.length === 0
                ? <div class="card"><Empty icon="gateways" title={words.none.title} text={words.none.text} command="openclaw gateways add office wss://office.example:18789 --token-file token.txt" /></div>
                : <div class="gateways">{gateways.map((one) => <One key={one.id} one={one} may={may} reload={list.reload} />)}</div>}
              <p class="soft small-text">{words.here}: {version}</p>
              {(edited === 'new' || known) && <Form key={edited} known={known} first={gateways.length === 0} close={() => setQuery({ edit: '' })} reload={list.reload} />}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

function One({ one, may, reload }: { one: Known; may: boolean; reload: () => void }) {
  const [tested, setTested] = useState<GatewaysTestReply | undefined>(undefined);
  const here = through.value?.id === one.id;
  return (
    <Card title={<span class="row"><Dot tone={tones[one.state] ?? ''} live={one.state === 'connecting'} /><span class="cut">{one.name}</span></span>} sub={<>{words.states[one.state] ?? one.state} · <Time at={one.sinceMs} short /></>}
      actions={<>{one.primary && <Badge tone="accent">{words.primary}</Badge>}<Button kind="plain small" icon="edit" label={words.form.change(one.name)} disabled={!may} onClick={() => setQuery({ edit: one.id })} /></>}>
      <div class="stack tight">
        <span class="mono soft break">{one.url}</span>
        <div class="row wrap">
          {one.version && <Badge tone={one.versionOk === false ? 'warn' : ''} title={one.versionOk === false ? words.old : words.version}>{one.version}</Badge>}
          {one.protocol != null && <Badge>{T.link.protocol(one.protocol)}</Badge>}
          {one.latencyMs != null && <Badge title={words.latency}>{millis(one.latencyMs)}</Badge>}
          <Badge>{one.has_token ? words.token : words.noToken}</Badge>
          {one.allowSelfSigned && <Badge tone="bad" title={words.form.selfSignedWarn}>{words.selfSigned}</Badge>}
          {one.tlsFingerprint && <Badge title={one.tlsFingerprint}>{words.pinned}</Badge>}
          {one.hasCaCertificate && <Badge>{words.authority}</Badge>}
          {one.url.startsWith('ws:') && one.warnings.length > 0 && <Badge tone="warn" title={words.form.plainWarn}>{words.plain}</Badge>}
        </div>
        <Strip looks={one.history} />
        {one.problem && one.state !== 'connected' && <Trouble problem={one.problem} attempts={one.attempts} />}
        {tested && <Result tested={tested} />}
        <div class="row wrap">
          {here
            ? <Button kind="small" icon="check" disabled>{words.opened}</Button>
            : <Button kind="small primary" icon="right" disabled={one.state !== 'connected' || !gateway.has('gateways.attach')} onClick={() => actOn(one.id)}>{words.open}</Button>}
          <Act kind="small" icon="refresh" disabled={!gateway.has('gateways.test')} run={async () => setTested(await gateway.call('gateways.test', { id: one.id }))}>{words.test}</Act>
          <span class="push"><Button kind="small danger" icon="trash" disabled={!gateway.has('gateways.remove')} onClick={() => confirm({
            title: words.removeAsk(one.name), text: words.removeText, action: T.remove, danger: true,
            run: async () => {
              await gateway.call('gateways.remove', { id: one.id });
              if (here) actOn(undefined);
              toast(words.removed);
              reload();
            },
          })}>{T.remove}</Button></span>
        </div>
        <Command text={`openclaw gateways test ${quoted(one.id)}`} />
      </div>
    </Card>
  );
}

/** A bar for each of the last looks: as high as the answer took long, red where none came. */
function Strip({ looks }: { looks: Known['history'] }) {
  if (looks.length === 0) return <span class="soft small-text">{words.noLooks}</span>;
  const most = Math.max(20, ...looks.map(({ latencyMs }) => latencyMs ?? 0));
  const label = words.healthOf(looks.filter(({ ok }) => ok).length, looks.length);
  return (
    <svg class="health" viewBox="0 0 160 24" preserveAspectRatio="xMinYMid" role="img" aria-label={`${words.health}: ${label}`}>
      <title>{label}</title>
      {looks.map(({ ts, ok, latencyMs }, n) => {
        const height = ok ? 4 + (20 * (latencyMs ?? 0)) / most : 24;
        return <rect key={ts} class={ok ? 'good' : 'bad'} x={n * 4} y={24 - height} width="3" height={height} rx="1" />;
      })}
    </svg>
  );
}

function Trouble({ problem, attempts }: { problem: NonNullable<Known['problem']>; attempts?: number }) {
  return (
    <div class="note bad">
      <Icon name="warn" size={16} />
      <div class="stack tight what">
        <span class="break">{problem.message}</span>
        {problem.fix && <span class="break">{words.fix}: {problem.fix}</span>}
        {problem.fingerprint && <span class="break">{words.fingerprint} <code>{problem.fingerprint}</code></span>}
        <span class="small-text">{problem.code}{attempts ? ` · ${words.attempts(attempts)}` : ''}</span>
      </div>
    </div>
  );
}

function Result({ tested }: { tested: GatewaysTestReply }) {
  const box = useRef<HTMLDivElement>(null);
  // It may come below what is in sight.
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), [tested]);
  return (
    <div class="stack tight" role="status" ref={box}>
      {tested.ok
        ? <div class="note good"><Icon name="check" size={16} /><span>{words.form.works(tested.version ?? '–', millis(tested.latencyMs ?? 0))}</span></div>
        : tested.problem && <Trouble problem={tested.problem} />}
      {tested.warnings.map((text) => <div class="note warn" key={text}><Icon name="warn" size={16} /><span>{text}</span></div>)}
    </div>
  );
}

interface Draft {
  name: string; url: string; token: string; root: string; selfSigned: boolean; near: boolean; ca: string; forgetCa: boolean; forgetToken: boolean; primary: boolean; pin: string | undefined;
}

/** How a gateway is reached; what is absent stays as it is, `null` takes it away. */
interface Reach {
  url: string; token?: string | null; allowSelfSigned: boolean; allowPrivateNetwork: boolean; caCertificate?: string | null; tlsFingerprint?: string | null;
}

function Form({ known, first, close, reload }: { known: Known | undefined; first: boolean; close: () => void; reload: () => void }) {
  const [draft, setDraft] = useState<Draft>({
    name: known?.name ?? '', url: known?.url ?? '', token: '', root: known?.workspaceRoot ?? '', selfSigned: known?.allowSelfSigned ?? false, near: known?.allowPrivateNetwork ?? false,
    ca: '', forgetCa: false, forgetToken: false, primary: known?.primary ?? first, pin: known?.tlsFingerprint ?? undefined,
  });
  const [tested, setTested] = useState<{ of: string; result: GatewaysTestReply } | undefined>(undefined);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const secure = /^(wss|https):/i.test(draft.url.trim());
  const plainFar = /^(ws|http):/i.test(draft.url.trim()) && !/^(ws|http):\/\/(localhost|127\.|\[::1\])/i.test(draft.url.trim());
  // Only one thing says which certificates are trusted: an authority goes when another does.
  const otherTrust = draft.selfSigned || draft.pin !== undefined;
  // What a connection depends on; without TLS nothing about certificates is said.
  const reach: Reach = {
    url: draft.url.trim(),
    ...(draft.token ? { token: draft.token.trim() } : draft.forgetToken ? { token: null } : {}),
    allowSelfSigned: secure && draft.selfSigned, allowPrivateNetwork: draft.near,
    ...(draft.ca && secure && !otherTrust ? { caCertificate: draft.ca } : (draft.forgetCa || !secure || otherTrust) && known?.hasCaCertificate ? { caCertificate: null } : {}),
    ...(draft.pin && secure ? { tlsFingerprint: draft.pin } : known?.tlsFingerprint ? { tlsFingerprint: null } : {}),
  };
  const of = JSON.stringify(reach);
  const result = tested?.of === of ? tested.result : undefined;
  const test = async () => {
    setTried(true);
    setTested({ of, result: await gateway.call('gateways.test', { ...reach, ...(known ? { id: known.id } : {}) }) });
  };
  const save = async () => {
    const about = { name: draft.name, primary: draft.primary };
    if (known) await gateway.call('gateways.update', { id: known.id, ...about, ...reach, workspaceRoot: draft.root || null });
    else await gateway.call('gateways.add', { ...about, ...reach, workspaceRoot: draft.root || null });
    close();
    reload();
  };
  const ready = draft.name.trim() !== '' && draft.url.trim() !== '';
  const form = words.form;
  const box = (key: 'selfSigned' | 'near' | 'forgetCa' | 'forgetToken' | 'primary', label: string) => (
    <label class="check"><input type="checkbox" checked={draft[key]} onChange={(event) => set({ [key]: event.currentTarget.checked })} /><span>{label}</span></label>
  );
  return (
    <Dialog firm title={known ? form.change(known.name) : form.title} onClose={close} footer={
      <>
        <span class="soft small-text grow">{ready && !result?.ok && form.mustTest}</span>
        <Act kind={result?.ok ? '' : 'primary'} icon="refresh" disabled={!ready} run={test}>{form.tested}</Act>
        <Act kind={result?.ok ? 'primary' : ''} disabled={!ready || !(result || tried)} run={save}>{result?.ok ? form.save : form.saveAnyway}</Act>
      </>
    }>
      <div class="stack">
        <Field label={form.name}>{(id) => <input id={id} class="input" autocomplete="off" maxLength={64} value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} />}</Field>
        <Field label={form.url} help={form.urlHelp}>{(id) => <input id={id} class="input mono" autocomplete="off" spellcheck={false} inputMode="url" value={draft.url} onInput={(event) => set({ url: event.currentTarget.value })} />}</Field>
        {plainFar && <div class="note warn"><Icon name="warn" size={16} /><span>{form.plainWarn}</span></div>}
        <Field label={form.token} help={known?.has_token ? form.tokenKept : form.tokenHelp}>{(id) => <input id={id} class="input mono" type="password" autocomplete="new-password" value={draft.token} onInput={(event) => set({ token: event.currentTarget.value })} />}</Field>
        {known?.has_token && !draft.token && box('forgetToken', form.tokenForget)}
        <Field label={form.root} help={form.rootHelp}>{(id) => <input id={id} class="input mono" autocomplete="off" spellcheck={false} value={draft.root} onInput={(event) => set({ root: event.currentTarget.value })} />}</Field>
        {secure && (draft.pin
          ? <div class="stack tight"><span class="small-text">{form.pin}: <code class="break">{draft.pin}</code></span><div><Button kind="small" onClick={() => set({ pin: undefined })}>{form.unpin}</Button></div></div>
          : (
            <>
              {box('selfSigned', form.selfSigned)}
              {draft.selfSigned && <div class="note bad"><Icon name="warn" size={16} /><span>{form.selfSignedWarn}</span></div>}
              {!draft.selfSigned && <Field label={form.ca} help={known?.hasCaCertificate ? form.caKept : form.caHelp}>{(id) => <textarea id={id} class="input mono" rows={3} spellcheck={false} value={draft.ca} onInput={(event) => set({ ca: event.currentTarget.value })} />}</Field>}
              {!draft.selfSigned && known?.hasCaCertificate && !draft.ca && box('forgetCa', form.caForget)}
            </>
          ))}
        <div class="field">{box('near', form.near)}<span class="help">{form.nearHelp}</span></div>
        {box('primary', form.primary)}
        {result && <Result tested={result} />}
        {result?.problem?.fingerprint && !draft.selfSigned && <div><Button kind="small" icon="key" onClick={() => set({ pin: result.problem?.fingerprint ?? undefined, ca: '' })}>{form.trust}</Button></div>}
      </div>
    </Dialog>
  );
}
