// Who works here: made, looked at, changed. Files, model, tokens, and what each is doing.
import { useState } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import { Act, attempt, Avatar, Badge, Button, Card, Command, Copy, Empty, Field, Loaded, Problem, Segments, Time } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { toast } from '../parts/toasts';
import { useAsking, useDraft } from '../parts/unsaved';
import { bytes, count, money } from '../format';
import { gateway, useCall } from '../link';
import { asked, setQuery } from '../route';
import { agents as live } from '../state/live';
import { running, sessions } from '../state/sessions';
import type { Agent, AgentsFilesListReply, AgentsListReply } from '../../../docs/methods';
import { T } from '../text';

export default function Agents() {
  const list = useCall('agents.list', {}, { on: ['config.changed'] });
  const [making, setMaking] = useState(false);
  const wanted = asked('agent');
  return (
    <>
      <div class="toolbar">
        {wanted ? <Button kind="plain" icon="left" onClick={() => setQuery({ agent: '', tab: '', file: '' })}>{T.agents.all}</Button> : <span class="soft">{T.agents.sub}</span>}
        <span class="push">{gateway.has('agents.create') && <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>{T.agents.add}</Button>}</span>
      </div>
      <Loaded asked={list}>
        {(data) => {
          const one = data.agents.find(({ id }) => id === wanted);
          if (wanted) return one ? <One key={one.id} agent={one} list={data} reload={list.reload} /> : <Empty icon="agents" title={T.agents.unknown(wanted)} text={T.notFound.text} />;
          return <div class="cards">{data.agents.map((agent) => <Tile key={agent.id} agent={agent} main={agent.id === data.defaultId} />)}</div>;
        }}
      </Loaded>
      {making && <Make close={() => setMaking(false)} made={(id) => { setMaking(false); list.reload(); setQuery({ agent: id }); }} />}
    </>
  );
}

function useFigures(id: string) {
  return useComputed(() => {
    const mine = sessions.value.filter(({ agentId }) => agentId === id);
    return { sessions: mine.length, cost: mine.reduce((sum, { cost }) => sum + cost, 0), tokens: mine.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0), busy: running.value.some(({ agentId }) => agentId === id) };
  }).value;
}

function State({ id, busy }: { id: string; busy: boolean }) {
  const state = live.value.get(id);
  const word = busy ? 'busy' : (state?.status ?? 'idle');
  return <Badge tone={word === 'busy' ? 'info' : word === 'error' ? 'bad' : word === 'offline' ? 'warn' : ''}>{T.agents.state[word] ?? word}</Badge>;
}

function Tile({ agent, main }: { agent: Agent; main: boolean }) {
  const figures = useFigures(agent.id);
  const state = live.value.get(agent.id);
  return (
    <article class="card tile">
      <div class="row">
        <Avatar name={agent.name ?? agent.id} emoji={agent.identity.emoji} large />
        <div class="what">
          <a class="title cut" href={`/agents?agent=${encodeURIComponent(agent.id)}`} data-row>{agent.name ?? agent.id}</a>
          <span class="soft small-text cut">{agent.id}{main && ` · ${T.agents.main}`}</span>
        </div>
        <span class="push"><State id={agent.id} busy={figures.busy} /></span>
      </div>
      <dl class="facts">
        <dt>{T.sessions.model}</dt><dd>{agent.model.primary}</dd>
        <dt>{T.nav.sessions}</dt><dd><a href={`/sessions?agent=${encodeURIComponent(agent.id)}`}>{figures.sessions}</a> · {count(figures.tokens)} {T.agents.tokens} · {money(figures.cost)}</dd>
        <dt>{T.agents.last}</dt><dd class="cut">{state?.last_activity ?? '–'}</dd>
      </dl>
      <div class="row"><a class="button small" href={`/chat?new=1&agent=${encodeURIComponent(agent.id)}`}>{T.agents.talk}</a><a class="button small plain" href={`/agents?agent=${encodeURIComponent(agent.id)}`}>{T.agents.open}</a></div>
    </article>
  );
}

const tabs = [['settings', T.agents.settings], ['files', T.agents.files], ['access', T.agents.access]] as const;

function One({ agent, list, reload }: { agent: Agent; list: AgentsListReply; reload: () => void }) {
  const tab = (asked('tab') || 'settings') as (typeof tabs)[number][0];
  const figures = useFigures(agent.id);
  const main = agent.id === list.defaultId;
  return (
    <div class="stack">
      <div class="row wrap">
        <Avatar name={agent.name ?? agent.id} emoji={agent.identity.emoji} large />
        <div class="what">
          <h2 class="cut">{agent.name ?? agent.id}</h2>
          <span class="soft small-text cut">{agent.id}{main && ` · ${T.agents.main}`} · {figures.sessions} {T.nav.sessions.toLowerCase()} · {money(figures.cost)}</span>
        </div>
        <State id={agent.id} busy={figures.busy} />
        <a class="button primary" href={`/chat?new=1&agent=${encodeURIComponent(agent.id)}`}>{T.agents.talk}</a>
      </div>
      <Segments label={T.nav.agents} value={tab} options={tabs} onChange={(next) => setQuery({ tab: next === 'settings' ? '' : next, file: '' })} />
      {tab === 'settings' && <Settings agent={agent} main={main} reload={reload} />}
      {tab === 'files' && <Files agentId={agent.id} />}
      {tab === 'access' && <Access agentId={agent.id} />}
    </div>
  );
}

