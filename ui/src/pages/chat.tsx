// A conversation with an agent: streaming, tool cards, approvals in line, stop, history, model, tokens and cost.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { ApprovalCard, QuestionCard } from '../parts/approval-card';
import { Button, copy, Dot, Empty, Meter, Problem, Skeleton, Time, attempt } from '../parts/basic';
import { Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { MessageView, RunView } from '../parts/message';
import { toast } from '../parts/toasts';
import { bytes, count, exact, money, quoted, shortKey, spoken } from '../format';
import { epoch, gateway, hello, useCall, useEvent } from '../link';
import { asked, go, place } from '../route';
import { previewOf, titleOf, type SessionRow } from '../shapes';
import { questions, waiting } from '../state/approvals';
import { say } from '../state/announced';
import { readMessage, type Message } from '../state/chat';
import { fetched, known, sessions } from '../state/sessions';
import { Talk, type Attached } from '../state/talk';
import { T } from '../text';
import '../style/chat.css';

const address = (key: string) => `/chat?session=${encodeURIComponent(key)}`;

function freshKey(agent: string): string {
  return `agent:${agent}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}

export default function Chat() {
  const main = hello.value?.snapshot.sessionDefaults.mainSessionKey ?? 'agent:main:main';
  const wanted = place.value.query.get('session');
  const fresh = place.value.query.has('new');
  useEffect(() => {
    const agent = asked('agent') || (hello.value?.snapshot.sessionDefaults.defaultAgentId ?? 'main');
    if (fresh) go(address(freshKey(agent)), 'replace');
  }, [fresh]);
  if (fresh) return null;
  return <Conversation key={wanted ?? main} session={wanted ?? main} />;
}

function Conversation({ session }: { session: string }) {
  const row = known.value.rows.get(session);
  const listOpen = useSignal(false);
  const talk = useMemo(() => new Talk(session, T.chat.fallback), [session]);
  useEffect(() => () => talk.close(), [talk]);
  useSignalEffect(() => {
    if (epoch.value > 0) untracked(() => void talk.open());
  });
  return (
    <div class="talk">
      <aside class="talk-list wide-only"><SessionList session={session} /></aside>
      {listOpen.value && <Dialog title={T.chat.list} onClose={() => (listOpen.value = false)}><SessionList session={session} chosen={() => (listOpen.value = false)} /></Dialog>}
      <section class="talk-main" aria-label={T.chat.label}>
        <Head session={session} row={row} showList={() => (listOpen.value = true)} />
        <Transcript talk={talk} session={session} />
        <Docked session={session} />
        <Composer talk={talk} row={row} session={session} />
      </section>
    </div>
  );
}

function SessionList({ session, chosen }: { session: string; chosen?: () => void }) {
  const query = useSignal('');
  const rows = useComputed(() => {
    const words = query.value.toLowerCase();
    return sessions.value.filter((row) => !row.archived && (words === '' || `${titleOf(row, row.key)} ${row.key}`.toLowerCase().includes(words))).slice(0, 100);
  });
  return (
    <>
      <div class="row pad-small">
        <input class="input narrow grow" type="search" aria-label={T.chat.search} placeholder={T.chat.search} value={query.value} data-search onInput={(event) => (query.value = event.currentTarget.value)} />
        <Button icon="plus" label={T.chat.fresh} onClick={() => { chosen?.(); go('/chat?new=1'); }} />
      </div>
      {!fetched.value ? <div class="pad-small"><Skeleton lines={4} /></div> : (
        <ul class="sessions" aria-label={T.chat.sessions}>
          {rows.value.map((row) => (
            <li key={row.key}>
              <a href={address(row.key)} aria-current={row.key === session ? 'true' : undefined} onClick={chosen} data-row>
                <span class="row">
                  {row.hasActiveRun && <Dot tone="info" live />}
                  <span class="cut title">{titleOf(row, shortKey(row.key))}</span>
                  <span class="push soft small-text"><Time at={row.updatedAt} short /></span>
                </span>
                <span class="cut soft small-text">{previewOf(row, row.agentId)}</span>
              </a>
            </li>
          ))}
          {rows.value.length === 0 && <li class="pad-small soft">{T.chat.none}</li>}
        </ul>
      )}
    </>
  );
}

function Head({ session, row, showList }: { session: string; row: SessionRow | undefined; showList: () => void }) {
  const models = useCall('models.list', {});
  const current = row?.model ? `${row.modelProvider}/${row.model}` : '';
  const patch = async (model: string) => {
    const good = await attempt(() => gateway.call('sessions.patch', { key: session as never, model: model || null }));
    if (good) toast(T.chat.modelChanged(model || T.chat.modelDefault));
  };
  return (
    <header class="talk-head">
      <span class="phone-only"><Button kind="plain" icon="sessions" label={T.chat.list} onClick={showList} /></span>
      <div class="what">
        <h2 class="cut">{row ? titleOf(row, shortKey(session)) : shortKey(session)}</h2>
        <span class="soft small-text cut" title={session}>
          {row ? <>{row.agentId} · {T.chat.tokens(count(row.inputTokens), count(row.outputTokens))} · {money(row.cost)}</> : session}
        </span>
      </div>
      {row && row.contextTokens > 0 && <span class="wide-only"><Meter share={row.totalTokens / row.contextTokens} label={T.chat.context(exact(row.totalTokens), exact(row.contextTokens))} /></span>}
      <select class="input narrow" aria-label={T.chat.model} value={current} disabled={!gateway.may('operator.write')} onChange={(event) => void patch(event.currentTarget.value)}>
        {!current && <option value="">{T.chat.modelDefault}</option>}
        {(models.data?.models ?? []).map((model) => {
          const id = `${model.provider}/${model.id}`;
          return <option key={id} value={id} disabled={!model.available}>{model.name}</option>;
        })}
        {current && !(models.data?.models ?? []).some((model) => `${model.provider}/${model.id}` === current) && <option value={current}>{current}</option>}
      </select>
      <span class="wide-only"><Button kind="plain" icon="copy" label={T.copyCommand} onClick={() => void copy(`openclaw agent --session ${quoted(session)} --message 'hello'`)} /></span>
    </header>
  );
}

function Transcript({ talk, session }: { talk: Talk; session: string }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const away = useSignal(false);
  const conversation = talk.shown.value;
  useEffect(() => {
    const element = box.current;
    if (!element || !atEnd.current) return;
    element.scrollTop = element.scrollHeight;
    talk.trim();
  }, [conversation]);
  // What grows without a change of the conversation, such as a picture that is decoded, keeps the end in sight as well.
  useEffect(() => {
    const element = box.current?.firstElementChild;
    if (!element) return;
    const watcher = new ResizeObserver(() => {
      if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const older = async () => {
    const element = box.current;
    const from = element ? element.scrollHeight - element.scrollTop : 0;
    await attempt(() => talk.older());
    window.setTimeout(() => {
      if (element) element.scrollTop = element.scrollHeight - from;
    }, 40);
  };
  // Who listens hears the reply when it is whole; word by word would be noise.
  useEvent<{ sessionKey?: string; state?: string; message?: unknown }>('chat', ({ sessionKey, state, message }) => {
    if (sessionKey !== session || state !== 'final') return;
    const words = readMessage(message).parts.map((part) => (part.kind === 'text' ? part.text : '')).join(' ');
    if (words) say(T.chat.replied(spoken(words).slice(0, 300)));
  });
  const resend = useCallback((message: Message, text: string) => void talk.send(text, [], message.runId), [talk]);
  const inline = waiting.value.filter((one) => one.request.sessionKey === session);
  const nothing = conversation.messages.length === 0 && conversation.runs.size === 0;
  return (
    <div class="transcript" ref={box} tabIndex={0} role="log" aria-label={T.chat.label} aria-live="off" onScroll={() => {
      const element = box.current;
      if (!element) return;
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
      away.value = !atEnd.current;
    }}>
      <div class="column">
        {talk.failed.value && <Problem error={talk.failed.value} retry={() => void talk.open()} />}
        {!talk.loaded.value && !talk.failed.value && <Skeleton lines={6} />}
        {conversation.hasMore && <div class="row centre"><Button kind="small" onClick={() => void older()}>{T.chat.older}</Button></div>}
        {talk.loaded.value && nothing && !talk.failed.value && (
          <Empty icon="chat" title={T.chat.empty.title} text={T.chat.empty.text}>
            {gateway.may('operator.write') && T.chat.empty.ideas.map((idea) => <Button key={idea} onClick={() => void talk.send(idea, [])}>{idea}</Button>)}
          </Empty>
        )}
        {conversation.messages.map((message) => (
          <MessageView key={message.id} message={message} ended={message.role === 'assistant' && message.runId ? conversation.ended.get(message.runId) : undefined}
            resend={resend} />
        ))}
        {[...conversation.runs.values()].map((run) => <RunView key={run.runId} run={run} approvals={inline} />)}
        {[...conversation.ended].filter(([, end]) => end.error !== undefined).slice(-1).map(([runId, end]) => (
          <div class="problem" role="alert" key={runId}><Icon name="warn" /><div class="what stack tight"><strong>{T.chat.error}</strong><span>{end.error}</span></div></div>
        ))}
      </div>
      {away.value && (
        <div class="latest"><Button kind="small" icon="down" onClick={() => {
          atEnd.current = true;
          if (box.current) box.current.scrollTop = box.current.scrollHeight;
        }}>{T.chat.latest}</Button></div>
      )}
    </div>
  );
}

/** What waits in this session, always in sight above the composer. */
function Docked({ session }: { session: string }) {
  const mine = waiting.value.filter((one) => one.request.sessionKey === session);
  const open = questions.value.filter((one) => one.sessionKey === session);
  if (mine.length + open.length === 0) return null;
  return (
    <section class="docked" aria-label={T.chat.approvals}>
      {mine.slice(0, 2).map((one) => <ApprovalCard key={one.id} one={one} compact />)}
      {open.slice(0, 1).map((one) => <QuestionCard key={one.id} one={one} />)}
    </section>
  );
}

function readFile(file: File): Promise<Attached> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ name: file.name, type: file.type || 'application/octet-stream', content: String(reader.result).split(',')[1] ?? '', size: file.size });
    reader.onerror = () => reject(reader.error ?? new Error(file.name));
    reader.readAsDataURL(file);
  });
}

const drafts = new Map<string, string>();

function Composer({ talk, row, session }: { talk: Talk; row: SessionRow | undefined; session: string }) {
  const [text, setText] = useState(drafts.get(session) ?? '');
  const [attached, setAttached] = useState<Attached[]>([]);
  const [over, setOver] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const may = gateway.may('operator.write');
  const busy = talk.shown.value.runs.size > 0 || (row?.hasActiveRun ?? false);
  const queued = talk.shown.value.messages.filter(({ pending }) => pending === 'sending').length;
  const agents = useCall('agents.list', {});
  const id = row?.agentId ?? /^agent:([^:]+):/.exec(session)?.[1] ?? 'main';
  const agent = agents.data?.agents.find((one) => one.id === id);
  useEffect(() => {
    if (window.matchMedia('(min-width: 761px)').matches) area.current?.focus();
  }, [session]);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight + 2, 220)}px`;
    if (text) drafts.set(session, text);
    else drafts.delete(session);
  }, [text]);
  const add = async (files: FileList | File[]) => {
    const limits = hello.value?.policy.attachments;
    for (const file of files) {
      const limit = (file.type.startsWith('image/') ? limits?.maxImageBytes : limits?.maxBytes) ?? 6_000_000;
      if (file.size > limit) toast(T.chat.tooBig(file.name, bytes(limit)), 'bad');
      else await attempt(async () => {
        const one = await readFile(file);
        setAttached((before) => [...before, one]);
      });
    }
  };
  const send = () => {
    const message = text.trim();
    if (!may || (!message && attached.length === 0)) return;
    setText('');
    setAttached([]);
    void talk.send(message, attached);
  };
  return (
    <form class={`composer ${over ? 'over' : ''}`} onSubmit={(event) => { event.preventDefault(); send(); }}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); if (event.dataTransfer) void add(event.dataTransfer.files); }}>
      {attached.length > 0 && (
        <div class="row wrap files">
          {attached.map((file, n) => (
            <span class="badge" key={n}>{file.name} · {bytes(file.size)}
              <button type="button" class="bare" aria-label={T.chat.remove(file.name)} onClick={() => setAttached(attached.filter((_, other) => other !== n))}><Icon name="close" size={12} /></button>
            </span>
          ))}
        </div>
      )}
      <div class="inner">
        <Button kind="plain" icon="attach" label={T.chat.attach} disabled={!may} onClick={() => picker.current?.click()} />
        <input ref={picker} type="file" multiple hidden onChange={(event) => { if (event.currentTarget.files) void add([...event.currentTarget.files]); event.currentTarget.value = ''; }} />
        <textarea ref={area} rows={1} value={text} disabled={!may} aria-label={T.chat.composer} placeholder={over ? T.chat.drop : may ? T.chat.placeholder(agent?.name ?? id) : T.chat.noWrite}
          onInput={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => { const files = [...(event.clipboardData?.files ?? [])]; if (files.length > 0) { event.preventDefault(); void add(files); } }}
          onKeyDown={(event) => {
            // On glass there is no shift key: the button sends, and Enter begins a new line.
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !window.matchMedia('(pointer: coarse)').matches) {
              event.preventDefault();
              send();
            }
          }} />
        {busy && <Button kind="danger" icon="stop" label={T.chat.stop} disabled={!may} onClick={() => void attempt(() => gateway.call('chat.abort', { sessionKey: session as never }))} />}
        <Button kind="primary" icon="send" type="submit" label={T.chat.send} disabled={!may || (!text.trim() && attached.length === 0)} />
      </div>
      {queued > 1 && <span class="soft small-text">{T.chat.queued(queued)}</span>}
    </form>
  );
}
