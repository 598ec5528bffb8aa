// The configuration: as a form made from its schema, as text, and what it was before. Nothing is written that was not shown first.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Card, Command, Empty, Loaded, Problem, Search, Segments, Skeleton, Ticked, Time } from '../parts/basic';
import { Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { toast } from '../parts/toasts';
import { useAsking, useDraft } from '../parts/unsaved';
import { quoted } from '../format';
import { gateway, useCall } from '../link';
import { asked, setQuery } from '../route';
import { fields, leaves, patchOf, REDACTED, replaced, same, valueAt, type Field, type Hint, type Schema } from '../state/schema';
import type { ConfigValidateReply } from '../../../docs/methods';
import { T } from '../text';
import type { ComponentType } from 'preact';
import '../style/config.css';

interface Whole {
  path: string;
  raw: string | null;
  parsed: unknown;
  config: unknown;
  runtimeConfig: unknown;
  hash: string | null;
  valid: boolean;
  issues: { path: string; message: string; suggestion?: string | null }[];
  warnings: { path: string; message: string }[];
  restartRequired: string[];
}

const tabs = [['form', T.config.form], ['text', T.config.text], ['history', T.config.history]] as const;
type Tab = (typeof tabs)[number][0];

export default function Config() {
  const config = useCall<'config.get', Whole>('config.get', gateway.has('config.get') ? {} : undefined, { on: ['config.changed', 'config.rejected'] });
  const tab = (asked('tab') || 'form') as Tab;
  if (!gateway.has('config.get')) return <div class="card"><Empty icon="config" title={T.problem.scope} text={T.notAllowed('operator.read')} /></div>;
  return (
    <>
      <div class="toolbar">
        <Segments label={T.nav.config} value={tab} options={tabs} onChange={(next) => setQuery({ tab: next === 'form' ? '' : next })} />
        <span class="push soft small-text mono cut path">{config.data?.path}</span>
      </div>
      <Loaded asked={config} lines={8}>
        {(data) => (
          <div class="stack">
            {data.issues.length > 0 && <Issues issues={data.issues} />}
            {data.restartRequired.length > 0 && <div class="note warn"><Icon name="warn" size={16} /><span>{T.config.restartWaiting(data.restartRequired)}</span><span class="push"><Command text="openclaw gateway stop && openclaw gateway" /></span></div>}
            {tab === 'form' && <Form config={data} reload={config.reload} />}
            {tab === 'text' && <Text config={data} reload={config.reload} />}
            {tab === 'history' && <History config={data} reload={config.reload} />}
          </div>
        )}
      </Loaded>
    </>
  );
}

function Issues({ issues }: { issues: readonly { path: string; message: string; suggestion?: string | null }[] }) {
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <ul class="what stack tight">{issues.map((issue, n) => <li key={n}><code>{issue.path}</code> {issue.message}{issue.suggestion && <> {T.config.meant} <code>{issue.suggestion}</code></>}</li>)}</ul>
    </div>
  );
}

const shown = (value: unknown): string => (value === undefined || value === null ? T.config.notSet : value === REDACTED ? '••••••' : typeof value === 'string' ? value : JSON.stringify(value));

function Difference({ check }: { check: ConfigValidateReply }) {
  return (
    <>
      {check.issues.length > 0 && <Issues issues={check.issues} />}
      {check.differences.length === 0 && check.issues.length === 0 && <p class="soft">{T.config.same}</p>}
      <ul class="diff">
        {check.differences.flatMap(leaves).map((one) => (
          <li key={one.path}>
            <code class="break">{one.path}</code>
            <div class="row wrap"><del>{shown(one.before)}</del><span aria-hidden="true">→</span><ins>{shown(one.after)}</ins></div>
          </li>
        ))}
      </ul>
      {check.restartRequired.length > 0 && <div class="note warn"><span>{T.config.needsRestart(check.restartRequired)}</span></div>}
      {check.reconnectRequired.length > 0 && <div class="note"><span>{T.config.needsReconnect(check.reconnectRequired)}</span></div>}
      {check.warnings.map((warning, n) => <div class="note warn" key={n}><span><code>{warning.path}</code> {warning.message}</span></div>)}
    </>
  );
}

