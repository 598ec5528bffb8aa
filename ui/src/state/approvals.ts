// What waits for a person's word: commands, wishes of plugins, questions of agents. One list for every view.
import { computed, effect, signal, untracked } from '@preact/signals';
import type { ApprovalRequested } from '../../../docs/methods';
import { CallError, epoch, gateway, hello, through } from '../link';
import { T } from '../text';
import { Meanwhile, over } from './meanwhile';

export interface ExecAsked {
  command: string;
  commandArgv?: string[];
  envKeys?: string[];
  cwd: string | null;
  nodeId: string | null;
  host: string | null;
  warningText: string | null;
  commandAnalysis?: { commandCount: number; nestedCommandCount: number; riskKinds: string[]; warningLines: string[] };
  allowedDecisions: Decision[];
  agentId: string | null;
  resolvedPath: string | null;
  sessionKey: string | null;
  runId: string | null;
  toolCallId: string | null;
}

export interface PluginAsked {
  title: string;
  description: string;
  detail: string | null;
  severity: string;
  pluginId: string | null;
  toolName: string | null;
  allowedDecisions: Decision[];
  agentId: string | null;
  sessionKey: string | null;
}

export type Decision = 'allow-once' | 'allow-always' | 'deny';

export interface Waiting {
  id: string;
  /** The gateway that asks, when it is not the one that the page acts on. */
  at?: string;
  kind: 'exec' | 'plugin';
  request: ExecAsked | PluginAsked;
  createdAtMs: number;
  expiresAtMs: number;
}

export interface Question {
  id: string;
  at?: string;
  questions: { questionId: string; header: string; question: string; options: { label: string; description?: string }[]; multiSelect?: boolean; isOther?: boolean }[];
  agentId?: string;
  sessionKey?: string;
  createdAtMs: number;
  expiresAtMs: number;
  status: string;
}

/** A gateway beside the one that the page acts on, and what waits there. */
export interface Place {
  id: string;
  name: string;
  /** Why it is not known what waits there; nothing while that is being asked. */
  problem: string | undefined;
  reached: boolean;
  /** How far its clock is ahead of this one, milliseconds. */
  ahead: number;
  waiting: readonly Waiting[];
  questions: readonly Question[];
}

/** Names the gateway that the page is connected to, while it acts on another. No gateway has such an id. */
export const HOME = '~';

const listed = signal<readonly Waiting[]>([]);
const unanswered = signal<readonly Question[]>([]);
/** How far the clock of the gateway is ahead that the page acts on; measured only when that is another machine's. */
const ahead = signal(0);

type Timed = { createdAtMs: number; expiresAtMs: number };

/** By our clock what is written by another. */
export function timed<O extends Timed>(list: readonly O[], ms: number): readonly O[] {
  return ms === 0 ? list : list.map((one) => ({ ...one, createdAtMs: one.createdAtMs - ms, expiresAtMs: one.expiresAtMs - ms }));
}

/** What waits on the gateway that the page acts on. */
export const waiting = computed(() => timed(listed.value, ahead.value));
export const questions = computed(() => timed(unanswered.value, ahead.value));
/** The other gateways. */
export const places = signal<readonly Place[]>([]);
export const failed = signal<CallError | undefined>(undefined);
export const fetched = signal(false);

const byAge = (a: Timed, b: Timed) => a.createdAtMs - b.createdAtMs;

/** What waits anywhere, the oldest first. */
export const everyWaiting = computed(() => gathered(waiting.value, places.value.map((place) => timed(place.waiting, place.ahead))));
export const everyQuestion = computed(() => gathered(questions.value, places.value.map((place) => timed(place.questions, place.ahead))));

function gathered<O extends Timed>(here: readonly O[], there: readonly (readonly O[])[]): readonly O[] {
  return there.every(({ length }) => length === 0) ? here : [here, ...there].flat().sort(byAge);
}

/** How many things need a person. */
export const needed = computed(() => everyWaiting.value.length + everyQuestion.value.length);

/** What it is called among those of all gateways. */
export const nameIn = (one: { id: string; at?: string }): string => (one.at === undefined ? one.id : `${one.id}@${one.at}`);

/** Which gateway asks; nothing where there is only one. */
export function placeOf(at: string | undefined): string | undefined {
  if (places.value.length === 0) return undefined;
  return at === undefined ? (through.value?.name ?? T.fleet.here) : places.value.find(({ id }) => id === at)?.name;
}

export const isExec = (one: Waiting): one is Waiting & { request: ExecAsked } => one.kind === 'exec';

export function read(one: ApprovalRequested): Waiting {
  return {
    id: one.id,
    kind: one.approvalKind === 'plugin' ? 'plugin' : 'exec',
    request: one.request as unknown as ExecAsked | PluginAsked,
    createdAtMs: one.createdAtMs,
    expiresAtMs: one.expiresAtMs,
  };
}

