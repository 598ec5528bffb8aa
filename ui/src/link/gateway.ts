// One connection to the gateway: carries out what the machine decides, answers calls, tells events.
import { signal, type Signal } from '@preact/signals';
import type { Methods } from '../../../docs/methods';
import { bytes } from '../format';
import { T } from '../text';
import { CONTENT, identity, forget, NoIdentity, TOKEN, type Host, type Identity } from './device';
import { read, type Frame, type Hello, type Place } from './frames';
import { initial, PING_EVERY_MS, step, type Effect, type Happening, type Link } from './machine';
import { get, type Credential, type Options } from './passkey';
import type { WireError } from './refusal';
import type { Keeps } from './storage';

export const CLIENT = { id: 'openclaw-control-ui', mode: 'ui', platform: 'web', displayName: 'Mission Control' } as const;
export const SCOPES = [
  'operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing', 'operator.questions',
] as const;
const CAPS = ['tool-events', 'approvals'];
/** A handshake that takes longer than this is given up. */
const HANDSHAKE_MS = 15_000;
const FIRST_PING_MS = 1200;
/** Frames that the console remembers. */
const KEPT_FRAMES = 200;
/** Under which name a tab keeps which other gateway it acts on. */
export const THROUGH = 'mc_through';
/** Waits between attempts to reach another gateway through this one. */
const REACH_MS = [2_000, 5_000, 10_000, 30_000];
/** What is asked of this gateway even while the page acts on another. */
const own = (method: string) => method === 'ping' || method.startsWith('gateways.');

/** What is ambient in a browser, passed in. */
export interface Surroundings extends Host {
  url: string;
  version: string;
  storage: Keeps;
  /** What only this tab keeps. */
  tab: Keeps;
  socket(url: string): WebSocket;
  now(): number;
  random(): number;
  id(): string;
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(timer: number): void;
}

/** A call that the gateway refused, or that never got there. */
export class CallError extends Error {
  constructor(readonly method: string, readonly error: WireError) {
    super(error.message);
  }
  get code(): string {
    return this.error.details?.code ?? this.error.code;
  }
  /** There was no connection. Whatever it was to show is asked for again as soon as there is one. */
  get lost(): boolean {
    return this.error.code === 'DISCONNECTED' || this.error.code === 'NOT_CONNECTED';
  }
}

/** A frame as the console shows it: a token of another gateway is entered once and seen nowhere again. */
function tokenless(method: string, text: string): string {
  return method.startsWith('gateways.') ? text.replace(/"token":"(?:[^"\\]|\\.)*"/g, '"token":"…"') : text;
}

/** Bytes of a text on the wire; counted only where it could be more than `most`. */
function bytesOf(text: string, most: number): number {
  return text.length * 3 <= most ? text.length : new TextEncoder().encode(text).length;
}

/** The scopes that were enough before: a reload must not ask for more again. */
function content(storage: Keeps): readonly string[] | undefined {
  try {
    const kept: unknown = JSON.parse(storage.getItem(CONTENT) ?? 'null');
    return Array.isArray(kept) && kept.length > 0 && kept.every((one) => typeof one === 'string') ? kept : undefined;
  } catch {
    return undefined;
  }
}

export interface SeenFrame {
  n: number;
  at: number;
  out: boolean;
  text: string;
}

type Listener = (payload: unknown) => void;
/** Hears other gateways than the one that the page acts on; no id for the one that it is connected to. */
type FarListener = (id: string | undefined, event: string, payload: unknown) => void;

/** The other gateway that the page acts on, through the one that it is connected to. */
export interface Through {
  id: string;
  name: string;
  /** Why it is not reached. While that is so nothing is asked of it, and nothing in its place of this one. */
  problem: string | undefined;
}

export class Gateway {
  readonly link: Signal<Link> = signal(initial);
  readonly hello: Signal<Hello | undefined> = signal(undefined);
  /**
   * Grows when everything that is shown has to be fetched anew: at each connection that could not go on where the last
   * ended, and at one that could when calls were lost in between. Events go on by themselves, answers do not.
   */
  readonly epoch: Signal<number> = signal(0);
  /** Who this browser is, once it has a key. */
  readonly deviceId: Signal<string | undefined> = signal(undefined);
  /** Frames in and out since the page was opened, for the figures. */
  readonly traffic = { sent: 0, received: 0, bytes: 0 };
  /** The newest frames, kept only while somebody looks. */
  readonly frames: Signal<SeenFrame[]> = signal([]);
  watching = 0;
  /** Set while the page acts on another gateway. */
  readonly through: Signal<Through | undefined> = signal(undefined);
  /** Whether it asks for less than it could use, because somebody was content with that. */
  readonly content: Signal<boolean> = signal(false);