// ---- The form ----------------------------------------------------------------------------------------------------

const nothing: ReadonlyMap<string, unknown> = new Map();

function Form({ config, reload }: { config: Whole; reload: () => void }) {
  const schema = useCall<'config.schema', { schema: Schema; uiHints: Record<string, Hint> }>('config.schema', {});
  const [draft, setDraft] = useDraft<ReadonlyMap<string, unknown>>('config form');
  const edits = draft ?? nothing;
  const setEdits = (next: ReadonlyMap<string, unknown>) => setDraft(next.size > 0 ? next : undefined);
  useAsking(edits.size > 0);
  const [check, setCheck] = useState<{ answer: ConfigValidateReply; hash: string | null } | undefined>(undefined);
  const all = useMemo(() => (schema.data ? fields(schema.data.schema, schema.data.uiHints) : []), [schema.data]);
  const query = asked('q').toLowerCase();
  const onlySet = asked('set') === '1';
  const sections = useMemo(() => [...new Set(all.map(({ section }) => section))], [all]);
  const section = asked('section') || 'gateway';
  const may = gateway.has('config.patch');
  const edit = (path: string, value: unknown) => {
    const next = new Map(edits);
    if (same(value, valueAt(config.parsed, path))) next.delete(path);
    else next.set(path, value);
    setEdits(next);
  };
  if (schema.error && !schema.data) return <Problem error={schema.error} retry={schema.reload} />;
  if (!schema.data) return <Skeleton lines={8} />;
  const isSet = (field: Field) => valueAt(config.parsed, field.path) !== undefined;
  const list = all.filter((field) => (query ? `${field.path} ${field.label} ${field.help}`.toLowerCase().includes(query) : field.section === section) && (!onlySet || isSet(field) || edits.has(field.path)));
  const groups = new Map<string, Field[]>();
  for (const field of list) {
    const group = field.path.split('.').slice(0, -1).join('.') || field.path;
    groups.set(group, [...(groups.get(group) ?? []), field]);
  }
  return (
    <div class="config">
      <nav class="config-sections" aria-label={T.config.sections}>
        <Search value={asked('q')} label={T.config.search} onInput={(q) => setQuery({ q })} />
        <label class="check small-text"><input type="checkbox" checked={onlySet} onChange={(event) => setQuery({ set: event.currentTarget.checked ? '1' : '' })} /><span>{T.config.onlySet}</span></label>
        <ul>
          {sections.map((one) => {
            const n = all.filter((field) => field.section === one && isSet(field)).length;
            return <li key={one}><button type="button" class="line pick" aria-pressed={!query && one === section} onClick={() => setQuery({ section: one, q: '' })}><span>{schema.data?.uiHints[one]?.label ?? one}</span>{n > 0 && <span class="push soft small-text" title={T.config.setCount(n)}>{n}</span>}</button></li>;
          })}
        </ul>
      </nav>
      <div class="stack">
        {!query && schema.data.uiHints[section]?.help && <p class="soft">{schema.data.uiHints[section]?.help}</p>}
        {list.length === 0 && <div class="card"><Empty icon="config" title={T.config.noneFit} text={T.config.noneFitText} /></div>}
        {[...groups].map(([group, members]) => (
          <Card key={group} title={<span class="mono">{group}</span>} flush>
            {members.map((field) => <FieldView key={field.path} field={field} config={config} edited={edits.has(field.path)} value={edits.has(field.path) ? edits.get(field.path) : valueAt(config.parsed, field.path)} edit={(value) => edit(field.path, value)} may={may} />)}
          </Card>
        ))}
      </div>
      {edits.size > 0 && (
        <div class="pending" role="status">
          <span>{T.config.pending(edits.size)}</span>
          <Button kind="small" onClick={() => setEdits(new Map())}>{T.config.discard}</Button>
          <Act kind="small primary" run={async () => { const { hash } = config; setCheck({ answer: await gateway.call('config.validate', { patch: patchOf(edits) }), hash }); }}>{T.config.review}</Act>
        </div>
      )}
      {check && (
        <Apply check={check.answer} close={() => setCheck(undefined)} command={edits.size === 1 ? [...edits].map(([path, value]) => (value === undefined ? `openclaw config unset ${path}` : `openclaw config set ${path} ${quoted(typeof value === 'string' ? value : JSON.stringify(value))}`))[0] : undefined}
          run={async (note) => {
            const { hash } = await gateway.call('config.patch', { patch: patchOf(edits), replacePaths: replaced(edits), baseHash: check.hash, ...(note ? { note } : {}) });
            setEdits(new Map());
            reload();
            return hash;
          }} />
      )}
    </div>
  );
}

