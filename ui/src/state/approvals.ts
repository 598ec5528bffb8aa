// What waits for a person's word: commands, wishes of plugins, questions of agents. One list for every view.
import { computed, effect, signal, untracked } from '@preact/signals';
import type { ApprovalRequested } from '../../../docs/methods';
import { CallError, epoch, gateway, hello } from '../link';

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

/** Adds one; the same one twice is one. */
export function added(list: readonly Waiting[], one: Waiting): readonly Waiting[] {
  return [...list.filter(({ id }) => id !== one.id), one].sort((a, b) => a.createdAtMs - b.createdAtMs);
}

async function fetchWaiting(): Promise<void> {
  if (!gateway.may('operator.approvals')) {
    fetched.value = true;
    return;
  }
  try {
    const [exec, plugin] = await Promise.all([gateway.call('exec.approval.list', {}), gateway.call('plugin.approval.list', {})]);
    waiting.value = [...exec, ...plugin].map(read).sort((a, b) => a.createdAtMs - b.createdAtMs);
    failed.value = undefined;
    if (gateway.may('operator.questions')) {
      const list = (await gateway.call('question.list', {})) as unknown as { questions: Question[] };
      questions.value = list.questions.filter(({ status }) => status === 'pending');
    }
  } catch (error) {
    if (error instanceof CallError && error.error.code !== 'DISCONNECTED') failed.value = error;
  }
  fetched.value = true;
}

/** Decides. It leaves the list when the gateway says so, at the latest with its answer. */
export async function decide(one: Waiting, decision: Decision): Promise<void> {
  const method = one.kind === 'plugin' ? 'plugin.approval.resolve' : 'exec.approval.resolve';
  await gateway.call(method, { id: one.id, decision });
  waiting.value = waiting.value.filter(({ id }) => id !== one.id);
}

export async function answer(id: string, answers: Record<string, string[]> | undefined): Promise<void> {
  await gateway.call('question.resolve', answers ? { id, answers: { answers } } : { id, cancel: true });
  questions.value = questions.value.filter((one) => one.id !== id);
}

export function startApprovals(): void {
  for (const kind of ['exec', 'plugin']) {
    gateway.on(`${kind}.approval.requested`, (payload) => (waiting.value = added(waiting.value, read(payload as ApprovalRequested))));
    gateway.on(`${kind}.approval.resolved`, (payload) => {
      const { id } = payload as { id: string };
      waiting.value = waiting.value.filter((one) => one.id !== id);
    });
  }
  gateway.on('question.requested', (payload) => {
    const one = payload as Question;
    questions.value = [...questions.value.filter(({ id }) => id !== one.id), one];
  });
  gateway.on('question.resolved', (payload) => {
    const { id } = payload as { id: string };
    questions.value = questions.value.filter((one) => one.id !== id);
  });
  effect(() => {
    if (epoch.value > 0 && hello.peek()) untracked(() => void fetchWaiting());
  });
}
