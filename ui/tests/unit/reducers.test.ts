import { describe, expect, test } from 'vitest';
import { empty, goingOn, seqOf, trimmed, withAgent, withChat, withFallback, withHistory, withMessage, withOlder, withSendFailed, withSent, type Message } from '../../src/state/chat';
import { none, withChange, withChanges, withPage, withPageAnd } from '../../src/state/sessions';
import { Meanwhile, over } from '../../src/state/meanwhile';
import { news } from '../../src/state/announced';
import { tellsMore } from '../../src/link';
import { localMinute, unitOf } from '../../src/pages/cron';
import { T } from '../../src/text';
import { added, timed, type Question, type Waiting } from '../../src/state/approvals';
import { without } from '../../src/state/far';
import { fields, leaves, patchOf, replaced, same, valueAt, type Schema } from '../../src/state/schema';
import { plain, upcoming } from '../../src/format-cron';
import { absolute, ago, bytes, count, millis, money, quoted, shortKey, span, spoken } from '../../src/format';
import { fit } from '../../src/parts/palette';
import { Plain } from '../../src/parts/plain';
import { h, render } from 'preact';
import { find, together } from '../../src/state/finding';
import { sample } from '../../src/state/sample';
import { column, drawn } from '../../src/state/figures';
import type { SessionRow } from '../../src/shapes';

const sent = (runId: string): Message => ({ id: runId, role: 'user', parts: [{ kind: 'text', text: 'hi' }], at: 1, runId, seq: undefined, model: undefined, usage: undefined, stopReason: undefined, pending: 'sending' });
const assistant = (runId: string, text: string) => ({ role: 'assistant', content: [{ type: 'text', text }], model: 'm', provider: 'p', timestamp: 9, __openclaw: { id: `m-${runId}`, runId, seq: 2 }, usage: { input: 3, output: 4, totalTokens: 7, cost: { total: 0.5 } } });

