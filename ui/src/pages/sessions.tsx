// Every conversation of every agent: live, searchable, sortable, and changed in place.
import { useEffect, useState } from 'preact/hooks';
import { useComputed, useSignal } from '@preact/signals';
import { Act, attempt, Badge, Button, Command, Dot, Empty, Field, Meter, Problem, Search, Segments, Skeleton, Time } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { toast } from '../parts/toasts';
import { Virtual } from '../parts/virtual';
import { count, exact, money, quoted, shortKey } from '../format';
import { gateway } from '../link';
import { asked, go, place, setQuery } from '../route';
import { previewOf, titleOf, type SessionRow } from '../shapes';
import { failed, fetchAll, fetched, known, refetch, sessions } from '../state/sessions';
import type { SessionsSearchReply } from '../../../docs/methods';
import { T } from '../text';
import '../style/sessions.css';

const shows = [['all', T.all], ['live', T.sessions.live], ['archived', T.sessions.archived]] as const;
type Show = (typeof shows)[number][0];
type Order = 'updated' | 'tokens' | 'cost' | 'context';

const orders: Record<Order, (a: SessionRow, b: SessionRow) => number> = {
  updated: (a, b) => b.updatedAt - a.updatedAt,
  tokens: (a, b) => b.totalTokens - a.totalTokens,
  cost: (a, b) => b.cost - a.cost,
  context: (a, b) => share(b) - share(a),
};
const share = (row: SessionRow) => (row.contextTokens ? row.totalTokens / row.contextTokens : 0);
const open = (row: SessionRow) => `/chat?session=${encodeURIComponent(row.key)}`;

export default function Sessions() {
  useEffect(() => {
    if (fetched.value) void attempt(fetchAll);
  }, [fetched.value]);
  const chosen = useSignal<string | undefined>(undefined);
  const rows = useComputed(() => {
    const { query } = place.value;
    const words = (query.get('q') ?? '').toLowerCase();
    const agent = query.get('agent') ?? '';
    const show = (query.get('show') ?? 'all') as Show;
    const order = orders[(query.get('sort') ?? 'updated') as Order] ?? orders.updated;
    const list = sessions.value.filter((row) =>
      (show === 'archived' ? row.archived : !row.archived) && (show !== 'live' || row.hasActiveRun) && (!agent || row.agentId === agent) &&
      (!words || `${titleOf(row, '')} ${row.key} ${row.model ?? ''} ${row.lastMessagePreview ?? ''}`.toLowerCase().includes(words)));
    return query.get('sort') ? list.sort(order) : list;
  });
  const agents = useComputed(() => [...new Set(sessions.value.map(({ agentId }) => agentId))].sort());
  const query = asked('q');
  const picked = chosen.value ? known.value.rows.get(chosen.value) : undefined;
  if (failed.value && !fetched.value) return <Problem error={failed.value} retry={refetch} />;
  if (!fetched.value) return <Skeleton lines={8} />;
  return (
    <>
      <div class="toolbar">
        <Search value={query} label={T.sessions.search} onInput={(q) => setQuery({ q })} />
        <Segments label={T.sessions.show} value={(asked('show') || 'all') as Show} options={shows} onChange={(show) => setQuery({ show: show === 'all' ? '' : show })} />
        {agents.value.length > 1 && (
          <select class="input narrow" aria-label={T.palette.agent} value={asked('agent')} onChange={(event) => setQuery({ agent: event.currentTarget.value })}>
            <option value="">{T.sessions.everyAgent}</option>
            {agents.value.map((agent) => <option key={agent} value={agent}>{agent}</option>)}
          </select>
        )}
        <select class="input narrow" aria-label={T.sessions.sort} value={asked('sort') || 'updated'} onChange={(event) => setQuery({ sort: event.currentTarget.value === 'updated' ? '' : event.currentTarget.value })}>
          {(Object.keys(orders) as Order[]).map((order) => <option key={order} value={order}>{T.sessions.orders[order]}</option>)}
        </select>
        <span class="soft small-text push counted">{T.sessions.count(rows.value.length, known.value.total)}</span>
        {gateway.may('operator.write') && <Button icon="plus" kind="primary" onClick={() => go('/chat?new=1')}>{T.chat.fresh}</Button>}
      </div>
      {query.length > 2 && <Said query={query} />}
      <div class="card">
        {rows.value.length === 0 ? (
          <Empty icon="sessions" title={query || asked('show') || asked('agent') ? T.sessions.noneFit : T.sessions.none.title} text={T.sessions.none.text} command="openclaw agent --message 'hello'" />
        ) : (
          <>
            <div class="session-row head" aria-hidden="true">
              <span>{T.sessions.title}</span><span>{T.sessions.model}</span><span>{T.sessions.context}</span><span class="num">{T.sessions.tokens}</span><span class="num">{T.sessions.cost}</span><span class="num">{T.sessions.messages}</span><span class="num">{T.sessions.touched}</span><span />
            </div>
            <Virtual rows={rows.value} height={58} label={T.nav.sessions} keyOf={(row) => row.key} class="session-table" row={(row) => <Row row={row} more={() => (chosen.value = row.key)} />} />
          </>
        )}
      </div>
      {picked && <Details row={picked} close={() => (chosen.value = undefined)} />}
    </>
  );
}

