// One message, or one run at work.
import { memo } from 'preact/compat';
import { useState } from 'preact/hooks';
import { count, exact, millis, money } from '../format';
import { now } from '../link';
import type { Waiting } from '../state/approvals';
import type { Ended, Message, Part, Run, ToolPart } from '../state/chat';
import { T } from '../text';
import { ApprovalCard } from './approval-card';
import { Badge, Button, Copy, Dot, Time } from './basic';
import { Icon } from './icons';
import { Markdown } from './markdown';

/** Longer texts are cut until somebody asks for all of it. */
const SHOWN = 20_000;

function Text({ text, plain }: { text: string; plain?: boolean }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > SHOWN;
  const shown = cut ? text.slice(0, SHOWN) : text;
  return (
    <>
      {plain ? <div class="said">{shown}</div> : <Markdown text={shown} />}
      {cut && <Button kind="small" onClick={() => setWhole(true)}>{T.chat.longMessage}</Button>}
    </>
  );
}

export function ToolCard({ tool }: { tool: ToolPart }) {
  const [open, setOpen] = useState(tool.state === 'failed');
  const args = tool.args === undefined || tool.args === null ? '' : typeof tool.args === 'string' ? tool.args : JSON.stringify(tool.args, null, 2);
  const took = tool.startedAt === undefined ? undefined : (tool.endedAt ?? now.value) - tool.startedAt;
  const one = args.replace(/\s+/g, ' ');
  return (
    <div class="tool">
      <button type="button" class="tool-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="tool" size={16} />
        <strong>{tool.name || T.unknown}</strong>
        <code class="cut">{one}</code>
        <span class="push row">
          {took !== undefined && <span class="soft small-text">{millis(took)}</span>}
          <Badge tone={tool.state === 'failed' ? 'bad' : tool.state === 'running' ? 'info' : 'good'}>{tool.state === 'running' && <Dot tone="info" live />}{T.chat.tool[tool.state]}</Badge>
        </span>
      </button>
      {open && (
        <div class="stack tight tool-body">
          {args && <><span class="soft small-text">{T.chat.tool.args}</span><pre class="block" tabIndex={0}>{args}</pre></>}
          {tool.output && <><span class="soft small-text">{T.chat.tool.output}</span><pre class="block" tabIndex={0}>{tool.output}</pre></>}
        </div>
      )}
    </div>
  );
}

function PartView({ part, plain }: { part: Part; plain: boolean }) {
  switch (part.kind) {
    case 'text':
      return <Text text={part.text} plain={plain} />;
    case 'thinking':
      return <details class="thoughts"><summary>{T.chat.thinking}</summary><Text text={part.text} plain /></details>;
    case 'tool':
      return <ToolCard tool={part} />;
    case 'image':
      return <img class="picture" src={part.source} alt={part.name} />;
    case 'file':
      return <span class="badge"><Icon name="attach" size={14} />{part.name}</span>;
  }
}

/** Drawn anew only when it is another: while a reply streams, everything before it stands still. */
export const MessageView = memo(({ message, ended, resend }: { message: Message; ended: Ended | undefined; resend: (message: Message, text: string) => void }) => {
  const { role, parts, usage, pending } = message;
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n');
  return (
    <article class={`message ${role} ${pending ? 'pending' : ''}`} aria-label={role === 'user' ? T.chat.you : role === 'system' ? T.chat.system : (message.model ?? role)}>
      {role === 'system' && <span class="soft small-text">{T.chat.system}</span>}
      <div class="bubble">{parts.map((part, n) => <PartView key={n} part={part} plain={role === 'user'} />)}</div>
      <footer class="row wrap small-text soft">
        {pending === 'sending' && <span>{T.chat.sending}…</span>}
        {typeof pending === 'object' && <><span class="bad">{T.chat.failed}: {pending.failed}</span><Button kind="small" icon="refresh" onClick={() => resend(message, text)}>{T.chat.resend}</Button></>}
        {!pending && <Time at={message.at} />}
        {role === 'assistant' && message.model && <span class="wide-only">{message.model}</span>}
        {usage && <span title={`${exact(usage.input)} / ${exact(usage.output)}`}>{T.chat.tokens(count(usage.input), count(usage.output))}</span>}
        {usage?.cost !== undefined && <span>{money(usage.cost)}</span>}
        {ended && ended.took > 0 && <span>{millis(ended.took)}</span>}
        {ended?.first !== undefined && <span class="wide-only">{T.chat.ttft(millis(ended.first))}</span>}
        {(ended?.aborted || message.stopReason === 'aborted' || message.stopReason === 'rpc') && <Badge tone="warn">{T.chat.aborted}</Badge>}
        {text && !pending && <span class="on-hover"><Copy text={text} /></span>}
      </footer>
    </article>
  );
});

export function RunView({ run, approvals }: { run: Run; approvals: readonly Waiting[] }) {
  const asking = approvals.filter((one) => 'toolCallId' in one.request && one.request.toolCallId !== null && run.tools.some(({ id }) => id === (one.request as { toolCallId: string | null }).toolCallId));
  return (
    <article class="message assistant live" aria-label={run.model ?? T.chat.working['start']} aria-busy="true">
      <div class="bubble">
        {run.fallback && <div class="note warn"><span>{run.fallback}</span></div>}
        {run.thinking && <details class="thoughts" open={run.text === ''}><summary>{T.chat.thinking}</summary><Text text={run.thinking} plain /></details>}
        {run.tools.map((tool) => <ToolCard key={tool.id} tool={tool} />)}
        {asking.map((one) => <ApprovalCard key={one.id} one={one} compact />)}
        {run.text && <Markdown text={run.text} />}
      </div>
      <footer class="row small-text soft">
        <Dot tone="info" live />
        <span role="status">{T.chat.working[run.phase] ?? T.chat.working['model']}…</span>
        <span>{millis(Math.max(0, now.value - run.startedAt))}</span>
        {run.model && <span class="wide-only">{run.model}</span>}
      </footer>
    </article>
  );
}
