// What is said aloud to people who listen to the page instead of looking at it: requests that need them, and where they are.
import { effect, signal, untracked } from '@preact/signals';
import { T } from '../text';
import { everyQuestion, everyWaiting, fetched, isExec, nameIn, placeOf, type PluginAsked, type Question, type Waiting } from './approvals';

/** The newest words. A number makes the same words new again. */
export const said = signal<{ n: number; text: string }>({ n: 0, text: '' });

export function say(text: string): void {
  said.value = { n: said.peek().n + 1, text };
}

const ofWaiting = (one: Waiting): string =>
  isExec(one)
    ? T.approval.arrived(one.request.agentId ?? T.unknown, one.request.command)
    : T.approval.arrivedPlugin((one.request as PluginAsked).pluginId ?? T.unknown, (one.request as PluginAsked).title);

/** With the gateway that asks, when it is another one. */
const from = (one: { at?: string }, words: string): string => (one.at === undefined ? words : T.approval.from(placeOf(one.at) ?? one.at, words));

const ofQuestion = (one: Question): string => T.approval.arrivedPlugin(one.agentId ?? T.unknown, one.questions[0]?.question ?? '');

/** The words for what came since the last look, and the names that are known from now on. */
export function news(known: ReadonlySet<string>, wait: readonly Waiting[], open: readonly Question[]): [string, Set<string>] {
  const isNew = (one: { id: string; at?: string }) => !known.has(nameIn(one));
  const fresh = [...wait.filter(isNew).map((one) => from(one, ofWaiting(one))), ...open.filter(isNew).map((one) => from(one, ofQuestion(one)))];
  const text = fresh.length > 1 ? T.approval.several(wait.length + open.length) : (fresh[0] ?? '');
  return [text, new Set([...wait, ...open].map(nameIn))];
}

export function startAnnouncing(): void {
  let known = new Set<string>();
  effect(() => {
    if (!fetched.value) return;
    const [text, all] = news(known, everyWaiting.value, everyQuestion.value);
    known = all;
    if (text !== '') untracked(() => say(text));
  });
}