function Apply({ check, close, run, command }: { check: ConfigValidateReply; close: () => void; run: (note: string) => Promise<string>; command?: string | undefined }) {
  const [note, setNote] = useState('');
  return (
    <Dialog firm wide title={T.config.reviewTitle} onClose={close} footer={
      <>
        <Button onClick={close}>{T.cancel}</Button>
        <Act kind="primary" disabled={!check.valid || check.differences.length === 0} run={async () => {
          const hash = await run(note.trim());
          close();
          // Only while nothing else was changed since: the hash says so.
          toast(T.config.applied, 'good', () => void attempt(() => gateway.call('config.undo', { baseHash: hash })));
        }}>{T.config.apply}</Act>
      </>
    }>
      <Difference check={check} />
      {check.valid && check.differences.length > 0 && <input class="input" aria-label={T.config.note} placeholder={T.config.note} value={note} maxLength={200} onInput={(event) => setNote(event.currentTarget.value)} />}
      {command && <Command text={command} />}
    </Dialog>
  );
}

function FieldView({ field, config, value, edited, edit, may }: { field: Field; config: Whole; value: unknown; edited: boolean; edit: (value: unknown) => void; may: boolean }) {
  const id = `field-${field.path}`;
  const set = value !== undefined;
  const inForce = valueAt(config.runtimeConfig, field.path);
  const preset = inForce ?? field.preset;
  return (
    <div class={`config-field ${edited ? 'edited' : ''}`}>
      <div class="about">
        <label for={id}>{field.label}</label>
        <span class="help"><Ticked text={field.help} /></span>
        <span class="row wrap"><code class="soft">{field.path}</code>{field.tags.includes('restart') && <Badge tone="warn">{T.config.restartTag}</Badge>}{field.tags.includes('reconnect') && <Badge>{T.config.reconnectTag}</Badge>}{set && !edited && <Badge tone="info">{T.config.set}</Badge>}{edited && <Badge tone="accent">{T.config.edited}</Badge>}</span>
      </div>
      <div class="control">
        <Control id={id} field={field} value={value} preset={preset} edit={edit} disabled={!may} />
        {set && may && <Button kind="small plain" icon="undo" label={T.config.unset(field.label)} onClick={() => edit(undefined)} />}
      </div>
    </div>
  );
}