describe('a conversation', () => {
  test('shows what was sent at once, streams the reply, and ends with one message', () => {
    let it = withSent(empty, sent('r'));
    it = withMessage(it, { role: 'user', content: 'hi', idempotencyKey: 'r', timestamp: 2 });
    expect(it.messages).toHaveLength(1);
    expect(it.messages[0]!.pending).toBeUndefined();
    it = withChat(it, { runId: 'r', state: 'delta', deltaText: 'He', message: { role: 'assistant', content: [{ type: 'text', text: 'He' }] } }, 10);
    it = withChat(it, { runId: 'r', state: 'delta', deltaText: 'llo', message: { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] } }, 12);
    expect(it.runs.get('r')).toMatchObject({ text: 'Hello', firstAt: 10, phase: 'speaking' });
    it = withMessage(it, assistant('r', 'Hello'));
    it = withChat(it, { runId: 'r', state: 'final', stopReason: 'stop', message: assistant('r', 'Hello') }, 15);
    expect(it.runs.size).toBe(0);
    expect(it.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(it.messages[1]!.usage).toMatchObject({ input: 3, output: 4, cost: 0.5 });
  });

  test('keeps what was streamed when the transcript never tells it, and deltas after the end change nothing', () => {
    let it = withChat(empty, { runId: 'r', state: 'delta', deltaText: 'Half', message: undefined }, 1);
    it = withChat(it, { runId: 'r', state: 'aborted', stopReason: 'rpc' }, 5);
    expect(it.messages[0]!.parts).toEqual([{ kind: 'text', text: 'Half' }]);
    expect(it.ended.get('r')).toMatchObject({ aborted: true });
    expect(withChat(it, { runId: 'r', state: 'delta', deltaText: 'late' }, 6).runs.size).toBe(0);
  });

  test('tells an error, and a message that was not taken', () => {
    const failed = withChat(withChat(empty, { runId: 'r', state: 'delta', deltaText: '' }, 1), { runId: 'r', state: 'error', errorMessage: 'no key' }, 2);
    expect(failed.ended.get('r')!.error).toBe('no key');
    expect(withSendFailed(withSent(empty, sent('r')), 'r', 'too big').messages[0]!.pending).toEqual({ failed: 'too big' });
  });

  test('shows tools at work and what they answered', () => {
    const event = (data: object) => ({ runId: 'r', stream: 'tool', ts: 5, data: { toolCallId: 't', name: 'exec', ...data } });
    let it = withAgent(empty, event({ phase: 'start', args: { command: 'ls' } }));
    it = withAgent(it, event({ phase: 'update', partialResult: 'a' }));
    expect(it.runs.get('r')!.tools).toMatchObject([{ name: 'exec', state: 'running', output: 'a' }]);
    it = withAgent(it, event({ phase: 'result', result: 'a\nb', isError: false }));
    expect(it.runs.get('r')!.tools).toMatchObject([{ state: 'done', output: 'a\nb' }]);
    expect(withAgent(it, event({ phase: 'result', result: 'x', isError: true })).runs.get('r')!.tools).toMatchObject([{ state: 'failed' }]);
  });

  test('puts tool results of the history to their calls', () => {
    const it = withHistory(empty, [
      { role: 'assistant', content: [{ type: 'toolCall', id: 't', name: 'exec', arguments: { command: 'ls' } }] },
      { role: 'toolResult', toolCallId: 't', content: [{ type: 'text', text: 'out' }] },
    ], false);
    expect(it.messages).toHaveLength(1);
    expect(it.messages[0]!.parts[0]).toMatchObject({ kind: 'tool', output: 'out', state: 'done' });
  });

  test('history keeps what is not sent yet, and older pages come before', () => {
    const it = withHistory(withSent(empty, sent('mine')), [{ role: 'user', content: 'before', timestamp: 1, __openclaw: { id: 'a', runId: 'x' } }], true);
    expect(it.messages.map(({ id }) => id)).toEqual(['a', 'mine']);
    const more = withOlder(it, [{ role: 'user', content: '0', __openclaw: { id: '0' } }, { role: 'user', content: 'before', __openclaw: { id: 'a' } }], false);
    expect(more.messages.map(({ id }) => id)).toEqual(['0', 'a', 'mine']);
  });

  test('a stand-in voids what was streamed', () => {
    const it = withFallback(withChat(empty, { runId: 'r', state: 'delta', deltaText: 'x' }, 1), 'r', 2, 'b stands in');
    expect(it.runs.get('r')).toMatchObject({ text: '', fallback: 'b stands in' });
  });

  test('after a break only the run goes on that the gateway says is at work', () => {
    const it = withChat(withChat(empty, { runId: 'a', state: 'delta', deltaText: 'A' }, 1), { runId: 'b', state: 'delta', deltaText: 'B' }, 2);
    expect([...goingOn(it, 'b', 9).runs.values()]).toMatchObject([{ runId: 'b', text: 'B' }]);
    expect(goingOn(it, undefined, 9).runs.size).toBe(0);
    expect([...goingOn(empty, 'c', 9).runs.values()]).toMatchObject([{ runId: 'c', text: '', phase: 'model' }]);
  });

  test('lets go of the oldest when there are very many, and can fetch them again', () => {
    const raws = Array.from({ length: 30 }, (_, n) => ({ role: 'assistant', content: `m${n}`, __openclaw: { id: `m${n}`, runId: `r${n}`, seq: n } }));
    let it = withHistory(empty, raws, false);
    for (let n = 0; n < 30; n++) it = withChat(withChat(it, { runId: `r${n}`, state: 'delta', deltaText: '' }, 1), { runId: `r${n}`, state: 'final' }, 2);
    expect(trimmed(it, 30, 10)).toBe(it);
    const less = trimmed(it, 20, 10);
    expect([less.messages.length, less.messages[0]!.seq, less.ended.size, less.hasMore]).toEqual([10, 20, 10, true]);
    expect([seqOf(raws[3]), seqOf({}), seqOf(null), seqOf({ __openclaw: { seq: 'x' } })]).toEqual([3, undefined, undefined, undefined]);
  });

  test('content of unknown shape is nothing, never an error', () => {
    for (const content of [undefined, null, 5, {}, [null], [{ type: 'new' }], [{ type: 'image', data: 'x', mimeType: 'text/html' }]]) {
      expect(() => withMessage(empty, { role: 'assistant', content })).not.toThrow();
    }
  });
});

