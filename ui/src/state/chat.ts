// A conversation as it is shown: what the history says, and what runs say while they are at work. Pure.

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'thinking'; text: string }
  | { kind: 'image'; source: string; name: string }
  | { kind: 'file'; name: string }
  | ToolPart;

export interface ToolPart {
  kind: 'tool';
  id: string;
  name: string;
  args: unknown;
  output: string;
  state: 'running' | 'done' | 'failed';
  startedAt?: number;
  endedAt?: number;
}

export interface Usage {
  input: number;
  output: number;
  total: number;
  cacheRead: number;
  cost: number | undefined;
}

export interface Message {
  id: string;
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  at: number;
  runId: string | undefined;
  /** The line of the transcript. */
  seq: number | undefined;
  model: string | undefined;
  usage: Usage | undefined;
  stopReason: string | undefined;
  /** Sent from here and not confirmed yet, or refused. */
  pending?: 'sending' | { failed: string };
}

export interface Run {
  runId: string;
  text: string;
  thinking: string;
  tools: ToolPart[];
  phase: string;
  model: string | undefined;
  startedAt: number;
  firstAt: number | undefined;
  fallback: string | undefined;
}

export interface Ended {
  /** From the request to the first word, and to the end, in milliseconds. */
  first: number | undefined;
  took: number;
  error: string | undefined;
  aborted: boolean;
}

export interface Conversation {
  messages: readonly Message[];
  runs: ReadonlyMap<string, Run>;
  ended: ReadonlyMap<string, Ended>;
  hasMore: boolean;
}

export const empty: Conversation = { messages: [], runs: new Map(), ended: new Map(), hasMore: false };

interface RawMessage {
  role?: string;
  content?: unknown;
  timestamp?: number;
  idempotencyKey?: string;
  model?: string;
  provider?: string;
  stopReason?: string;
  usage?: { input?: number; output?: number; total?: number; totalTokens?: number; cacheRead?: number; cost?: { total?: number } };
  toolCallId?: string;
  isError?: boolean;
  __openclaw?: { id?: string; seq?: number; runId?: string; recordTimestampMs?: number };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value, null, 2));

function parts(content: unknown): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  return content.flatMap((raw): Part[] => {
    const part = (raw ?? {}) as { type?: string; [name: string]: unknown };
    switch (part.type) {
      case 'text':
        return [{ kind: 'text', text: text(part['text']) }];
      case 'thinking':
      case 'reasoning':
        return [{ kind: 'thinking', text: text(part['thinking'] ?? part['text']) }];
      case 'toolCall':
      case 'tool_use':
      case 'tool_call':
        return [{ kind: 'tool', id: text(part['id'] ?? part['toolCallId']), name: text(part['name']), args: part['arguments'] ?? part['input'] ?? part['args'], output: '', state: 'done' }];
      case 'image': {
        const data = part['data'] ?? (part['source'] as { data?: unknown } | undefined)?.data;
        const type = text(part['mimeType'] ?? (part['source'] as { media_type?: unknown } | undefined)?.media_type) || 'image/png';
        if (typeof data !== 'string' || !/^image\/(png|jpeg|gif|webp)$/.test(type)) return [{ kind: 'file', name: text(part['fileName']) || 'image' }];
        return [{ kind: 'image', source: `data:${type};base64,${data}`, name: text(part['fileName']) || 'image' }];
      }
      case 'file':
        return [{ kind: 'file', name: text(part['fileName'] ?? part['name']) || 'file' }];
      default:
        return [];
    }
  });
}

/** The line of the transcript that a message is. */
export function seqOf(raw: unknown): number | undefined {
  const seq = (raw as RawMessage | null | undefined)?.__openclaw?.seq;
  return typeof seq === 'number' ? seq : undefined;
}

/** After a break: of the runs only the one goes on that the gateway says is at work. */
export function goingOn(conversation: Conversation, runId: string | undefined, at: number): Conversation {
  const runs = new Map<string, Run>();
  if (runId !== undefined) runs.set(runId, conversation.runs.get(runId) ?? { ...fresh(runId, at), phase: 'model' });
  return { ...conversation, runs };
}

/** Without the oldest, when there are more than `most`. */
export function trimmed(conversation: Conversation, most: number, left: number): Conversation {
  if (conversation.messages.length <= most) return conversation;
  const messages = conversation.messages.slice(-left);
  const shown = new Set(messages.map(({ runId }) => runId));
  return { ...conversation, messages, ended: new Map([...conversation.ended].filter(([runId]) => shown.has(runId))), hasMore: true };
}