function Control({ id, field, value, preset, edit, disabled }: { id: string; field: Field; value: unknown; preset: unknown; edit: (value: unknown) => void; disabled: boolean }) {
  const [text, setText] = useState<string | undefined>(undefined);
  const [wrong, setWrong] = useState('');
  useEffect(() => { setText(undefined); setWrong(''); }, [JSON.stringify(value)]);
  const byDefault = preset === undefined || preset === null ? T.config.notSet : T.config.byDefault(shown(preset));
  switch (field.kind) {
    case 'boolean':
      return (
        <select id={id} class="input" disabled={disabled} value={value === undefined ? '' : String(value)} onChange={(event) => edit(event.currentTarget.value === '' ? undefined : event.currentTarget.value === 'true')}>
          <option value="">{byDefault}</option><option value="true">{T.yes}</option><option value="false">{T.no}</option>
        </select>
      );
    case 'choice':
      return (
        <select id={id} class="input" disabled={disabled} value={typeof value === 'string' ? value : ''} onChange={(event) => edit(event.currentTarget.value || undefined)}>
          <option value="">{byDefault}</option>
          {field.choices.map((choice) => <option key={choice.value} value={choice.value} title={choice.help}>{choice.value}</option>)}
          {typeof value === 'string' && !field.choices.some((choice) => choice.value === value) && <option value={value}>{value}</option>}
        </select>
      );
    case 'number':
      return <input id={id} class="input" type="number" disabled={disabled} min={field.least} max={field.most} placeholder={byDefault} value={value === undefined ? '' : String(value)} onChange={(event) => edit(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))} />;
    case 'secret':
      return <input id={id} class="input" type="password" autoComplete="new-password" disabled={disabled} placeholder={value === undefined ? T.config.notSet : T.config.secretSet} value={typeof value === 'string' && value !== REDACTED ? value : ''} onChange={(event) => edit(event.currentTarget.value || (value === REDACTED ? value : undefined))} />;
    case 'list':
      return <textarea id={id} class="input mono" rows={Math.max(2, Array.isArray(value) ? value.length : 0)} disabled={disabled} placeholder={`${byDefault}\n${T.config.onePerLine}`} value={Array.isArray(value) ? value.join('\n') : ''} onChange={(event) => { const words = event.currentTarget.value.split('\n').map((word) => word.trim()).filter(Boolean); edit(words.length > 0 ? words : undefined); }} />;
    case 'json':
      return (
        <div class="stack tight">
          <textarea id={id} class="input mono" rows={value === undefined ? 2 : Math.min(14, JSON.stringify(value, null, 2).split('\n').length)} spellcheck={false} disabled={disabled} placeholder={byDefault} aria-invalid={wrong !== ''}
            value={text ?? (value === undefined ? '' : JSON.stringify(value, null, 2))} onInput={(event) => setText(event.currentTarget.value)}
            onBlur={() => {
              if (text === undefined) return;
              if (text.trim() === '') { setText(undefined); edit(undefined); return; }
              try {
                edit(JSON.parse(text));
                setWrong('');
              } catch (error) {
                setWrong(error instanceof Error ? error.message : String(error));
              }
            }} />
          {wrong && <span class="bad small-text">{wrong}</span>}
        </div>
      );
    case 'text':
      return <input id={id} class="input" disabled={disabled} placeholder={byDefault} value={typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)} onChange={(event) => edit(event.currentTarget.value === '' ? undefined : event.currentTarget.value)} />;
  }
}

// ---- The text ----------------------------------------------------------------------------------------------------

