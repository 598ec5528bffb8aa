import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CallError, gateway } from '../../src/link';
import { Talk } from '../../src/state/talk';

const listeners = new Map<string, ((payload: unknown) => void)[]>();
const tell = (event: string, payload: object) => listeners.get(event)?.forEach((listener) => listener({ sessionKey: 'agent:main:x', ...payload }));
const line = (seq: number, text: string, role = 'assistant') => ({ role, content: text, timestamp: seq, __openclaw: { id: `m${seq}`, runId: `r${seq}`, seq } });
let calls: [string, Record<string, unknown>][];
let answer: (method: string, params: Record<string, unknown>) => Promise<unknown>;
let talk: Talk;
const shown = async (): Promise<string[]> => {
  await vi.advanceTimersByTimeAsync(20);
  return talk.shown.value.messages.map(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : part.kind)).join(' '));
};

beforeEach(() => {
  vi.useFakeTimers();
  listeners.clear();
  calls = [];
  vi.spyOn(gateway, 'on').mockImplementation((event, listener) => {
    listeners.set(event, [...(listeners.get(event) ?? []), listener]);
    return () => true;
  });
  vi.spyOn(gateway, 'call').mockImplementation(((method: string, params: Record<string, unknown>) => {
    calls.push([method, params]);
    return answer(method, params);
  }) as never);
  talk = new Talk('agent:main:x', (to) => to);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a conversation that is opened', () => {
  test('hears first and reads then, and what was said meanwhile is not lost', async () => {
    answer = async (method) => {
      if (method !== 'chat.startup') return {};
      tell('session.message', { message: line(2, 'while reading') });
      tell('chat', { runId: 'r9', state: 'delta', deltaText: 'writing' });
      return { messages: [line(1, 'before')], hasMore: false };
    };
    await talk.open();
    expect(calls.map(([method]) => method)).toEqual(['sessions.messages.subscribe', 'chat.startup']);
    expect(await shown()).toEqual(['before', 'while reading']);
    expect([...talk.shown.value.runs.keys()]).toEqual(['r9']);
  });

  test('shows the run that is at work, and forgets one that ended during a break', async () => {
    tell('chat', { runId: 'gone', state: 'delta', deltaText: 'half' });
    answer = async (method) => (method === 'chat.startup' ? { messages: [], hasMore: false, inFlightRun: { runId: 'works' } } : {});
    await talk.open();
    await shown();
    expect([...talk.shown.value.runs.keys()]).toEqual(['works']);
  });

  test('says nothing of a lost connection, and what the gateway refuses', async () => {
    answer = async (method) => { throw new CallError(method, { code: 'DISCONNECTED', message: 'lost' }); };
    await talk.open();
    expect([talk.failed.value, talk.loaded.value]).toEqual([undefined, false]);
    answer = async (method) => { throw new CallError(method, { code: 'INVALID_REQUEST', message: 'no' }); };
    await talk.open();
    expect(talk.failed.value).toBeInstanceOf(CallError);
  });

  test('older lines are counted as the gateway counts them, tool results among them', async () => {
    answer = async (method) => method === 'chat.startup'
      ? { messages: [line(41, 'a'), { role: 'toolResult', toolCallId: 'none', content: 'x', __openclaw: { id: 't', seq: 42 } }, line(43, 'b')], hasMore: true }
      : method === 'chat.history' ? { messages: [line(40, 'older')], hasMore: true } : {};
    await talk.open();
    await talk.older();
    tell('session.message', { message: line(44, 'new') });
    await talk.older();
    expect(calls.filter(([method]) => method === 'chat.history').map(([, params]) => params['offset'])).toEqual([3, 5]);
    expect((await shown())[0]).toBe('older');
  });

  test('a message that was not taken is sent again with its files', async () => {
    answer = async () => { throw new Error('not now'); };
    await talk.send('look', [{ name: 'a.txt', type: 'text/plain', content: 'YQ==', size: 1 }]);
    await shown();
    const [message] = talk.shown.value.messages;
    expect(message!.pending).toEqual({ failed: 'not now' });
    answer = async () => ({});
    await talk.send('look', [], message!.runId);
    const sends = calls.filter(([method]) => method === 'chat.send').map(([, params]) => params);
    expect(sends[1]).toEqual(sends[0]);
    expect(sends[1]!['attachments']).toHaveLength(1);
    expect(await shown()).toEqual(['look file']);
  });
});

describe('a message that is said while the connection goes', () => {
  const pending = async () => {
    await shown();
    return talk.shown.value.messages.map((message) => message.pending);
  };
  const lost = (method: string) => new CallError(method, { code: 'DISCONNECTED', message: 'lost' });

  test('is said again with the next connection under the same key, and is there once', async () => {
    let back: (there: boolean) => void = () => {};
    vi.spyOn(gateway, 'online').mockImplementation(() => new Promise((resolve) => { back = resolve; }));
    let connected = false;
    answer = async (method) => {
      if (!connected) throw lost(method);
      return { runId: 'r', status: 'started' };
    };
    const said = talk.send('hello', []);
    expect(await pending()).toEqual(['sending']);
    back(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(await pending(), 'lost again').toEqual(['sending']);
    connected = true;
    back(true);
    await said;
    const keys = calls.filter(([method]) => method === 'chat.send').map(([, params]) => params.idempotencyKey);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(await shown()).toEqual(['hello']);
  });

  test('is given back to the person when there is no connection for long, and when it is refused', async () => {
    vi.spyOn(gateway, 'online').mockImplementation(async () => false);
    answer = async (method) => { throw lost(method); };
    await talk.send('hello', []);
    expect(await pending()).toEqual([{ failed: 'lost' }]);
    answer = async (method) => { throw new CallError(method, { code: 'INVALID_REQUEST', message: 'no' }); };
    await talk.send('other', []);
    expect((await pending()).at(-1)).toEqual({ failed: 'no' });
  });
});