function Row({ row, more }: { row: SessionRow; more: () => void }) {
  return (
    <div class="session-row">
      <a class="what" href={open(row)} data-row>
        <span class="row">
          {row.hasActiveRun && <Dot tone="info" live />}
          <span class="cut title">{titleOf(row, shortKey(row.key))}</span>
          {row.pinned && <Badge>{T.sessions.pinned}</Badge>}
          {row.abortedLastRun && <Badge tone="warn">{T.sessions.interrupted}</Badge>}
        </span>
        <span class="cut soft small-text">{row.agentId} · {previewOf(row, shortKey(row.key))}</span>
      </a>
      <span class="cut small-text">{row.model ?? '–'}</span>
      <span><Meter share={share(row)} label={T.chat.context(exact(row.totalTokens), exact(row.contextTokens))} /></span>
      <span class="num" title={exact(row.totalTokens)}>{count(row.totalTokens)}</span>
      <span class="num">{money(row.cost)}</span>
      <span class="num">{count(row.messageCount)}</span>
      <span class="num soft small-text"><Time at={row.updatedAt} short /></span>
      <Button kind="plain small" icon="more" label={T.sessions.actions(titleOf(row, shortKey(row.key)))} onClick={more} />
    </div>
  );
}

/** Places in what was said; asked for by hand, because it reads every transcript. */
function Said({ query }: { query: string }) {
  const [found, setFound] = useState<SessionsSearchReply | undefined>(undefined);
  useEffect(() => setFound(undefined), [query]);
  if (!found) return <p class="said-search"><Act kind="small" icon="search" run={async () => setFound(await gateway.call('sessions.search', { query, limit: 20 }))}>{T.chat.searchAll}: “{query}”</Act></p>;
  return (
    <section class="card said-search" aria-label={T.chat.searchAll}>
      <header><h2>{T.chat.found(found.results.length)}</h2></header>
      <ul class="list">
        {found.results.map((hit) => (
          <li key={hit.messageId}>
            <a class="line" href={`/chat?session=${encodeURIComponent(hit.sessionKey)}`}>
              <span class="what"><span class="cut">{hit.snippet}</span><span class="soft small-text cut">{shortKey(hit.sessionKey)} · {hit.role}</span></span>
              <span class="push soft small-text"><Time at={hit.timestamp} /></span>
            </a>
          </li>
        ))}
        {found.results.length === 0 && <li class="line soft">{T.sessions.nothingSaid}</li>}
      </ul>
    </section>
  );
}

function Details({ row, close }: { row: SessionRow; close: () => void }) {
  const [label, setLabel] = useState(row.label ?? '');
  const key = row.key as never;
  const may = gateway.may('operator.write');
  const patch = (changes: object) => gateway.call('sessions.patch', { key, ...changes });
  const name = titleOf(row, shortKey(row.key));
  return (
    <Dialog title={name} onClose={close} footer={
      <>
        <Button disabled={!gateway.has('sessions.reset')} onClick={() => confirm({ title: T.sessions.resetAsk(name), text: T.sessions.resetText, action: T.sessions.reset, danger: true, run: () => gateway.call('sessions.reset', { key }) })}>{T.sessions.reset}</Button>
        <Act disabled={!gateway.has('sessions.compact')} done={T.sessions.compacted} run={() => gateway.call('sessions.compact', { key })}>{T.sessions.compact}</Act>
        {!row.isMain && (
          <Button kind="danger" icon="trash" disabled={!gateway.has('sessions.delete')} onClick={() => confirm({
            title: T.sessions.deleteAsk(name), text: T.sessions.deleteText, action: T.remove, danger: true,
            run: async () => { await gateway.call('sessions.delete', { key }); close(); },
          })}>{T.remove}</Button>
        )}
      </>
    }>
      <form class="row" onSubmit={(event) => { event.preventDefault(); void attempt(() => patch({ label: label.trim() || null })).then((good) => good && toast(T.sessions.renamed)); }}>
        <input class="input" aria-label={T.sessions.label} placeholder={T.sessions.label} value={label} maxLength={200} disabled={!may} onInput={(event) => setLabel(event.currentTarget.value)} />
        <Button type="submit" disabled={!may || label.trim() === (row.label ?? '')}>{T.save}</Button>
      </form>
      <div class="row wrap">
        <a class="button primary" href={open(row)}>{T.sessions.open}</a>
        <Act disabled={!may} run={() => patch({ pinned: !row.pinned })}>{row.pinned ? T.sessions.unpin : T.sessions.pin}</Act>
        <Act disabled={!may} run={async () => {
          await patch({ archived: !row.archived });
          close();
          toast(row.archived ? T.sessions.unarchived : T.sessions.archivedNow, 'good', () => void attempt(() => patch({ archived: row.archived })));
        }}>{row.archived ? T.sessions.unarchive : T.sessions.archive}</Act>
        {row.hasActiveRun && <Act kind="danger" icon="stop" disabled={!may} run={() => gateway.call('sessions.abort', { key })}>{T.chat.stop}</Act>}
      </div>
      <dl class="facts">
        <dt>{T.sessions.key}</dt><dd class="mono">{row.key}</dd>
        <dt>{T.palette.agent}</dt><dd><a href={`/agents?agent=${encodeURIComponent(row.agentId)}`}>{row.agentId}</a></dd>
        <dt>{T.sessions.model}</dt><dd>{row.modelProvider}/{row.model}</dd>
        <dt>{T.sessions.tokens}</dt><dd>{exact(row.inputTokens)} / {exact(row.outputTokens)}</dd>
        <dt>{T.sessions.context}</dt><dd>{T.chat.context(exact(row.totalTokens), exact(row.contextTokens))}</dd>
        <dt>{T.sessions.cost}</dt><dd>{money(row.cost)}</dd>
        <dt>{T.sessions.made}</dt><dd><Time at={row.createdAt} /></dd>
        <dt>{T.sessions.touched}</dt><dd><Time at={row.updatedAt} /></dd>
      </dl>
      <Field label={T.copyCommand}>{() => <Command text={`openclaw sessions show ${quoted(row.key)}`} />}</Field>
    </Dialog>
  );
}
