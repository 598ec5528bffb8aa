// The conversation that is open: history and events of one session, painted at most once a frame.
import { signal } from '@preact/signals';
import { CallError, gateway } from '../link';
import {
  empty, goingOn, seqOf, trimmed, withAgent, withChat, withFallback, withHistory, withMessage, withOlder, withSendFailed, withSent, type Conversation, type Part,
} from './chat';

const PAGE = 60;
/** Messages that are kept while nobody looks at old ones, and those that are left when there are more. */
const MOST = 400;
const LEFT = 200;
/** How long a message waits for a connection by itself. Later it may say what nobody means any more. */
const PATIENCE_MS = 120_000;

interface Startup {
  messages: unknown[];
  hasMore: boolean;
  inFlightRun?: { runId: string };
}

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
  private opening = 0;
  /** What was told while the history was on its way: it may be newer than what the history says. */
  private meanwhile: ((to: Conversation) => Conversation)[] | undefined;
  private places: { oldest: number; newest: number } | undefined;
  /** Files of messages that were not taken yet, so that sending again sends them too. */
  private readonly files = new Map<string, readonly Attached[]>();
  private readonly ends: (() => void)[] = [];

  constructor(readonly key: string, private readonly told: (to: string, why: string) => string) {
    const mine = <P>(listener: (payload: P) => void) => (payload: unknown) => {
      if ((payload as { sessionKey?: string }).sessionKey === key) listener(payload as P);
    };
    this.ends.push(
      gateway.on('chat', mine((payload: Parameters<typeof withChat>[1]) => this.happen((it) => withChat(it, payload, Date.now())))),
      gateway.on('agent', mine((payload: Parameters<typeof withAgent>[1]) => this.happen((it) => withAgent(it, payload)))),
      gateway.on('session.message', mine((payload: { message: unknown }) => {
        this.reach([payload.message]);
        this.happen((it) => withMessage(it, payload.message));
      })),
      gateway.on('model.fallback', mine((payload: { runId: string; to: string; reason: string }) =>
        this.happen((it) => withFallback(it, payload.runId, Date.now(), this.told(payload.to, payload.reason))))),
    );
  }

  close(): void {
    for (const end of this.ends) end();
    window.clearTimeout(this.frame);
    if (gateway.link.peek().phase === 'online') void gateway.call('sessions.messages.unsubscribe', { key: this.key }).catch(() => {});
  }

  /** Fetches what was said, and follows what will be. At the beginning, and after each connection that did not go on. */
  async open(): Promise<void> {
    const mine = ++this.opening;
    const { runs } = this.state;
    const meanwhile: ((to: Conversation) => Conversation)[] = (this.meanwhile = []);
    try {
      // In this order, so that nothing is said between the two unheard.
      await gateway.call('sessions.messages.subscribe', { key: this.key, includeApprovals: true });
      const startup = (await gateway.call('chat.startup', { sessionKey: this.key, limit: PAGE })) as unknown as Startup;
      if (mine !== this.opening) return;
      this.places = undefined;
      this.reach(startup.messages);
      const fetched = withHistory(goingOn({ ...this.state, runs }, startup.inFlightRun?.runId, Date.now()), startup.messages, startup.hasMore);
      this.change(meanwhile.reduce((it, happened) => happened(it), fetched));
      this.failed.value = undefined;
    } catch (error) {
      // What is lost is asked again with the next connection; until then nothing is known.
      if (mine !== this.opening || !(error instanceof CallError) || error.lost) return;
      this.failed.value = error;
    } finally {
      if (this.meanwhile === meanwhile) this.meanwhile = undefined;
    }
    this.loaded.value = true;
  }

  async older(): Promise<void> {
    // Lines are counted from the newest, tool results among them, so the number of messages that are shown would be too few.
    const offset = this.places ? this.places.newest + 1 - this.places.oldest : this.state.messages.length;
    const answer = (await gateway.call('chat.history', { sessionKey: this.key, limit: PAGE, offset })) as unknown as Startup;
    this.reach(answer.messages);
    this.change(withOlder(this.state, answer.messages, answer.hasMore));
  }

  /** Lets go of what is far above, for a page that stays open for days. It comes back with "older". */
  trim(): void {
    const kept = trimmed(this.state, MOST, LEFT);
    if (kept === this.state) return;
    const oldest = kept.messages.find(({ seq }) => seq !== undefined)?.seq;
    if (this.places && oldest !== undefined) this.places.oldest = oldest;
    this.change(kept);
  }

  private reach(raws: readonly unknown[]): void {
    for (const raw of raws) {
      const seq = seqOf(raw);
      if (seq === undefined) continue;
      this.places = { oldest: Math.min(this.places?.oldest ?? seq, seq), newest: Math.max(this.places?.newest ?? seq, seq) };
    }
  }

  private happen(change: (to: Conversation) => Conversation): void {
    this.meanwhile?.push(change);
    this.change(change(this.state));
  }

  /**
   * Says something. Shown at once. What got lost with a connection is said again with the next one: its key sees to it that the
   * gateway takes it once. Marked when the gateway did not take it.
   */
  async send(text: string, attached: readonly Attached[], again?: string): Promise<void> {
    const sending = again ? (this.files.get(again) ?? attached) : attached;
    const runId = again ?? `mc-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
    const parts: Part[] = [{ kind: 'text', text }, ...sending.map((file): Part =>
      file.type.startsWith('image/') ? { kind: 'image', source: `data:${file.type};base64,${file.content}`, name: file.name } : { kind: 'file', name: file.name })];
    if (sending.length > 0) this.files.set(runId, sending);
    if (again) this.state = { ...this.state, messages: this.state.messages.filter(({ runId: id, pending }) => !(pending && id === again)) };
    this.change(withSent(this.state, { id: runId, role: 'user', parts, at: Date.now(), runId, seq: undefined, model: undefined, usage: undefined, stopReason: undefined, pending: 'sending' }));
    const until = Date.now() + PATIENCE_MS;
    const say = () => gateway.call('chat.send', {
      sessionKey: this.key as never, message: text, idempotencyKey: runId as never,
      ...(sending.length > 0 ? { attachments: sending.map((file) => ({ fileName: file.name, mimeType: file.type, type: file.type.startsWith('image/') ? 'image' : 'file', content: file.content })) } : {}),
    });
    try {
      for (;;) {
        try {
          await say();
          break;
        } catch (error) {
          if (!(error instanceof CallError) || !error.lost || !(await gateway.online(until - Date.now()))) throw error;
        }
      }
      this.files.delete(runId);
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
