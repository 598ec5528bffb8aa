// Machines that offer commands: who is there, what they may, and asking them for something.
import { useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Command, Dot, Empty, Field, Gone, Loaded, Time } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { toast } from '../parts/toasts';
import { quoted } from '../format';
import { gateway, useCall } from '../link';
import { asked, setQuery } from '../route';
import type { NodePairRequest, NodeRow } from '../../../docs/methods';
import { T } from '../text';

const nameOf = (node: { displayName?: string | null; nodeId: string }) => node.displayName || node.nodeId.slice(0, 12);

export default function Nodes() {
  const list = useCall('node.list', {}, { on: ['node.presence', 'node.pair.resolved', 'node.pair.requested', 'presence', 'node.hostStats'] });
  const pairing = useCall('node.pair.list', gateway.has('node.pair.list') ? {} : undefined, { on: ['node.pair.requested', 'node.pair.resolved'] });
  const [invoking, setInvoking] = useState<NodeRow | undefined>(undefined);
  const wanted = asked('node');
  const reload = () => { list.reload(); pairing.reload(); };
  return (
    <div class="stack">
      {(pairing.data?.pending ?? []).map((request) => <Request key={request.requestId} request={request} reload={reload} />)}
      <Loaded asked={list}>
        {({ nodes }) => nodes.length === 0 ? (
          <div class="card">
            <Empty icon="nodes" title={T.nodes.none.title} text={T.nodes.none.text} command={`openclaw node run --url ${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`} />
          </div>
        ) : (
          <>
            {wanted && !nodes.some(({ nodeId }) => nodeId === wanted) && <Gone />}
            <div class="cards">
              {nodes.map((node) => <Tile key={node.nodeId} node={node} open={node.nodeId === wanted} invoke={() => setInvoking(node)} reload={reload} />)}
            </div>
          </>
        )}
      </Loaded>
      {invoking && <Invoke node={invoking} close={() => setInvoking(undefined)} />}
    </div>
  );
}

function Request({ request, reload }: { request: NodePairRequest; reload: () => void }) {
  return (
    <article class="approval" aria-label={T.nodes.asks(nameOf(request))}>
      <header class="row wrap"><Icon name="nodes" /><strong>{nameOf(request)}</strong><span class="soft">{T.nodes.wants}</span><span class="push soft small-text"><Time at={request.ts} /></span></header>
      <div class="row wrap">{request.commands.map((command) => <Badge key={command} tone={command.startsWith('system.run') ? 'warn' : ''}>{command}</Badge>)}</div>
      <dl class="facts">
        <dt>{T.devices.from}</dt><dd>{request.remoteIp ?? '–'}</dd>
        <dt>{T.devices.platform}</dt><dd>{[request.platform, request.version].filter(Boolean).join(' ')}</dd>
        <dt>{T.nodes.needs}</dt><dd>{request.requiredApproveScopes.join(', ')}</dd>
      </dl>
      <div class="row wrap">
        <Act kind="primary" disabled={!gateway.has('node.pair.approve')} done={T.nodes.approved} run={async () => { await gateway.call('node.pair.approve', { requestId: request.requestId }); reload(); }}>{T.nodes.approve}</Act>
        <Act kind="danger" disabled={!gateway.has('node.pair.reject')} run={async () => { await gateway.call('node.pair.reject', { requestId: request.requestId }); reload(); }}>{T.nodes.reject}</Act>
        <Command text={`openclaw nodes approve ${request.requestId.slice(0, 8)}`} />
      </div>
    </article>
  );
}

