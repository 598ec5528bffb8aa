// One official client wants to run something, another one decides.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { Device } from './lib/device.mjs';
import { startGateway } from './lib/gateway.mjs';
import { refusal, startClient } from './lib/official-client.mjs';
import { oursOnly, reference } from './lib/setup.mjs';

const scopes = ['operator.admin', 'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing'];

/** Starts the library with everything right, and waits for its hello. */
async function client(t, gateway, more) {
  const one = startClient(t, gateway, { token: gateway.token, scopes, ...more });
  await one.hello();
  return one;
}

const reviewer = (t, gateway) => client(t, gateway, { device: new Device(), caps: ['approvals'] });
const wish = (more) => ({ id: randomUUID(), command: 'ls -la', host: 'gateway', security: 'allowlist', ask: 'on-miss', agentId: 'main', sessionKey: 'agent:main:main', timeoutMs: 30_000, twoPhase: true, ...more });

describe('approvals of commands', () => {
  test('one client asks in two phases, another one sees it, reads it and decides', async (t) => {
    const gateway = await startGateway(t);
    const people = await reviewer(t, gateway);
    const asker = await client(t, gateway);
    const asked = wish();
    const answer = asker.request('exec.approval.request', asked, { expectFinal: true, timeoutMs: 60_000 });
    const event = await people.event('exec.approval.requested', ({ id }) => id === asked.id);
    assert.equal(event.payload.request.command, 'ls -la');
    assert.ok(event.payload.request.allowedDecisions.includes('deny'));
    const listed = await people.request('exec.approval.list', {});
    assert.ok(listed.some(({ id }) => id === asked.id));
    const one = await people.request('exec.approval.get', { id: asked.id });
    assert.equal(one.commandText, 'ls -la');
    const { approval } = await people.request('approval.get', { id: asked.id });
    assert.equal(approval.status, 'pending');
    assert.deepEqual(await people.request('exec.approval.resolve', { id: asked.id, decision: 'allow-once' }), { ok: true });
    assert.equal((await answer).decision, 'allow-once');
    const resolved = await people.event('exec.approval.resolved', ({ id }) => id === asked.id);
    assert.equal(resolved.payload.decision, 'allow-once');
    const waited = await asker.request('exec.approval.waitDecision', { id: asked.id });
    assert.equal(waited.decision, 'allow-once');
    assert.equal(asker.events.some((heard) => heard.event === 'exec.approval.requested'), false, 'the asker is not told what it asks');
    const history = await people.request('approval.history', { limit: 50 });
    assert.equal(history.items[0].id, asked.id);
    assert.equal(history.items[0].status, 'allowed');
  });

  test('the unified resolver tells everybody what stands, and a second word does not count', async (t) => {
    const gateway = await startGateway(t);
    const people = [await reviewer(t, gateway), await reviewer(t, gateway)];
    const asker = await client(t, gateway);
    const asked = wish();
    const answer = asker.request('exec.approval.request', asked, { expectFinal: true, timeoutMs: 60_000 });
    for (const one of people) await one.event('exec.approval.requested', ({ id }) => id === asked.id);
    const [first, second] = await Promise.all(people.map((one, at) =>
      one.request('approval.resolve', { id: asked.id, kind: 'exec', decision: at === 0 ? 'deny' : 'allow-once' })));
    assert.notEqual(first.applied, second.applied, 'one of the two counts');
    assert.equal(first.approval.decision, second.approval.decision);
    assert.equal((await answer).decision, first.approval.decision);
    const other = first.approval.decision === 'deny' ? 'allow-once' : 'deny';
    const late = await refusal(people[0].request('exec.approval.resolve', { id: asked.id, decision: other }));
    assert.equal(late.details.reason, 'APPROVAL_ALREADY_RESOLVED');
    assert.deepEqual(await people[0].request('exec.approval.resolve', { id: asked.id, decision: first.approval.decision }), { ok: true });
  });

  test('with nobody who could answer there is no decision, at once', async (t) => {
    const gateway = await startGateway(t);
    const asker = await client(t, gateway);
    const answer = await asker.request('exec.approval.request', wish(), { expectFinal: true });
    assert.equal(answer.decision, null);
    const unknown = await refusal(asker.request('exec.approval.resolve', { id: 'nope', decision: 'deny' }));
    assert.equal(unknown.message, 'unknown or expired approval id');
    assert.equal(unknown.details.reason, 'APPROVAL_NOT_FOUND');
    assert.equal((await refusal(asker.request('exec.approval.resolve', { id: 'nope', decision: 'maybe' }))).message, 'invalid decision');
  });

  test('whoever follows the session with its approvals is told them, from the start', async (t) => {
    const gateway = await startGateway(t);
    const people = await reviewer(t, gateway);
    const asker = await client(t, gateway);
    const { key } = await people.request('sessions.create', {});
    const empty = await people.request('sessions.messages.subscribe', { key, includeApprovals: true });
    assert.deepEqual(empty.approvalReplay.approvals, []);
    const asked = wish({ sessionKey: key });
    const answer = asker.request('exec.approval.request', asked, { expectFinal: true, timeoutMs: 60_000 });
    const pending = await people.event('session.approval', ({ phase }) => phase === 'pending');
    assert.equal(pending.payload.approval.id, asked.id);
    assert.equal(pending.payload.approval.presentation.commandText, 'ls -la');
    const second = await reviewer(t, gateway);
    const replay = await second.request('sessions.messages.subscribe', { key, includeApprovals: true });
    assert.deepEqual(replay.approvalReplay.approvals.map(({ id }) => id), [asked.id]);
    await second.request('exec.approval.resolve', { id: asked.id, decision: 'deny' });
    for (const one of [people, second]) {
      const terminal = await one.event('session.approval', ({ phase }) => phase === 'terminal');
      assert.equal(terminal.payload.approval.decision, 'deny');
    }
    assert.equal((await answer).decision, 'deny');
  });

  test('the policy is read and replaced under its hash', async (t) => {
    const gateway = await startGateway(t);
    const owner = await client(t, gateway);
    const before = await owner.request('exec.approvals.get', {});
    assert.equal(before.file.version, 1);
    const file = { version: 1, defaults: { security: 'allowlist', ask: 'always' }, agents: { main: { allowlist: [{ pattern: '/usr/bin/rg' }] } } };
    const after = await owner.request('exec.approvals.set', { file, ...(before.exists ? { baseHash: before.hash } : {}) });
    assert.notEqual(after.hash, before.hash);
    assert.equal(after.file.agents.main.allowlist[0].pattern, '/usr/bin/rg');
    const stale = await refusal(owner.request('exec.approvals.set', { file, baseHash: before.hash }));
    assert.match(stale.message, /changed since last load/);
    assert.equal((await owner.request('exec.approvals.get', {})).hash, after.hash);
  });
});