export function readMessage(raw: unknown): Message {
  const it = (raw ?? {}) as RawMessage;
  const role = it.role === 'user' || it.role === 'assistant' ? it.role : 'system';
  const { usage } = it;
  return {
    id: it.__openclaw?.id ?? it.idempotencyKey ?? `at-${it.timestamp ?? 0}-${role}`,
    role,
    parts: parts(it.content),
    at: it.timestamp ?? it.__openclaw?.recordTimestampMs ?? 0,
    runId: it.__openclaw?.runId ?? it.idempotencyKey,
    seq: seqOf(raw),
    model: it.model ? (it.provider ? `${it.provider}/${it.model}` : it.model) : undefined,
    usage: usage && {
      input: usage.input ?? 0,
      output: usage.output ?? 0,
      total: usage.totalTokens ?? usage.total ?? 0,
      cacheRead: usage.cacheRead ?? 0,
      cost: usage.cost?.total,
    },
    stopReason: it.stopReason,
  };
}

/** Puts what tools answered to the calls that they answer. */
function joined(raws: readonly unknown[]): Message[] {
  const messages: Message[] = [];
  const calls = new Map<string, ToolPart>();
  for (const raw of raws) {
    const it = raw as RawMessage;
    if (it.role === 'toolResult' || it.role === 'tool') {
      const call = it.toolCallId ? calls.get(it.toolCallId) : undefined;
      if (call) {
        call.output = parts(it.content).map((part) => (part.kind === 'text' ? part.text : '')).join('');
        call.state = it.isError ? 'failed' : 'done';
        continue;
      }
    }
    const message = readMessage(raw);
    for (const part of message.parts) if (part.kind === 'tool') calls.set(part.id, part);
    messages.push(message);
  }
  return messages;
}

/** The newest page of the history; what is at work and what was sent from here stays. */
export function withHistory(conversation: Conversation, raws: readonly unknown[], hasMore: boolean): Conversation {
  const messages = joined(raws);
  const sent = new Set(messages.filter(({ role }) => role === 'user').map(({ runId }) => runId));
  const unsent = conversation.messages.filter((one) => one.pending && !sent.has(one.runId));
  return { ...conversation, messages: [...messages, ...unsent], hasMore };
}

export function withOlder(conversation: Conversation, raws: readonly unknown[], hasMore: boolean): Conversation {
  const known = new Set(conversation.messages.map(({ id }) => id));
  return { ...conversation, messages: [...joined(raws).filter(({ id }) => !known.has(id)), ...conversation.messages], hasMore };
}

export function withSent(conversation: Conversation, message: Message): Conversation {
  return { ...conversation, messages: [...conversation.messages, message] };
}

export function withSendFailed(conversation: Conversation, runId: string, why: string): Conversation {
  return { ...conversation, messages: conversation.messages.map((one) => (one.runId === runId && one.pending ? { ...one, pending: { failed: why } } : one)) };
}

/** A message was added to the transcript. */
export function withMessage(conversation: Conversation, raw: unknown): Conversation {
  const it = raw as RawMessage;
  if (it.role === 'toolResult' || it.role === 'tool') {
    const messages = conversation.messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) =>
        part.kind === 'tool' && part.id === it.toolCallId
          ? { ...part, output: parts(it.content).map((one) => (one.kind === 'text' ? one.text : '')).join(''), state: it.isError ? ('failed' as const) : ('done' as const) }
          : part),
    }));
    return { ...conversation, messages };
  }
  const message = readMessage(raw);
  // The person's own message is there already, as it was sent from here.
  const own = message.role === 'user' ? conversation.messages.findIndex((one) => one.role === 'user' && one.runId !== undefined && one.runId === message.runId) : -1;
  if (own >= 0) return { ...conversation, messages: conversation.messages.map((one, n) => (n === own ? { ...message, id: one.id } : one)) };
  const same = conversation.messages.findIndex(({ id }) => id === message.id);
  if (same >= 0) return { ...conversation, messages: conversation.messages.map((one, n) => (n === same ? message : one)) };
  let runs = conversation.runs;
  if (message.role === 'assistant' && message.runId && runs.has(message.runId)) {
    // What was streamed is this message now; a run that goes on begins to stream anew.
    const run = runs.get(message.runId)!;
    runs = new Map(runs).set(message.runId, { ...run, text: '', thinking: '', tools: [] });
  }
  return { ...conversation, runs, messages: [...conversation.messages, message] };
}

