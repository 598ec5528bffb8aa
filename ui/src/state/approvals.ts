// What waits for a person's word: commands, wishes of plugins, questions of agents. One list for every view.
import { computed, effect, signal, untracked } from '@preact/signals';
import type { ApprovalRequested } from '../../../docs/methods';
import { CallError, epoch, gateway, hello } from '../link';
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
  kind: 'exec' | 'plugin';
  request: ExecAsked | PluginAsked;
  createdAtMs: number;
  expiresAtMs: number;
}

export interface Question {
  id: string;
  questions: { questionId: string; header: string; question: string; options: { label: string; description?: string }[]; multiSelect?: boolean; isOther?: boolean }[];
  agentId?: string;
  sessionKey?: string;
  createdAtMs: number;
  expiresAtMs: number;
  status: string;
}

export const waiting = signal<readonly Waiting[]>([]);
export const questions = signal<readonly Question[]>([]);
export const failed = signal<CallError | undefined>(undefined);
export const fetched = signal(false);

/** How many things need a person. */
export const needed = computed(() => waiting.value.length + questions.value.length);

export const isExec = (one: Waiting): one is Waiting & { request: ExecAsked } => one.kind === 'exec';

function read(one: ApprovalRequested): Waiting {
  return {
    id: one.id,
    kind: one.approvalKind === 'plugin' ? 'plugin' : 'exec',
    request: one.request as unknown as ExecAsked | PluginAsked,
    createdAtMs: one.createdAtMs,
    expiresAtMs: one.expiresAtMs,
  };
}

const byAge = (a: Waiting, b: Waiting) => a.createdAtMs - b.createdAtMs;

/** Adds one; the same one twice is one. */
export function added(list: readonly Waiting[], one: Waiting): readonly Waiting[] {
  return [...list.filter(({ id }) => id !== one.id), one].sort(byAge);
}

const decided = new Meanwhile<Waiting>();
const answered = new Meanwhile<Question>();

function came(one: Waiting): void {
  decided.note(one.id, one);
  waiting.value = added(waiting.value, one);
}

function gone(id: string): void {
  decided.note(id, undefined);
  waiting.value = waiting.value.filter((one) => one.id !== id);
}

function settled(id: string): void {
  answered.note(id, undefined);
  questions.value = questions.value.filter((one) => one.id !== id);
}

/** Everything that waits now. */
export async function listWaiting(): Promise<Waiting[]> {
  const [exec, plugin] = await Promise.all([gateway.call('exec.approval.list', {}), gateway.call('plugin.approval.list', {})]);
  return [...exec, ...plugin].map(read);
}

async function listQuestions(): Promise<Question[]> {
  if (!gateway.may('operator.questions')) return [];
  const list = (await gateway.call('question.list', {})) as unknown as { questions: Question[] };
  return list.questions.filter(({ status }) => status === 'pending');
}

let fetching = 0;

export async function fetchWaiting(): Promise<void> {
  if (!gateway.may('operator.approvals')) {
    fetched.value = true;
    return;
  }
  const mine = ++fetching;
  try {
    const [[wait, decisions], [open, answers]] = await Promise.all([decided.during(listWaiting), answered.during(listQuestions)]);
    if (mine !== fetching) return;
    waiting.value = over(wait, decisions).sort(byAge);
    questions.value = over(open, answers);
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
  await gateway.call(method, { id: one.id, decision });
  gone(one.id);
}

export async function answer(id: string, answers: Record<string, string[]> | undefined): Promise<void> {
  await gateway.call('question.resolve', answers ? { id, answers: { answers } } : { id, cancel: true });
  settled(id);
}

export function startApprovals(): void {
  for (const kind of ['exec', 'plugin']) {
    gateway.on(`${kind}.approval.requested`, (payload) => came(read(payload as ApprovalRequested)));
    gateway.on(`${kind}.approval.resolved`, (payload) => gone((payload as { id: string }).id));
  }
  gateway.on('question.requested', (payload) => {
    const one = payload as Question;
    answered.note(one.id, one);
    questions.value = [...questions.value.filter(({ id }) => id !== one.id), one];
  });
  gateway.on('question.resolved', (payload) => settled((payload as { id: string }).id));
  effect(() => {
    if (epoch.value > 0 && hello.peek()) untracked(() => void fetchWaiting());
  });
}