  private socket: WebSocket | undefined;
  private identity: Promise<Identity> | undefined;
  private secret: { what: 'token' | 'password'; text: string } | undefined;
  /** Shown with the next connection, and with no other. */
  private passkey: Credential | undefined;
  private scopes: readonly string[] = SCOPES;
  /** A call found no connection, or lost it before its answer. */
  private missed = false;
  private readonly open = new Map<string, { method: string; resolve(value: unknown): void; reject(error: CallError): void }>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly anything = new Set<(event: string, payload: unknown) => void>();
  private readonly far = new Set<FarListener>();
  private timer: number | undefined;
  private pinger: number | undefined;
  private patience: number | undefined;
  private place: Place | undefined;
  /** What the gateway that it is connected to said. */
  private nearest: Hello | undefined;
  private reaching: number | undefined;
  private reached = 0;
  private nonce = '';
  private next = 1;

  constructor(private readonly around: Surroundings) {
    const kept = content(around.storage);
    this.scopes = kept ?? SCOPES;
    this.content.value = kept !== undefined;
    const id = around.tab.getItem(THROUGH);
    if (id) this.through.value = { id, name: id, problem: T.fleet.reaching };
  }

  /** Acts on another gateway, or on this one again. The page begins anew, so that nothing of the one is shown as the other's. */
  actOn(id: string | undefined): void {
    if (id) this.around.tab.setItem(THROUGH, id);
    else this.around.tab.removeItem(THROUGH);
  }

  start(): void {
    this.happen({ type: 'start' });
  }

  /** Connects with what the person typed, or what a login link was exchanged for. It stays in memory only. */
  useSecret(what: 'token' | 'password', text: string): void {
    this.secret = { what, text };
    this.happen({ type: 'secret' });
  }