describe('what only this gateway does', oursOnly('it keeps no standing permission for what no scheduled job asked'), () => {
  test('what was allowed for good is not asked about again, until it is revoked', async (t) => {
    const gateway = await startGateway(t);
    const people = await reviewer(t, gateway);
    const asker = await client(t, gateway);
    const asked = wish();
    const answer = asker.request('exec.approval.request', asked, { expectFinal: true, timeoutMs: 60_000 });
    await people.event('exec.approval.requested', ({ id }) => id === asked.id);
    await people.request('approval.resolve', { id: asked.id, kind: 'exec', decision: 'allow-always', grantExpiresInDays: 7 });
    assert.equal((await answer).decision, 'allow-always');
    assert.equal((await asker.request('exec.approval.request', wish(), { expectFinal: true })).decision, 'allow-always');
    const { grants } = await people.request('exec.approval.grants.list', {});
    assert.equal(grants[0].command, 'ls -la');
    assert.deepEqual(await people.request('exec.approval.grants.revoke', { grantId: grants[0].grantId }), { outcome: 'revoked' });
    const again = wish();
    const asking = asker.request('exec.approval.request', again, { expectFinal: true, timeoutMs: 60_000 });
    await people.event('exec.approval.requested', ({ id }) => id === again.id);
    await people.request('exec.approval.resolve', { id: again.id, decision: 'deny' });
    assert.equal((await asking).decision, 'deny');
  });
});

describe('questions of agents', () => {
  test('an agent asks, a person answers, the agent is told', async (t) => {
    const gateway = await startGateway(t);
    const with_questions = { scopes: [...scopes, 'operator.questions'], device: new Device() };
    const person = await client(t, gateway, with_questions);
    const agent = await client(t, gateway, { scopes: [...scopes, 'operator.questions'] });
    const questions = [{ questionId: 'colour', header: 'Colour', question: 'Which?', options: [{ label: 'red' }, { label: 'green' }] }];
    const { id } = await agent.request('question.request', { questions, timeoutMs: 60_000 });
    const answer = agent.request('question.waitAnswer', { id });
    const asked = await person.event('question.requested', (record) => record.id === id);
    assert.equal(asked.payload.status, 'pending');
    const { questions: waiting } = await person.request('question.list', {});
    assert.ok(waiting.some((record) => record.id === id));
    const answers = { answers: { colour: ['green'] } };
    assert.deepEqual(await person.request('question.resolve', { id, answers }), { status: 'answered', answers });
    assert.deepEqual(await answer, { status: 'answered', answers });
    const resolved = await person.event('question.resolved', (record) => record.id === id);
    assert.equal(resolved.payload.status, 'answered');
    const { question } = await agent.request('question.get', { id });
    assert.equal(question.status, 'answered');
    if (!reference) assert.equal(question.resolvedBy, 'gateway-client');
  });
});