const fresh = (runId: string, at: number): Run => ({
  runId, text: '', thinking: '', tools: [], phase: 'start', model: undefined, startedAt: at, firstAt: undefined, fallback: undefined,
});

function withRun(conversation: Conversation, runId: string, at: number, change: (run: Run) => Run): Conversation {
  if (conversation.ended.has(runId)) return conversation;
  const runs = new Map(conversation.runs);
  runs.set(runId, change(runs.get(runId) ?? fresh(runId, at)));
  return { ...conversation, runs };
}

interface ChatPayload {
  runId: string;
  state: string;
  deltaText?: string;
  message?: unknown;
  errorMessage?: string;
  stopReason?: string;
}

/** A `chat` event: the text so far, or the end. */
export function withChat(conversation: Conversation, payload: ChatPayload, at: number): Conversation {
  const { runId } = payload;
  if (payload.state === 'delta') {
    const whole = readMessage(payload.message).parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    return withRun(conversation, runId, at, (run) => ({ ...run, text: whole || run.text + (payload.deltaText ?? ''), firstAt: run.firstAt ?? at, phase: 'speaking' }));
  }
  if (!['final', 'error', 'aborted'].includes(payload.state)) return conversation;
  const run = conversation.runs.get(runId);
  const runs = new Map(conversation.runs);
  runs.delete(runId);
  const ended = new Map(conversation.ended).set(runId, {
    first: run?.firstAt === undefined ? undefined : run.firstAt - run.startedAt,
    took: run ? at - run.startedAt : 0,
    error: payload.state === 'error' ? (payload.errorMessage ?? 'error') : undefined,
    aborted: payload.state === 'aborted',
  });
  let { messages } = conversation;
  // The transcript tells the message as well, and mostly before; only what it does not tell is kept from here.
  if (run && run.text !== '' && !messages.some((one) => one.role === 'assistant' && one.runId === runId)) {
    const message = payload.message ? readMessage(payload.message) : undefined;
    messages = [...messages, {
      id: `run-${runId}`, role: 'assistant', at, runId, seq: undefined, model: message?.model ?? run.model, usage: message?.usage, stopReason: payload.stopReason,
      parts: message && message.parts.length > 0 ? message.parts : [...run.tools, { kind: 'text', text: run.text }],
    }];
  }
  return { ...conversation, runs, ended, messages };
}

interface AgentPayload {
  runId: string;
  stream: string;
  ts: number;
  data?: { [name: string]: unknown };
}

/** An `agent` event: what a run does beside speaking. */
export function withAgent(conversation: Conversation, payload: AgentPayload): Conversation {
  const { runId, ts, data = {} } = payload;
  switch (payload.stream) {
    case 'lifecycle': {
      const phase = String(data['phase'] ?? '');
      if (phase === 'end' || phase === 'error') return conversation;
      return withRun(conversation, runId, ts, (run) => ({
        ...run,
        phase: phase === 'model' || phase === 'start' ? (run.text ? run.phase : phase) : phase,
        model: phase === 'model' ? `${String(data['provider'] ?? '')}/${String(data['model'] ?? '')}` : run.model,
      }));
    }
    case 'thinking':
      return withRun(conversation, runId, ts, (run) => ({ ...run, thinking: text(data['text']) || run.thinking + text(data['delta']), phase: 'thinking' }));
    case 'tool': {
      const id = text(data['toolCallId'] ?? data['id']);
      const phase = String(data['phase'] ?? '');
      return withRun(conversation, runId, ts, (run) => {
        const before = run.tools.find((tool) => tool.id === id) ?? { kind: 'tool' as const, id, name: text(data['name']), args: data['args'], output: '', state: 'running' as const, startedAt: ts };
        const ended = phase === 'result' || phase === 'end' || phase === 'error';
        const output = text(data['partialResult'] ?? data['result'] ?? data['output']);
        const tool: ToolPart = {
          ...before,
          args: data['args'] ?? before.args,
          output: output || before.output,
          state: ended ? (data['isError'] === true || phase === 'error' ? 'failed' : 'done') : 'running',
          ...(ended ? { endedAt: ts } : {}),
        };
        return { ...run, tools: [...run.tools.filter((one) => one.id !== id), tool], phase: ended ? 'model' : 'tool' };
      });
    }
    default:
      return conversation;
  }
}

export function withFallback(conversation: Conversation, runId: string, at: number, told: string): Conversation {
  return withRun(conversation, runId, at, (run) => ({ ...run, fallback: told, text: '', thinking: '' }));
}