function Tile({ node, open, invoke, reload }: { node: NodeRow; open: boolean; invoke: () => void; reload: () => void }) {
  const [renaming, setRenaming] = useState(false);
  const [name, setName] = useState(node.displayName ?? '');
  return (
    <article class="card tile">
      <div class="row">
        <Dot tone={node.connected ? 'good' : ''} />
        <div class="what">
          <a class="title cut" href={`/nodes?node=${encodeURIComponent(node.nodeId)}`} data-row>{nameOf(node)}</a>
          <span class="soft small-text cut">{[node.platform, node.version].filter(Boolean).join(' ')}</span>
        </div>
        <span class="push">{node.approvalState === 'approved' ? <Badge tone={node.connected ? 'good' : ''}>{node.connected ? T.nodes.connected : T.nodes.away}</Badge> : <Badge tone="warn">{T.nodes.state[node.approvalState] ?? node.approvalState}</Badge>}</span>
      </div>
      {node.commands.length > 0 && <div class="row wrap">{node.commands.slice(0, open ? 99 : 6).map((command) => <Badge key={command}>{command}</Badge>)}{!open && node.commands.length > 6 && <Badge>+{node.commands.length - 6}</Badge>}</div>}
      <dl class="facts">
        <dt>{T.nodes.seen}</dt><dd>{node.connected && node.connectedAtMs ? <>{T.nodes.since} <Time at={node.connectedAtMs} /></> : node.lastSeenAtMs ? <Time at={node.lastSeenAtMs} /> : T.never}</dd>
        <dt>{T.nodes.id}</dt><dd class="mono cut" title={node.nodeId}>{node.nodeId.slice(0, 16)}…</dd>
        {open && node.hostStats && <><dt>{T.nodes.stats}</dt><dd class="mono small-text">{JSON.stringify(node.hostStats)}</dd></>}
        {open && node.permissions && Object.keys(node.permissions).length > 0 && <><dt>{T.nodes.permissions}</dt><dd>{Object.entries(node.permissions).map(([one, is]) => `${one}: ${is ? T.yes : T.no}`).join(', ')}</dd></>}
      </dl>
      {renaming && (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void attempt(async () => { await gateway.call('node.rename', { nodeId: node.nodeId, displayName: name.trim() }); setRenaming(false); toast(T.sessions.renamed); reload(); }); }}>
          <input class="input" aria-label={T.agents.name} value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <Button type="submit" disabled={!name.trim()}>{T.save}</Button>
        </form>
      )}
      <div class="row wrap">
        <Button kind="small" icon="play" disabled={!node.connected || node.commands.length === 0 || !gateway.has('node.invoke')} onClick={invoke}>{T.nodes.invoke}</Button>
        {open ? <Button kind="small plain" onClick={() => setQuery({ node: '' })}>{T.less}</Button> : <Button kind="small plain" onClick={() => setQuery({ node: node.nodeId })}>{T.more}</Button>}
        {gateway.has('node.rename') && <Button kind="small plain" icon="edit" label={T.nodes.rename} onClick={() => setRenaming(!renaming)} />}
        {gateway.has('node.pair.remove') && <Button kind="small plain" icon="trash" label={T.remove} onClick={() => confirm({ title: T.nodes.removeAsk(nameOf(node)), text: T.nodes.removeText, action: T.remove, danger: true, run: async () => { await gateway.call('node.pair.remove', { nodeId: node.nodeId }); reload(); } })} />}
      </div>
    </article>
  );
}

const examples: Record<string, string> = { 'system.run': '{"command": ["uname", "-a"]}', 'system.which': '{"bins": ["git"]}', 'system.notify': '{"title": "Hello", "body": "From Mission Control"}' };

function Invoke({ node, close }: { node: NodeRow; close: () => void }) {
  const [command, setCommand] = useState(node.commands[0] ?? '');
  const [params, setParams] = useState(examples[command] ?? '{}');
  const [result, setResult] = useState<{ text: string; good: boolean } | undefined>(undefined);
  let parsed: unknown;
  let wrong = '';
  try {
    parsed = JSON.parse(params || '{}');
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  const cli = `openclaw nodes invoke ${quoted(nameOf(node))} --command ${command} --params ${quoted(params.replace(/\s+/g, ' '))}`;
  return (
    <Dialog wide title={T.nodes.invokeOn(nameOf(node))} onClose={close} footer={
      <Act kind="primary" icon="play" disabled={wrong !== ''} run={async () => {
        setResult(undefined);
        try {
          const answer = await gateway.call('node.invoke', { nodeId: node.nodeId, command, params: parsed, idempotencyKey: `mc-${Date.now()}-${Math.random()}` });
          setResult({ text: JSON.stringify(answer.payload ?? answer, null, 2), good: true });
        } catch (error) {
          setResult({ text: error instanceof Error ? error.message : String(error), good: false });
        }
      }}>{T.nodes.invoke}</Act>
    }>
      <Field label={T.nodes.command}>
        {(id) => (
          <select id={id} class="input mono" value={command} onChange={(event) => { setCommand(event.currentTarget.value); setParams(examples[event.currentTarget.value] ?? '{}'); }}>
            {node.commands.map((one) => <option key={one}>{one}</option>)}
          </select>
        )}
      </Field>
      <Field label={T.nodes.params} help={wrong ? <span class="bad">{wrong}</span> : T.nodes.paramsHelp}>
        {(id) => <textarea id={id} class="input mono" rows={5} spellcheck={false} value={params} onInput={(event) => setParams(event.currentTarget.value)} />}
      </Field>
      {result && <pre class={`block ${result.good ? '' : 'bad'}`} tabIndex={0} role="status">{result.text}</pre>}
      <Command text={cli} />
    </Dialog>
  );
}