const row = (key: string, more: Partial<SessionRow> = {}): SessionRow => ({
  key, agentId: 'main', kind: 'direct', totalTokens: 0, inputTokens: 0, outputTokens: 0, contextTokens: 0, cost: 0, messageCount: 0, hasActiveRun: false, archived: false, pinned: false, isMain: false, createdAt: 0, updatedAt: 0, ...more,
});

describe('lists', () => {
  test('sessions: pages add up, changes keep the title, removal counts', () => {
    let known = withPage(none, { sessions: [row('a', { derivedTitle: 'Trip' })], totalCount: 2, hasMore: true });
    known = withPage(known, { sessions: [row('b')], totalCount: 2, hasMore: false });
    expect([known.total, known.complete]).toEqual([2, true]);
    known = withChange(known, 'a', row('a', { cost: 5 }));
    expect(known.rows.get('a')).toMatchObject({ derivedTitle: 'Trip', cost: 5 });
    known = withChange(known, 'c', row('c'));
    expect(known.total).toBe(3);
    expect(withChange(known, 'a', undefined).total).toBe(2);
  });

  test('approvals: oldest first, the same one once', () => {
    const one = (id: string, at: number): Waiting => ({ id, kind: 'exec', createdAtMs: at, expiresAtMs: at, request: {} as never });
    const list = added(added(added([], one('b', 2)), one('a', 1)), one('b', 2));
    expect(list.map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('what changes while a list is on its way', () => {
  const one = (id: string, at = 1): Waiting => ({ id, kind: 'exec', createdAtMs: at, expiresAtMs: at, request: { agentId: 'ops', command: `run ${id}` } as never });

  test('wins over the list: what was decided does not come back, what came stays', async () => {
    const log = new Meanwhile<Waiting>();
    log.note('before', undefined);
    const [list, changes] = await log.during(async () => {
      log.note('decided', undefined);
      log.note('new', one('new'));
      return [one('decided'), one('waits'), one('before')];
    });
    expect(over(list, changes).map(({ id }) => id)).toEqual(['waits', 'before', 'new']);
    // A list that fails leaves nothing behind that listens.
    await expect(log.during(async () => { throw new Error('lost'); })).rejects.toThrow('lost');
    expect((await log.during(async () => 1))[1].size).toBe(0);
  });

  test('sessions: many changes are one, and a page does not undo them', () => {
    const known = withPage(none, { sessions: [row('a', { derivedTitle: 'Trip' }), row('b')], totalCount: 2, hasMore: false });
    const changes = new Map([['a', row('a', { cost: 5 })], ['b', undefined], ['c', row('c')]]);
    const after = withChanges(known, changes);
    expect([...after.rows.keys()]).toEqual(['a', 'c']);
    expect(after.rows.get('a')).toMatchObject({ derivedTitle: 'Trip', cost: 5 });
    expect(withChanges(known, new Map())).toBe(known);
    expect([...withPageAnd(none, { sessions: [row('b')], totalCount: 1, hasMore: false }, new Map([['b', undefined]])).rows.keys()]).toEqual([]);
  });

  test('is said aloud once: one by its words, several by their number', () => {
    const [first, known] = news(new Set(), [one('a')], []);
    expect(first).toBe('ops wants to run: run a');
    expect(news(known, [one('a')], [])[0]).toBe('');
    const question = { id: 'q', questions: [{ questionId: '1', header: '', question: 'Which?', options: [] }], createdAtMs: 1, expiresAtMs: 1, status: 'pending' } as Question;
    expect(news(known, [one('a')], [question])[0]).toBe(`${T.unknown} asks: Which?`);
    expect(news(known, [one('a'), one('b')], [question])[0]).toBe(T.approval.several(3));
    expect(news(known, [], [])).toEqual(['', new Set()]);
    // The same id on another gateway is another request, and that gateway is named.
    expect(news(known, [one('a'), { ...one('a'), at: 'office' }], [])[0]).toMatch(/^office: /);
  });

  test('is a reason to ask again, but for the words of a reply', () => {
    expect([tellsMore('chat', { state: 'delta' }), tellsMore('chat', { state: 'final' }), tellsMore('chat', null), tellsMore('presence', {})]).toEqual([false, true, true, true]);
  });
});

describe('a command that waits', () => {
  test.each([
    ['rm \u202e/ fr-', 'rm U+202E/ fr-'], ['a\u200bb', 'aU+200Bb'], ['\u{e0041}', 'U+E0041'], ['\u0000\u001b[2K', 'U+0000U+001B[2K'], ['two\n\tlines', 'two\n\tlines'], ['Grüße 日本 עברית', 'Grüße 日本 עברית'], ['', ''],
  ])('shows what hides or turns letters round: %j', (text, shown) => {
    const box = document.createElement('div');
    render(h(Plain, { text }), box);
    expect(box.textContent).toBe(shown);
  });
});

describe('how a message begins', () => {
  test.each([
    ['Here is **three days**:\n\n1. *Alfama*', 'Here is three days: 1. Alfama'], ['# Plan\n> said `ls -l`', 'Plan said ls -l'], ['[a link](https://x.example) ![p](y)', 'a link p'],
    ['2 * 3 * 4 and snake_case_name and **', '2 * 3 * 4 and snake_case_name and **'], ['```sh\nls\n```', 'ls'], ['', ''],
  ])('%j', (text, shown) => expect(spoken(text)).toBe(shown));
});

describe('times', () => {
  test('a job is edited in the time of this browser and in the unit that says it', () => {
    const at = '2026-11-26T19:30:00.000Z';
    expect(new Date(localMinute(at)).toISOString()).toBe(at);
    expect(localMinute('soon')).toBe('');
    expect([30_000, 90_000, 60_000, 7_200_000, 86_400_000, 1].map(unitOf)).toEqual(['seconds', 'seconds', 'minutes', 'hours', 'days', 'seconds']);
  });
  test('what is no time is a dash, never an error', () => {
    for (const at of [Number.NaN, Infinity, 9e15, undefined, 'x']) expect(absolute(at as number)).toBe('–');
    expect(ago(1000, 61_000, true)).toBe('1 min');
  });
});

describe('the form of the configuration', () => {
  const schema: Schema = {
    properties: {
      gateway: {
        type: 'object',
        properties: {
          port: { type: 'integer', default: 18789, minimum: 0, maximum: 65535 },
          bind: { oneOf: [{ const: 'loopback', description: 'here' }, { const: 'lan' }] },
          token: { type: ['string', 'null'], writeOnly: true },
          origins: { type: 'array', items: { type: 'string' } },
          on: { type: 'boolean' },
          any: { type: 'object', additionalProperties: true },
        },
      },
    },
  };
  test('has a field of the right kind for each leaf', () => {
    const list = fields(schema, { 'gateway.port': { label: 'Port', help: 'Where' } });
    expect(list.map(({ path, kind }) => [path, kind])).toEqual([
      ['gateway.port', 'number'], ['gateway.bind', 'choice'], ['gateway.token', 'secret'], ['gateway.origins', 'list'], ['gateway.on', 'boolean'], ['gateway.any', 'json'],
    ]);
    expect(list[0]).toMatchObject({ label: 'Port', help: 'Where', preset: 18789, most: 65535, section: 'gateway' });
    expect(list[1]!.choices).toEqual([{ value: 'loopback', help: 'here' }, { value: 'lan', help: undefined }]);
  });
  test('makes one merge patch of edits', () => {
    const edits = new Map<string, unknown>([['gateway.port', 1], ['gateway.bind', undefined], ['gateway.any', { a: 1 }], ['cron.enabled', false]]);
    expect(patchOf(edits)).toEqual({ gateway: { port: 1, bind: null, any: { a: 1 } }, cron: { enabled: false } });
    expect(replaced(edits)).toEqual(['gateway.any']);
    expect([valueAt({ a: { b: 2 } }, 'a.b'), valueAt({ a: 1 }, 'a.b'), valueAt(undefined, 'a')]).toEqual([2, undefined, undefined]);
    expect([same([1], [1]), same(undefined, null), same(1, '1')]).toEqual([true, true, false]);
  });
});

describe('a difference', () => {
  test('of a whole section is told key by key', () => {
    expect(leaves({ path: 'cron', after: { a: 1, b: { c: [2] } } })).toEqual([{ path: 'cron.a', before: undefined, after: 1 }, { path: 'cron.b.c', before: undefined, after: [2] }]);
    expect(leaves({ path: 'x', before: { a: 1 } })).toEqual([{ path: 'x.a', before: 1, after: undefined }]);
    expect(leaves({ path: 'x', before: 1, after: { a: 1 } })).toHaveLength(1);
    expect(leaves({ path: 'x', after: {} })).toHaveLength(1);
  });
});

describe('words', () => {
  test.each([
    ['0 8 * * 1-5', 'Monday to Friday, at 08:00'], ['30 2 * * *', 'Every day, at 02:30'], ['*/15 * * * *', 'Every 15 minutes'], ['0 * * * *', 'Every hour'], ['0 9,17 * * MON', 'Every Monday, at 09:00 and 17:00'],
    ['0 0 1 * *', 'On the 1st, at 00:00'], ['0 12 24 12 *', 'On the 24th, in December, at 12:00'], ['0 10 * * 0,6', 'At weekends, at 10:00'], ['nonsense', 'nonsense'], ['1 2 3', '1 2 3'], ['0 8 L * *', '0 8 L * *'],
  ])('%s is "%s"', (expr, text) => expect(plain({ kind: 'cron', expr })).toBe(text));

  test('next times stay within their span', () => {
    expect(upcoming({ kind: 'every', everyMs: 1000 }, 1500, 1000, 3000)).toEqual([1500, 2500, 3500]);
    expect(upcoming({ kind: 'cron', expr: '0 8 * * *' }, 9_000_000, 0, 1000)).toEqual([]);
    expect(upcoming({ kind: 'every', everyMs: 1 }, 1, 0, 86_400_000).length).toBeLessThanOrEqual(200);
  });

  test('numbers, spans and money', () => {
    expect([count(0), count(999), count(1500), count(184_000), count(2_000_000)]).toEqual(['0', '999', '1.5k', '184k', '2M']);
    expect([money(0), money(0.00001), money(0.0061), money(0.711), money(1234)]).toEqual(['$0', '<$0.0001', '$0.0061', '$0.71', '$1,234']);
    expect([span(500), span(65_000), span(3_700_000), span(90_000_000)]).toEqual(['0 s', '1 min 5 s', '1 h 1 min', '1 d 1 h']);
    expect([millis(0), millis(12.4), millis(2100)]).toEqual(['<1 ms', '12 ms', '2.1 s']);
    expect([ago(1000, 2000), ago(0, 60_000), ago(120_000, 0)]).toEqual(['just now', '1 min ago', 'in 2 min']);
    expect([bytes(5), bytes(1536), bytes(25_276_510_208)]).toEqual(['5 B', '1.5 KiB', '23.5 GiB']);
    expect([shortKey('agent:main:trip'), shortKey('global')]).toEqual(['trip', 'global']);
    expect([quoted('a-b'), quoted("it's")]).toEqual(['a-b', `'it'\\''s'`]);
  });

  test('the palette finds by words and by letters, better fits first', () => {
    expect(fit('log', 'Logs')).toBeGreaterThan(fit('log', 'Changelog'));
    expect(fit('dvc', 'Devices & access')).toBeGreaterThan(0);
    expect(fit('xyz', 'Logs')).toBe(0);
  });
});

describe('security', () => {
  const base = { valid: true, issues: [], warnings: [] };
  const ids = (gateway: object, policy?: object) => find({ ...base, runtimeConfig: { gateway } } as never, policy as never).map(({ id }) => id);
  test('what the audit and the page both know is told once, the worst first, with the way to mend it', () => {
    const own = find({ valid: true, issues: [], warnings: [], runtimeConfig: { gateway: { controlUi: { allowedOrigins: ['*', 'https://a.example'] }, auth: { localBypass: true } } } }, undefined);
    const all = together(own, [
      { checkId: 'summary.attack_surface', severity: 'info', title: 'Surface', detail: 'one\ntwo' },
      { checkId: 'gateway.control_ui.allowed_origins_wildcard', severity: 'critical', title: 'Any page', detail: 'why', remediation: 'list them' },
      { checkId: 'unheard.of', severity: 'worse', title: 'New', detail: '' },
    ]);
    expect(all.map(({ title, severity }) => `${severity} ${title}`)).toEqual(['critical Any page', 'warn Local programs need no credential', 'info Surface', 'info New']);
    expect(all[0]).toMatchObject({ help: 'list them', fix: { path: 'gateway.controlUi.allowedOrigins', value: ['https://a.example'] } });
  });

  test('a plain configuration has no finding, and each weakness has its own', () => {
    expect(ids({ bind: 'loopback', auth: { mode: 'token' } })).toEqual([]);
    expect(ids({ auth: { mode: 'none' } })).toEqual(['noAuth']);
    expect(ids({ controlUi: { allowedOrigins: ['*', 'https://a'] } })).toEqual(['anyOrigin']);
    expect(ids({ bind: 'lan' })).toEqual(['plain']);
    expect(ids({ bind: 'lan', tls: { enabled: true } })).toEqual([]);
    expect(ids({}, { security: 'full', ask: 'off' })).toEqual(['execFull']);
    expect(find({ ...base, runtimeConfig: { gateway: { controlUi: { allowedOrigins: ['*', 'https://a'] } } } } as never, undefined)[0]!.fix).toEqual({ path: 'gateway.controlUi.allowedOrigins', value: ['https://a'] });
  });
});

describe('the console', () => {
  test('guesses parameters from a schema', () => {
    const root = { type: 'object', required: ['a', 'b', 'c'], properties: { a: { type: 'string' }, b: { $ref: '#/$defs/B' }, c: { enum: ['x', 'y'] }, d: { type: 'boolean' } }, $defs: { B: { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } } } };
    expect(sample(root, root)).toEqual({ a: '', b: { n: 0 }, c: 'x' });
  });
});

describe('figures over time', () => {
  test('there is nothing where nobody measured, and everything else keeps its place', () => {
    const at = [10_000, 20_010, 30_020, 90_000, 100_000];
    const of = drawn(at, [10_000, 10_010, 10_010, 10_000, 10_000]);
    expect(of.at).toEqual([10_000, 20_010, 30_020, 55_010, 90_000, 100_000]);
    expect(column(of, (n) => [1, 2, 3, 4, undefined][n])).toEqual([1, 2, 3, null, 4, null]);
    expect(drawn([], [])).toEqual({ at: [], places: [] });
  });
});

describe('other gateways', () => {
  test('what another clock says is told by this one', () => {
    const list = [{ id: 'a', createdAtMs: 5_000, expiresAtMs: 9_000 }];
    expect(timed(list, 1_000)).toEqual([{ id: 'a', createdAtMs: 4_000, expiresAtMs: 8_000 }]);
    expect(timed(list, 0)).toBe(list);
  });

  test('a name stands before a reason once', () => {
    expect(without('Office', 'office', 'Office: no route')).toBe('no route');
    expect(without('Office', 'office', 'office: it was closed')).toBe('it was closed');
    expect(without('Office', 'office', 'no route to Office: it is off')).toBe('no route to Office: it is off');
  });
});