function Settings({ agent, main, reload }: { agent: Agent; main: boolean; reload: () => void }) {
  const models = useCall('models.list', {});
  const [name, setName] = useState(agent.name ?? '');
  const [emoji, setEmoji] = useState(agent.identity.emoji ?? '');
  const [model, setModel] = useState<string>(agent.model.primary ?? '');
  const may = gateway.has('agents.update');
  const changed = name !== (agent.name ?? '') || emoji !== (agent.identity.emoji ?? '') || model !== agent.model.primary;
  return (
    <div class="cols-even">
      <Card title={T.agents.settings}>
        <form class="stack" onSubmit={(event) => {
          event.preventDefault();
          void attempt(async () => {
            await gateway.call('agents.update', { agentId: agent.id, ...(name !== agent.name ? { name } : {}), ...(emoji !== (agent.identity.emoji ?? '') ? { emoji } : {}), ...(model !== agent.model.primary ? { model } : {}) });
            toast(T.saved);
            reload();
          });
        }}>
          <Field label={T.agents.name}>{(id) => <input id={id} class="input" value={name} disabled={!may} maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
          <Field label={T.agents.emoji} help={T.agents.emojiHelp}>{(id) => <input id={id} class="input" value={emoji} disabled={!may} maxLength={8} onInput={(event) => setEmoji(event.currentTarget.value)} />}</Field>
          <Field label={T.sessions.model} help={agent.model.fallbacks.length > 0 ? T.agents.fallbacks(agent.model.fallbacks.join(', ')) : undefined}>
            {(id) => (
              <select id={id} class="input" value={model} disabled={!may} onChange={(event) => setModel(event.currentTarget.value)}>
                {[...new Set([model, ...(models.data?.models ?? []).map((one) => `${one.provider}/${one.id}`)])].map((one) => <option key={one} value={one}>{one}</option>)}
              </select>
            )}
          </Field>
          <div class="row"><Button kind="primary" type="submit" disabled={!may || !changed}>{T.save}</Button></div>
        </form>
      </Card>
      <div class="stack">
        <Card title={T.agents.where}>
          <dl class="facts"><dt>{T.agents.workspace}</dt><dd class="mono">{agent.workspace}</dd><dt>{T.agents.id}</dt><dd class="mono">{agent.id}</dd></dl>
        </Card>
        {!main && (
          <Card title={T.agents.end}>
            <div class="stack">
              <p class="soft">{T.agents.endText}</p>
              <div><Button kind="danger" icon="trash" disabled={!gateway.has('agents.delete')} onClick={() => confirm({
                title: T.agents.endAsk(agent.name ?? agent.id), text: T.agents.endText, action: T.remove, danger: true, type: agent.id,
                run: async () => { await gateway.call('agents.delete', { agentId: agent.id }); setQuery({ agent: '' }); reload(); },
              })}>{T.remove}</Button></div>
            </div>
          </Card>
        )}
      </div>
    </div>
  );
}

function Files({ agentId }: { agentId: string }) {
  const list = useCall('agents.files.list', { agentId: agentId as never });
  return (
    <Loaded asked={list}>
      {(data: AgentsFilesListReply) => {
        const name = asked('file') || data.files.find(({ missing }) => !missing)?.name || data.files[0]?.name || '';
        return (
          <div class="files-view">
            <Card title={T.agents.files} flush>
              <ul class="list">
                {data.files.map((file) => (
                  <li key={file.name}>
                    <button type="button" class="line pick" aria-pressed={file.name === name} onClick={() => setQuery({ file: file.name })}>
                      <span class="what"><span class="cut mono">{file.name}</span><span class="soft small-text cut">{T.agents.fileAbout[file.name] ?? ''}</span></span>
                      <span class="push soft small-text">{file.missing ? T.agents.missing : bytes(file.size ?? 0)}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </Card>
            {name && <Editor key={`${agentId} ${name}`} agentId={agentId} name={name} reload={list.reload} />}
          </div>
        );
      }}
    </Loaded>
  );
}

function Editor({ agentId, name, reload }: { agentId: string; name: string; reload: () => void }) {
  const file = useCall('agents.files.get', { agentId: agentId as never, name });
  const [text, setText] = useDraft<string>(`file ${agentId} ${name}`);
  const kept = file.data?.file.content ?? '';
  const shown = text ?? kept;
  const may = gateway.has('agents.files.set');
  useAsking(text !== undefined && text !== kept);
  return (
    <Card title={<span class="mono">{name}</span>} sub={file.data?.file.updatedAtMs ? <Time at={file.data.file.updatedAtMs} /> : undefined} actions={
      <>
        {!file.data?.file.missing && gateway.has('agents.files.delete') && <Button kind="small plain" icon="trash" label={T.remove} onClick={() => confirm({ title: T.agents.fileAsk(name), text: T.agents.fileText, action: T.remove, danger: true, run: async () => { await gateway.call('agents.files.delete', { agentId: agentId as never, name }); setText(undefined); file.reload(); reload(); } })} />}
        <Act kind="small primary" disabled={!may || shown === kept} done={T.saved} run={async () => { await gateway.call('agents.files.set', { agentId: agentId as never, name, content: shown }); file.reload(); setText(undefined); reload(); }}>{T.save}</Act>
      </>
    }>
      {file.error ? <Problem error={file.error} retry={file.reload} /> : (
        <div class="stack tight">
          <textarea class="input mono editor" aria-label={name} spellcheck={false} rows={18} value={shown} disabled={!may || file.loading} placeholder={file.data?.file.missing ? T.agents.missingText : undefined} onInput={(event) => setText(event.currentTarget.value)} />
          <Command text={`openclaw agents files get ${agentId} ${name}`} />
        </div>
      )}
    </Card>
  );
}

function Access({ agentId }: { agentId: string }) {
  const list = useCall('agents.token.list', gateway.has('agents.token.list') ? {} : undefined);
  const [shown, setShown] = useState<string | undefined>(undefined);
  if (!gateway.has('agents.token.list')) return <Empty icon="key" title={T.problem.scope} text={T.notAllowed('operator.admin')} />;
  const change = (method: 'agents.token.create' | 'agents.token.rotate') => async () => {
    const made = await gateway.call(method, { agentId: agentId as never });
    setShown(made.token);
    list.reload();
  };
  return (
    <Card title={T.agents.token} sub={T.agents.tokenSub}>
      <Loaded asked={list} lines={2}>
        {({ tokens }) => {
          const one = tokens.find((token) => token.agentId === agentId && !token.revokedAtMs);
          return (
            <div class="stack">
              <p class="soft">{T.agents.tokenText}</p>
              {one ? (
                <dl class="facts">
                  <dt>{T.agents.fingerprint}</dt><dd class="mono">{one.fingerprint}</dd>
                  <dt>{T.sessions.made}</dt><dd><Time at={one.rotatedAtMs ?? one.createdAtMs} /></dd>
                </dl>
              ) : <p>{T.agents.noToken}</p>}
              <div class="row wrap">
                {one ? <Act run={change('agents.token.rotate')}>{T.agents.rotate}</Act> : <Act kind="primary" icon="key" run={change('agents.token.create')}>{T.agents.tokenMake}</Act>}
                {one && <Button kind="danger" onClick={() => confirm({ title: T.agents.tokenAsk, text: T.agents.tokenAskText, action: T.agents.tokenEnd, danger: true, run: async () => { await gateway.call('agents.token.revoke', { agentId: agentId as never }); list.reload(); } })}>{T.agents.tokenEnd}</Button>}
              </div>
            </div>
          );
        }}
      </Loaded>
      {shown && (
        <Dialog firm title={T.agents.tokenOnce} onClose={() => setShown(undefined)}>
          <p>{T.agents.tokenOnceText}</p>
          <span class="command"><code>{shown}</code><Copy text={shown} /></span>
        </Dialog>
      )}
    </Card>
  );
}

function Make({ close, made }: { close: () => void; made: (id: string) => void }) {
  const models = useCall('models.list', {});
  const [name, setName] = useState('');
  const [emoji, setEmoji] = useState('');
  const [model, setModel] = useState('');
  const form = 'agent-make';
  return (
    <Dialog firm title={T.agents.add} onClose={close} footer={<><Button onClick={close}>{T.cancel}</Button><Button kind="primary" type="submit" form={form} disabled={!name.trim()}>{T.agents.add}</Button></>}>
      <form id={form} class="stack" onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () => {
          const answer = (await gateway.call('agents.create', { name: name.trim(), ...(emoji ? { emoji } : {}), ...(model ? { model } : {}) })) as unknown as { agentId?: string; id?: string };
          made(String(answer.agentId ?? answer.id ?? name.trim().toLowerCase()));
        });
      }}>
        <p class="soft">{T.agents.addText}</p>
        <Field label={T.agents.name}>{(id) => <input id={id} class="input" value={name} required maxLength={60} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
        <Field label={T.agents.emoji} help={T.agents.emojiHelp}>{(id) => <input id={id} class="input" value={emoji} maxLength={8} onInput={(event) => setEmoji(event.currentTarget.value)} />}</Field>
        <Field label={T.sessions.model}>
          {(id) => (
            <select id={id} class="input" value={model} onChange={(event) => setModel(event.currentTarget.value)}>
              <option value="">{T.chat.modelDefault}</option>
              {(models.data?.models ?? []).map((one) => <option key={`${one.provider}/${one.id}`} value={`${one.provider}/${one.id}`}>{one.name}</option>)}
            </select>
          )}
        </Field>
        <Command text={`openclaw agents add ${name.trim() ? `"${name.trim().replaceAll('"', '')}"` : '<name>'}${model ? ` --model ${model}` : ''}`} />
      </form>
    </Dialog>
  );
}