function Text({ config, reload }: { config: Whole; reload: () => void }) {
  const now = config.raw ?? '';
  // What the text was begun from. Somebody else's change must neither take away what was typed here, nor be undone by it.
  const [draft, setDraft] = useDraft<{ base: { raw: string; hash: string | null }; text: string }>('config text');
  const [base, setBase] = useState(draft?.base ?? { raw: now, hash: config.hash });
  const [text, setText] = useState(draft?.text ?? now);
  const [version, setVersion] = useState(0);
  const [check, setCheck] = useState<ConfigValidateReply | undefined>(undefined);
  const [live, setLive] = useState<ConfigValidateReply | undefined>(undefined);
  const [View, setView] = useState<{ it: ComponentType<{ text: string; onChange: (text: string) => void; label: string; readOnly: boolean }> } | undefined>(undefined);
  const changed = text !== base.raw;
  const behind = base.hash !== config.hash;
  useAsking(changed);
  useEffect(() => setDraft(changed ? { base, text } : undefined), [base, text]);
  const anew = () => {
    setBase({ raw: now, hash: config.hash });
    setText(now);
    setVersion((n) => n + 1);
  };
  useEffect(() => {
    if (!changed && (behind || base.raw !== now)) anew();
  }, [config.hash, now, changed]);
  const may = gateway.has('config.apply');
  useEffect(() => void import('../parts/editor').then(({ Editor }) => setView({ it: Editor })), []);
  // The gateway says while one types what it would say at the end.
  useEffect(() => {
    setLive(undefined);
    if (!changed || !gateway.has('config.validate')) return;
    let late = false;
    const timer = window.setTimeout(() => void gateway.call('config.validate', { raw: text }).then((answer) => { if (!late) setLive(answer); }, () => {}), 600);
    return () => {
      late = true;
      window.clearTimeout(timer);
    };
  }, [text]);
  return (
    <Card title={T.config.text} sub={T.config.textSub} flush actions={
      <>
        {live && <span class={`small-text ${live.valid ? 'good' : 'bad'}`} role="status">{live.valid ? T.config.holds : T.config.wrong(live.issues.length)}</span>}
        <Button kind="small" disabled={!changed} onClick={anew}>{T.config.discard}</Button>
        <Act kind="small primary" disabled={!changed || !may} run={async () => setCheck(await gateway.call('config.validate', { raw: text }))}>{T.config.review}</Act>
      </>
    }>
      {changed && behind && <div class="pad"><div class="note warn" role="status"><span>{T.config.behind}</span></div></div>}
      {live && !live.valid && <div class="pad"><Issues issues={live.issues} /></div>}
      {View ? <View.it key={version} text={text} label={T.config.text} readOnly={!may} onChange={setText} /> : <div class="pad"><Skeleton lines={10} /></div>}
      {check && <Apply check={check} close={() => setCheck(undefined)} run={async (note) => { const { hash } = await gateway.call('config.apply', { raw: text, baseHash: base.hash, ...(note ? { note } : {}) }); setBase({ raw: text, hash }); reload(); return hash; }} />}
    </Card>
  );
}

// ---- The history -------------------------------------------------------------------------------------------------

function History({ config, reload }: { config: Whole; reload: () => void }) {
  const history = useCall('config.history', { limit: 50 }, { on: ['config.changed'] });
  const [open, setOpen] = useState<string | undefined>(undefined);
  return (
    <Loaded asked={history}>
      {({ entries }) => entries.length === 0 ? <div class="card"><Empty icon="undo" title={T.config.noHistory.title} text={T.config.noHistory.text} /></div> : (
        <Card title={T.config.history} sub={T.config.historySub} flush>
          <ul class="list">
            {entries.map((entry, n) => (
              <li key={entry.id}>
                <div class="line">
                  <span class="what"><span class="cut title">{entry.note || entry.changedPaths.join(', ') || T.config.same}</span><span class="soft small-text cut">{entry.who} · {entry.cause} · <span class="mono">{entry.id}</span></span></span>
                  <span class="soft small-text when"><Time at={entry.ts} /></span>
                  {n === 0 ? <Badge tone="good">{T.config.current}</Badge> : <Button kind="small" onClick={() => setOpen(entry.id)}>{T.config.compare}</Button>}
                </div>
              </li>
            ))}
          </ul>
          {open && <Compare id={open} hash={config.hash} close={() => setOpen(undefined)} done={() => { setOpen(undefined); reload(); history.reload(); }} />}
        </Card>
      )}
    </Loaded>
  );
}

function Compare({ id, hash, close, done }: { id: string; hash: string | null; close: () => void; done: () => void }) {
  const diff = useCall('config.diff', { from: id });
  return (
    <Dialog wide title={T.config.compareTitle} onClose={close} footer={
      <>
        <Command text={`openclaw config undo ${id}`} />
        <Act kind="primary" icon="undo" disabled={!gateway.has('config.undo') || diff.data?.differences.length === 0} run={async () => { await gateway.call('config.undo', { id, baseHash: hash }); toast(T.config.undone); done(); }}>{T.config.undo}</Act>
      </>
    }>
      <p class="soft">{T.config.compareText}</p>
      <Loaded asked={diff} lines={3}>
        {(data) => <Difference check={{ valid: true, issues: [], warnings: [], changedPaths: [], reconnectRequired: [], restartRequired: [], differences: data.differences }} />}
      </Loaded>
    </Dialog>
  );
}
