// The conversation that is open: history and events of one session, painted at most once a frame.
import { signal } from '@preact/signals';
import { CallError, gateway } from '../link';
import {
  empty, withAgent, withChat, withFallback, withHistory, withMessage, withOlder, withSendFailed, withSent, type Conversation, type Part,
} from './chat';

const PAGE = 60;

export interface Attached {
  name: string;
  type: string;
  /** Base64. */
  content: string;
  size: number;
}

export class Talk {
  readonly shown = signal<Conversation>(empty);
  readonly failed = signal<CallError | undefined>(undefined);
  readonly loaded = signal(false);
  private state: Conversation = empty;
  private frame: number | undefined;
  private readonly ends: (() => void)[] = [];

  constructor(readonly key: string, private readonly told: (to: string, why: string) => string) {
    const mine = <P>(listener: (payload: P) => void) => (payload: unknown) => {
      if ((payload as { sessionKey?: string }).sessionKey === key) listener(payload as P);
    };
    this.ends.push(
      gateway.on('chat', mine((payload: Parameters<typeof withChat>[1]) => this.change(withChat(this.state, payload, Date.now())))),
      gateway.on('agent', mine((payload: Parameters<typeof withAgent>[1]) => this.change(withAgent(this.state, payload)))),
      gateway.on('session.message', mine((payload: { message: unknown }) => this.change(withMessage(this.state, payload.message)))),
      gateway.on('model.fallback', mine((payload: { runId: string; to: string; reason: string }) =>
        this.change(withFallback(this.state, payload.runId, Date.now(), this.told(payload.to, payload.reason))))),
    );
  }

  close(): void {
    for (const end of this.ends) end();
    window.clearTimeout(this.frame);
    if (gateway.link.peek().phase === 'online') void gateway.call('sessions.messages.unsubscribe', { key: this.key }).catch(() => {});
  }

  /** Fetches what was said, and follows what will be. At the beginning, and after each connection that did not go on. */
  async open(): Promise<void> {
    try {
      const [startup] = await Promise.all([
        gateway.call('chat.startup', { sessionKey: this.key, limit: PAGE }),
        gateway.call('sessions.messages.subscribe', { key: this.key, includeApprovals: true }),
      ]);
      const { messages, hasMore } = startup as unknown as { messages: unknown[]; hasMore: boolean };
      this.state = { ...this.state, runs: new Map() };
      this.change(withHistory(this.state, messages, hasMore));
      this.failed.value = undefined;
    } catch (error) {
      if (error instanceof CallError && error.error.code !== 'DISCONNECTED') this.failed.value = error;
    }
    this.loaded.value = true;
  }

  async older(): Promise<void> {
    const answer = (await gateway.call('chat.history', { sessionKey: this.key, limit: PAGE, offset: this.state.messages.length })) as unknown as { messages: unknown[]; hasMore: boolean };
    this.change(withOlder(this.state, answer.messages, answer.hasMore));
  }

  /** Says something. Shown at once; marked when the gateway did not take it, and safe to say again. */
  async send(text: string, attached: readonly Attached[], again?: string): Promise<void> {
    const runId = again ?? `mc-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    const parts: Part[] = [{ kind: 'text', text }, ...attached.map((file): Part =>
      file.type.startsWith('image/') ? { kind: 'image', source: `data:${file.type};base64,${file.content}`, name: file.name } : { kind: 'file', name: file.name })];
    if (again) this.state = { ...this.state, messages: this.state.messages.filter(({ runId: id, pending }) => !(pending && id === again)) };
    this.change(withSent(this.state, { id: runId, role: 'user', parts, at: Date.now(), runId, model: undefined, usage: undefined, stopReason: undefined, pending: 'sending' }));
    try {
      await gateway.call('chat.send', {
        sessionKey: this.key as never, message: text, idempotencyKey: runId as never,
        ...(attached.length > 0 ? { attachments: attached.map((file) => ({ fileName: file.name, mimeType: file.type, type: file.type.startsWith('image/') ? 'image' : 'file', content: file.content })) } : {}),
      });
    } catch (error) {
      this.change(withSendFailed(this.state, runId, error instanceof Error ? error.message : String(error)));
    }
  }

  private change(next: Conversation): void {
    this.state = next;
    // 200 deltas a second are still one painting for each frame; in a hidden tab frames do not come, so time does it.
    this.frame ??= window.setTimeout(() => {
      this.frame = undefined;
      this.shown.value = this.state;
    }, 16);
  }
}
