// What waits for a person's word on the other gateways that are reached through this one, so that one list holds all of it.
import { computed, effect, untracked } from '@preact/signals';
import type { ApprovalRequested, GatewaysListReply } from '../../../docs/methods';
import { CallError, gateway, link, through } from '../link';
import type { Hello } from '../link/frames';
import { T } from '../text';
import { added, askOf, clockOf, HOME, listQuestions, listWaiting, places, read, type Place, type Question, type Waiting } from './approvals';
import { Meanwhile, over } from './meanwhile';

/** All that is heard of them: a page that looks after many gateways is not told every word that is said on each. */
export const HEARD = [
  'exec.approval.requested', 'exec.approval.resolved', 'plugin.approval.requested', 'plugin.approval.resolved', 'question.requested', 'question.resolved',
];
/** Waits between attempts where the gateway in between reaches it, and this page does not. */
const AGAIN_MS = [2_000, 5_000, 10_000, 30_000];
/** Several changes at a time are one look. */
const SETTLE_MS = 150;

const mayOf = ({ auth }: Pick<Hello, 'auth'>, scope: string) => auth.scopes.includes('operator.admin') || auth.scopes.includes(scope);

/** Why, without the name that stands before it anyway. */
export function without(name: string, id: string, why: string): string {
  const before = [`${name}: `, `${id}: `].find((words) => why.startsWith(words));
  return before ? why.slice(before.length) : why;
}

/** One of them. What is shown of it stands in `places` alone. */
class Other {
  private readonly decided = new Meanwhile<Waiting>();
  private readonly answered = new Meanwhile<Question>();
  private readonly ask;
  /** Grows with each attempt, so that the answers of an older one are not taken for its own. */
  private attempt = 0;
  private failures = 0;
  private timer: number | undefined;
  private busy = false;
  private questions = false;

  constructor(readonly id: string, name: string) {
    this.ask = askOf(id);
    places.value = [...places.peek(), { id, name, problem: undefined, reached: false, ahead: 0, waiting: [], questions: [] }];
  }

  get shown(): Place | undefined {
    return places.peek().find(({ id }) => id === this.id);
  }

  private show(change: Partial<Place>): void {
    places.value = places.peek().map((place) => (place.id === this.id ? { ...place, ...change } : place));
  }

  /** The gateway in between says how it is. */
  is(name: string, state: string, problem: string | undefined): void {
    if (this.shown?.name !== name) this.show({ name });
    if (state === 'connected') {
      if (!this.busy && !this.shown?.reached && this.timer === undefined) void this.reach();
    } else if (state !== 'connecting') this.lost(problem ?? T.fleet.gone);
    else if (this.shown?.problem === undefined) this.show({ reached: false });
  }

  /** The connection here is new: what was followed over the former one has ended with it. */
  anew(): void {
    this.stop();
    this.show({ reached: false });
  }

  end(): void {
    this.stop();
    places.value = places.peek().filter(({ id }) => id !== this.id);
  }