  /** Asks the authenticator, and connects with what it says. */
  async confirm(options: Options): Promise<void> {
    this.happen({ type: 'confirming' });
    try {
      this.passkey = await get(options);
      this.happen({ type: 'secret' });
    } catch (error) {
      this.happen({ type: 'unconfirmed', why: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Goes on as before a secret that was not accepted. */
  dropSecret(): void {
    this.secret = undefined;
    this.happen({ type: 'anew' });
  }

  /** Whether this browser was let in before, so that there is something to go back to. */
  get known(): boolean {
    return this.link.peek().wasOnline || this.around.storage.getItem(TOKEN) !== null;
  }

  retry(): void {
    this.happen({ type: 'retry' });
  }

  /** The network is back: no reason to wait on. */
  wake(): void {
    this.happen({ type: 'online-again' });
  }

  resolved(resolved: boolean): void {
    this.happen({ type: 'resolved', resolved });
  }

  /** Asks for no more than an owner has approved. */
  acceptApproved(scopes: readonly string[]): void {
    this.scopes = scopes;
    this.content.value = true;
    this.around.storage.setItem(CONTENT, JSON.stringify(scopes));
    this.happen({ type: 'anew' });
  }

  /** Asks for everything again; an owner has to approve what is new. */
  askForMore(): void {
    this.wantAll();
    this.around.storage.removeItem(CONTENT);
    this.happen({ type: 'anew' });
  }

  private wantAll(): void {
    this.scopes = SCOPES;
    this.content.value = false;
  }

  async forgetDevice(): Promise<void> {
    this.secret = undefined;
    this.place = undefined;
    this.identity = undefined;
    this.wantAll();
    await forget(this.around, this.around.storage);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close(1000, 'device forgotten');
    this.happen({ type: 'forgotten' });
  }

  has(method: string): boolean {
    return this.hello.value?.features.methods.includes(method) ?? false;
  }

  may(scope: string): boolean {
    const scopes = this.hello.value?.auth.scopes ?? [];
    if (scopes.includes('operator.admin') || scopes.includes(scope)) return true;
    return scope === 'operator.read' && scopes.includes('operator.write');
  }

  call<M extends keyof Methods>(method: M, params: Methods[M]['params']): Promise<Methods[M]['reply']> {
    return this.request(method, params) as Promise<Methods[M]['reply']>;
  }

  /** A call by a name that is only known at run time. */
  request(method: string, params: unknown): Promise<unknown> {
    const through = own(method) ? undefined : this.through.peek();
    if (through?.problem !== undefined) {
      return Promise.reject(new CallError(method, { code: 'NOT_CONNECTED', message: T.fleet.unreached(through.name, through.problem) }));
    }
    return through ? this.ask(method, 'gateways.call', { id: through.id, method, params }) : this.ask(method, method, params);
  }

  /** A call to any gateway whichever the page acts on: to another by its id, without one to that which it is connected to. */
  requestOf(id: string | undefined, method: string, params: unknown): Promise<unknown> {
    return id === undefined ? this.ask(method, method, params) : this.ask(method, 'gateways.call', { id, method, params });
  }

  /** What the gateway said that it is connected to, whichever the page acts on. */
  get home(): Hello | undefined {
    return this.nearest;
  }

  /** `name` is what the person's wish is called in errors; `method` is what is sent. */
  private ask(name: string, method: string, params: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const error = (code: string, message: string) => new CallError(name, { code, message });
      // Looked at, not followed: an effect that calls must not run again with every ping.
      if (this.link.peek().phase !== 'online' || !this.socket) {
        this.miss(name);
        reject(error('NOT_CONNECTED', T.link.notConnected));
        return;
      }
      const id = `mc-${this.next++}`;
      const text = JSON.stringify({ type: 'req', id, method, params } satisfies Frame);
      // The gateway would end the connection, and with it everything else that is under way.
      const most = this.nearest?.policy.maxPayload;
      const size = most === undefined ? 0 : bytesOf(text, most);
      if (most !== undefined && size > most) {
        reject(error('PAYLOAD_TOO_LARGE', T.link.tooLarge(bytes(size), bytes(most))));
        return;
      }
      this.open.set(id, { method: name, resolve, reject });
      this.remember(true, tokenless(method, text));
      this.send(text);
    });
  }

  /** Whether calls go out: there is a connection, and the gateway that the page acts on is reached through it. */
  private reaches(): boolean {
    return this.link.peek().phase === 'online' && this.through.peek()?.problem === undefined;
  }

  /** Waits until calls go out. Whether they did before the time was up. */
  online(withinMs: number): Promise<boolean> {
    if (this.reaches()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (there: boolean) => {
        this.around.clearTimeout(timer);
        for (const stop of stops) stop();
        resolve(there);
      };
      const timer = this.around.setTimeout(() => end(false), Math.max(0, withinMs));
      const look = () => {
        // Later: it is told at once how things are, before there is anything to stop.
        if (this.reaches()) queueMicrotask(() => end(true));
      };
      const stops = [this.link.subscribe(look), this.through.subscribe(look)];
    });
  }

  on(event: string, listener: Listener): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  onAny(listener: (event: string, payload: unknown) => void): () => void {
    this.anything.add(listener);
    return () => this.anything.delete(listener);
  }

  onFar(listener: FarListener): () => void {
    this.far.add(listener);
    return () => this.far.delete(listener);
  }

  private happen(happening: Happening): void {
    const before = this.link.value.phase;
    const [link, effects] = step(this.link.value, happening, this.around.now(), this.around.random());
    this.link.value = link;
    if (before === 'online' && link.phase !== 'online') this.left();
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: Effect): void {
    const { around } = this;
    switch (effect.do) {
      case 'open':
        this.connect();
        break;
      case 'connect':
        void this.introduce();
        break;
      case 'close': {
        const socket = this.socket;
        this.socket = undefined;
        socket?.close(effect.code, effect.reason);
        break;
      }
      case 'timer':
        if (this.timer !== undefined) around.clearTimeout(this.timer);
        this.timer = around.setTimeout(() => this.happen({ type: 'timer' }), effect.ms);
        break;
      case 'no-timer':
        if (this.timer !== undefined) around.clearTimeout(this.timer);
        this.timer = undefined;
        break;
      case 'forget-token':
        around.storage.removeItem(TOKEN);
        break;
    }
  }

  private connect(): void {
    const former = this.socket;
    this.socket = undefined;
    former?.close(1000, 'a new attempt');
    let socket: WebSocket;
    try {
      socket = this.around.socket(this.around.url);
    } catch (error) {
      this.happen({ type: 'closed', code: 1006, reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.socket === socket && typeof data === 'string') this.hear(data);
    };
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.calm();
      this.happen({ type: 'closed', code, reason });
    };
    this.calm();
    this.patience = this.around.setTimeout(() => {
      if (this.socket !== socket || this.link.value.phase === 'online') return;
      this.socket = undefined;
      socket.close(4000, 'handshake timeout');
      this.happen({ type: 'closed', code: 1006, reason: T.link.noAnswer });
    }, HANDSHAKE_MS);
  }

  private calm(): void {
    if (this.patience !== undefined) this.around.clearTimeout(this.patience);
    this.patience = undefined;
  }

  private async introduce(): Promise<void> {
    const { around, nonce } = this;
    const socket = this.socket;
    const signedAt = around.now();
    let device: Identity;
    const secret = this.secret;
    const passkey = this.passkey;
    const deviceToken = secret ? undefined : (around.storage.getItem(TOKEN) ?? undefined);
    const token = secret?.what === 'token' ? secret.text : (deviceToken ?? '');
    const role = 'operator';
    let signature: string;
    try {
      device = await (this.identity ??= identity(around));
      signature = await device.sign({
        deviceId: device.id, clientId: CLIENT.id, clientMode: CLIENT.mode, role, scopes: this.scopes, signedAt, token, nonce,
      });
    } catch (error) {
      this.identity = undefined;
      if (this.socket !== socket) return;
      this.calm();
      this.happen({ type: 'no-identity', obstacle: error instanceof NoIdentity ? error.obstacle : 'no-storage' });
      return;
    }
    this.deviceId.value = device.id;
    if (this.socket !== socket) return;
    this.passkey = undefined;
    // It holds a credential, so it is never remembered.
    this.send(JSON.stringify({
      type: 'req',
      id: 'mc-connect',
      method: 'connect',
      params: {
        minProtocol: 3, maxProtocol: 4,
        client: { ...CLIENT, version: around.version, instanceId: `mc-${around.id()}` },
        role, scopes: this.scopes, caps: CAPS,
        device: { id: device.id, publicKey: device.publicKey, signature, signedAt, nonce },
        ...(secret || passkey ? { auth: { ...(secret ? { [secret.what]: secret.text } : {}), ...(passkey ? { passkey } : {}) } } : {}),
        ...(deviceToken ? { deviceToken } : {}),
        resume: this.place ? { from: this.place } : {},
      },
    } satisfies Frame));
  }

  private send(text: string): void {
    this.traffic.sent += 1;
    this.socket?.send(text);
  }

  private remember(out: boolean, text: string): void {
    if (this.watching === 0) return;
    this.frames.value = [...this.frames.value, { n: this.next++, at: this.around.now(), out, text }].slice(-KEPT_FRAMES);
  }

  private hear(text: string): void {
    this.traffic.received += 1;
    this.traffic.bytes += text.length;
    const frame = read(text);
    if (!frame) return;
    if (frame.type === 'event') {
      if (frame.event === 'connect.challenge') {
        this.nonce = String((frame.payload as { nonce?: unknown } | null)?.nonce ?? '');
        this.happen({ type: 'challenge' });
        return;
      }
      if (frame.position !== undefined && this.place) {
        this.place = { ...this.place, position: frame.position, behind: frame.behind ?? [] };
      }
      this.remember(false, text);
      this.told(frame.event, frame.payload);
      return;
    }
    if (frame.type !== 'res') return;
    if (frame.id === 'mc-connect') {
      if (frame.ok) this.welcome(frame.payload as Hello);
      else this.happen({ type: 'refused', error: frame.error });
      return;
    }
    this.remember(false, text);
    const waiting = this.open.get(frame.id);
    this.open.delete(frame.id);
    if (!waiting) return;
    if (frame.ok) waiting.resolve(frame.payload);
    else waiting.reject(new CallError(waiting.method, frame.error));
  }

  /** Whose event it is decides who hears it: while the page acts on another gateway, that one's alone. */
  private told(event: string, payload: unknown): void {
    const through = this.through.peek();
    const about = payload as { id?: unknown; event?: unknown; payload?: unknown; state?: unknown; why?: unknown } | null;
    if (through && about?.id === through.id) {
      if (event === 'gateways.event') {
        this.tell(String(about.event), about.payload);
        return;
      }
      if (event === 'gateways.line') {
        if (about.state === 'gap') this.epoch.value += 1;
        else this.unreached(String(about.why));
        return;
      }
      // The gateway in between knows first that it is gone, and that it is there again.
      if (event === 'gateways.changed' && about.state === 'connected' && through.problem !== undefined) void this.reach();
      else if (event === 'gateways.changed' && ['waiting', 'refused', 'removed'].includes(String(about.state)) && through.problem === undefined) this.unreached(T.fleet.gone);
    }
    if (event === 'gateways.event') for (const listener of this.far) listener(String(about?.id), String(about?.event), about?.payload);
    if (!through || event.startsWith('gateways.')) this.tell(event, payload);
    else for (const listener of this.far) listener(undefined, event, payload);
  }

  private tell(event: string, payload: unknown): void {
    for (const listener of this.listeners.get(event) ?? []) listener(payload);
    for (const listener of this.anything) listener(event, payload);
  }

  private unreached(why: string): void {
    const through = this.through.peek();
    if (!through) return;
    this.through.value = { ...through, problem: why };
    if (this.reaching !== undefined) this.around.clearTimeout(this.reaching);
    this.reaching = this.around.setTimeout(() => void this.reach(), REACH_MS[Math.min(this.reached++, REACH_MS.length - 1)]!);
  }

  /** Reaches the other gateway that the page acts on; what is shown is that one's from then on. */
  async reach(): Promise<void> {
    const through = this.through.peek();
    const near = this.nearest;
    if (!through || !near || this.link.peek().phase !== 'online') return;
    try {
      const { name, hello } = (await this.ask('gateways.attach', 'gateways.attach', { id: through.id })) as { name: string; hello: Hello };
      if (this.nearest !== near) return;
      if (this.reaching !== undefined) this.around.clearTimeout(this.reaching);
      this.reaching = undefined;
      this.reached = 0;
      const fleet = (words: readonly string[]) => words.filter((word) => word.startsWith('gateways.'));
      const theirs = (words: readonly string[]) => words.filter((word) => !word.startsWith('gateways.'));
      this.hello.value = {
        ...hello,
        type: 'hello-ok',
        features: { methods: [...theirs(hello.features.methods), ...fleet(near.features.methods)], events: hello.features.events },
        policy: { ...hello.policy, maxPayload: Math.min(hello.policy.maxPayload, near.policy.maxPayload) },
      };
      this.through.value = { id: through.id, name, problem: undefined };
      this.epoch.value += 1;
    } catch (error) {
      // A connection that was lost meanwhile reaches anew by itself; whatever else goes wrong is said, and tried again.
      if (this.nearest !== near || (error instanceof CallError && error.lost)) return;
      this.unreached(error instanceof Error ? error.message : String(error));
    }
  }

  private welcome(hello: Hello): void {
    this.calm();
    const { auth, resume } = hello;
    if (auth.deviceToken) {
      this.around.storage.setItem(TOKEN, auth.deviceToken);
      // From here on the device's own key and token are enough.
      this.secret = undefined;
    }
    // A token from before stays where none comes: if it holds no more, the gateway says so, and the key alone is tried.
    const goesOn = resume?.status === 'resumed' && !this.missed;
    this.missed = false;
    if (resume) this.place = { epoch: resume.epoch, ticket: resume.ticket, position: resume.position };
    this.nearest = hello;
    const through = this.through.peek();
    // Until the other one has answered nothing is known of it but that it is not this one.
    if (through) this.through.value = { ...through, problem: T.fleet.reaching };
    if (!through || this.hello.peek() === undefined) this.hello.value = hello;
    this.happen({ type: 'hello', protocol: hello.protocol });
    if (through) void this.reach();
    else if (!goesOn) this.epoch.value += 1;
    // Not in the rush of the first requests, which would be measured with it.
    this.pinger = this.around.setTimeout(() => this.ping(), FIRST_PING_MS);
  }

  /** Measures the way, and does so again every 30 s (spec 001). */
  private ping(): void {
    const { around } = this;
    if (this.pinger !== undefined) around.clearTimeout(this.pinger);
    this.happen({ type: 'pinged' });
    if (this.link.value.phase !== 'online') return;
    const sent = around.now();
    this.call('ping', {}).then(() => this.happen({ type: 'pong', rtt: around.now() - sent }), () => {});
    this.pinger = around.setTimeout(() => this.ping(), PING_EVERY_MS);
  }

  private left(): void {
    if (this.pinger !== undefined) this.around.clearTimeout(this.pinger);
    this.pinger = undefined;
    for (const { method, reject } of this.open.values()) {
      this.miss(method);
      reject(new CallError(method, { code: 'DISCONNECTED', message: T.link.lost }));
    }
    this.open.clear();
  }

  private miss(method: string): void {
    if (method !== 'ping') this.missed = true;
  }
}