/** Adds one; the same one twice is one. */
export function added(list: readonly Waiting[], one: Waiting): readonly Waiting[] {
  return [...list.filter(({ id }) => id !== one.id), one].sort(byAge);
}

const decided = new Meanwhile<Waiting>();
const answered = new Meanwhile<Question>();

function came(one: Waiting): void {
  decided.note(one.id, one);
  listed.value = added(listed.value, one);
}

function gone(id: string): void {
  decided.note(id, undefined);
  listed.value = listed.value.filter((one) => one.id !== id);
}

function settled(id: string): void {
  answered.note(id, undefined);
  unanswered.value = unanswered.value.filter((one) => one.id !== id);
}

/** Calls a method of some gateway. */
export type Ask = (method: string, params: unknown) => Promise<unknown>;
const here: Ask = (method, params) => gateway.request(method, params);
/** Calls one of the gateway with this id. */
export const askOf = (at: string): Ask => (method, params) => gateway.requestOf(at === HOME ? undefined : at, method, params);

/** Every approval that waits now. */
export async function listWaiting(ask: Ask = here): Promise<Waiting[]> {
  const [exec, plugin] = (await Promise.all([ask('exec.approval.list', {}), ask('plugin.approval.list', {})])) as ApprovalRequested[][];
  return [...exec!, ...plugin!].map(read);
}

/** Every question that nobody has answered. */
export async function listQuestions(ask: Ask = here): Promise<Question[]> {
  const list = (await ask('question.list', {})) as { questions: Question[] };
  return list.questions.filter(({ status }) => status === 'pending');
}

/** How far a gateway's clock is ahead of this one; half the way there and back is the answer's. */
export async function clockOf(ask: Ask): Promise<number> {
  const sent = Date.now();
  const { ts } = (await ask('ping', {})) as { ts: number };
  return ts - (sent + Date.now()) / 2;
}

let fetching = 0;

export async function fetchWaiting(): Promise<void> {
  if (!gateway.may('operator.approvals')) {
    fetched.value = true;
    return;
  }
  const mine = ++fetching;
  try {
    const other = through.peek()?.id;
    const [[wait, decisions], [asked, answers], its] = await Promise.all([
      decided.during(() => listWaiting()),
      answered.during(async () => (gateway.may('operator.questions') ? listQuestions() : [])),
      other === undefined ? 0 : clockOf(askOf(other)),
    ]);
    if (mine !== fetching) return;
    listed.value = over(wait, decisions).sort(byAge);
    unanswered.value = over(asked, answers);
    ahead.value = its;
    failed.value = undefined;
  } catch (error) {
    // What is lost is asked again with the next connection; until then nothing is known, which is not the same as none.
    if (mine !== fetching || !(error instanceof CallError) || error.lost) return;
    failed.value = error;
  }
  fetched.value = true;
}

/** Decides. It leaves the list when the gateway says so, at the latest with its answer. */
export async function decide(one: Waiting, decision: Decision): Promise<void> {
  const method = one.kind === 'plugin' ? 'plugin.approval.resolve' : 'exec.approval.resolve';
  await askAt(one)(method, { id: one.id, decision });
  left(one);
}

export async function answer(one: Question, answers: Record<string, string[]> | undefined): Promise<void> {
  await askAt(one)('question.resolve', answers ? { id: one.id, answers: { answers } } : { id: one.id, cancel: true });
  left(one);
}

const askAt = ({ at }: { at?: string }): Ask => (at === undefined ? here : askOf(at));

function left({ id, at }: { id: string; at?: string }): void {
  if (at === undefined) {
    gone(id);
    settled(id);
    return;
  }
  const others = <O extends { id: string }>(list: readonly O[]) => list.filter((one) => one.id !== id);
  places.value = places.value.map((place) => (place.id === at ? { ...place, waiting: others(place.waiting), questions: others(place.questions) } : place));
}

export function startApprovals(): void {
  for (const kind of ['exec', 'plugin']) {
    gateway.on(`${kind}.approval.requested`, (payload) => came(read(payload as ApprovalRequested)));
    gateway.on(`${kind}.approval.resolved`, (payload) => gone((payload as { id: string }).id));
  }
  gateway.on('question.requested', (payload) => {
    const one = payload as Question;
    answered.note(one.id, one);
    unanswered.value = [...unanswered.value.filter(({ id }) => id !== one.id), one];
  });
  gateway.on('question.resolved', (payload) => settled((payload as { id: string }).id));
  effect(() => {
    if (epoch.value > 0 && hello.peek()) untracked(() => void fetchWaiting());
  });
}