  private stop(): void {
    this.attempt += 1;
    this.busy = false;
    window.clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Nothing is known of it any more. */
  lost(why: string): void {
    this.stop();
    this.failures = 0;
    this.show({ reached: false, problem: without(this.shown?.name ?? this.id, this.id, why), waiting: [], questions: [] });
  }

  /** Follows it, and asks what waits there. */
  async reach(): Promise<void> {
    this.stop();
    const mine = this.attempt;
    this.busy = true;
    try {
      const said = this.id === HOME ? gateway.home : ((await gateway.requestOf(undefined, 'gateways.attach', { id: this.id, events: HEARD })) as { hello: Hello }).hello;
      if (mine !== this.attempt || !said) return;
      if (!mayOf(said, 'operator.approvals')) {
        this.busy = false;
        this.show({ reached: false, problem: T.approvals.mayNot, waiting: [], questions: [] });
        return;
      }
      this.questions = mayOf(said, 'operator.questions');
      const ahead = await clockOf(this.ask);
      if (mine !== this.attempt) return;
      this.show({ ahead });
      await this.fetch(mine);
      this.failures = 0;
    } catch (error) {
      this.failed(mine, error);
    }
  }

  /** Asks anew, after events were missed. */
  again(): void {
    if (this.busy) return;
    this.stop();
    this.busy = true;
    const mine = this.attempt;
    this.fetch(mine).catch((error: unknown) => this.failed(mine, error));
  }

  private async fetch(mine: number): Promise<void> {
    const [[wait, decisions], [open, answers]] = await Promise.all([
      this.decided.during(async () => (await listWaiting(this.ask)).map((one) => this.own(one))),
      this.answered.during(async () => (this.questions ? (await listQuestions(this.ask)).map((one) => this.own(one)) : [])),
    ]);
    if (mine !== this.attempt) return;
    this.busy = false;
    this.show({ reached: true, problem: undefined, waiting: over(wait, decisions), questions: over(open, answers) });
  }

  private own<O>(one: O): O & { at: string } {
    return { ...one, at: this.id };
  }

  private failed(mine: number, error: unknown): void {
    if (mine !== this.attempt) return;
    const failures = this.failures;
    // With the next connection everything is asked anew.
    if (error instanceof CallError && error.lost) {
      this.stop();
      return;
    }
    this.lost(error instanceof Error ? error.message : String(error));
    this.failures = failures + 1;
    this.timer = window.setTimeout(() => void this.reach(), AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]!);
  }

  /** The line to it ended, and not because of anything that was said here. */
  cut(why: string): void {
    this.failed(this.attempt, new Error(why));
  }

  hear(event: string, payload: unknown): void {
    const place = this.shown;
    if (!place || !HEARD.includes(event)) return;
    const { id } = payload as { id: string };
    const [kind] = event.split('.');
    const others = <O extends { id: string }>(list: readonly O[]) => list.filter((one) => one.id !== id);
    if (kind === 'question') {
      const one = event.endsWith('.requested') ? this.own(payload as Question) : undefined;
      this.answered.note(id, one);
      this.show({ questions: one ? [...others(place.questions), one] : others(place.questions) });
      return;
    }
    const one = event.endsWith('.requested') ? this.own(read(payload as ApprovalRequested)) : undefined;
    this.decided.note(id, one);
    this.show({ waiting: one ? added(place.waiting, one) : others(place.waiting) });
  }
}

export function startFar(): void {
  const others = new Map<string, Other>();
  const online = computed(() => link.value.phase === 'online');
  let looks = 0;
  let timer: number | undefined;

  const look = async () => {
    window.clearTimeout(timer);
    timer = undefined;
    const mine = ++looks;
    const home = gateway.home;
    const may = home !== undefined && mayOf(home, 'operator.approvals') && ['gateways.list', 'gateways.attach', 'gateways.call'].every((method) => home.features.methods.includes(method));
    let list: GatewaysListReply['gateways'] = [];
    try {
      if (may) list = ((await gateway.requestOf(undefined, 'gateways.list', {})) as GatewaysListReply).gateways;
    } catch {
      // The next connection, or the next change, asks again.
      return;
    }
    if (mine !== looks) return;
    const acted = through.peek()?.id;
    const there = list.filter(({ id }) => id !== acted).map(({ id, name, state, problem }) => ({ id, name, state, why: problem?.message }));
    if (may && acted !== undefined) there.unshift({ id: HOME, name: T.fleet.here, state: 'connected', why: undefined });
    for (const [id, other] of others) {
      if (there.some((one) => one.id === id)) continue;
      other.end();
      others.delete(id);
    }
    for (const { id, name, state, why } of there) {
      const other = others.get(id) ?? new Other(id, name);
      others.set(id, other);
      other.is(name, state, why);
    }
  };

  effect(() => {
    if (!online.value) return;
    untracked(() => {
      for (const other of others.values()) other.anew();
      void look();
    });
  });
  gateway.on('gateways.changed', () => (timer ??= window.setTimeout(() => void look(), SETTLE_MS)));
  gateway.on('gateways.line', (payload) => {
    const { id, state, why } = payload as { id: string; state: string; why: string };
    const other = others.get(id);
    if (state === 'gap') other?.again();
    else other?.cut(why);
  });
  gateway.onFar((id, event, payload) => others.get(id ?? HOME)?.hear(event, payload));
}
