// Is everything well, what are my agents doing, what needs me, what does it cost.
import { useMemo } from 'preact/hooks';
import { computed } from '@preact/signals';
import { Avatar, Badge, Card, Dot, Loaded, Meter, Skeleton, Spark, Stat, Time } from '../parts/basic';
import { ApprovalCard, QuestionCard } from '../parts/approval-card';
import { Icon } from '../parts/icons';
import { copy } from '../parts/basic';
import { attempt, Button } from '../parts/basic';
import { count, exact, money, shortKey, span, today } from '../format';
import { gateway, hello, now, useCall } from '../link';
import { previewOf, titleOf, type PairedDevice, type PairingRequest, type StatusPage } from '../shapes';
import { everyQuestion, everyWaiting, nameIn, needed } from '../state/approvals';
import { agents, happened, health, lines } from '../state/live';
import { fetched, known, running, sessions } from '../state/sessions';
import { T } from '../text';
import type { UsageCostReply } from '../../../docs/methods';
import '../style/overview.css';

const errors = computed(() => lines.value.filter(({ level }) => level === 'error').length);

export default function Overview() {
  const status = useCall<'status', StatusPage>('status', {}, { every: 30_000, on: ['presence', 'config.changed'], settle: 1500 });
  const cost = useCall('usage.cost', { days: 30 }, { on: ['chat'], settle: 3000 });
  const pairing = useCall<'device.pair.list', { pending: PairingRequest[]; paired: PairedDevice[] }>(
    'device.pair.list', gateway.may('operator.pairing') ? {} : undefined, { on: ['device.pair.requested', 'device.pair.resolved'] });
  const waitingDevices = pairing.data?.pending.length ?? 0;
  const isNew = fetched.value && known.value.total === 0;
  return (
    <div class="stack">
      <Headline status={status.data} />
      {status.error && !status.data && <Loaded asked={status}>{() => null}</Loaded>}
      <Figures status={status.data} cost={cost.data} />
      {(needed.value > 0 || waitingDevices > 0) && (
        <section class="stack tight" aria-label={T.overview.needs}>
          {waitingDevices > 0 && (
            <div class="note warn">
              <Icon name="devices" size={16} />
              <span>{T.overview.pairing(waitingDevices)}</span>
              <a class="push" href="/devices">{T.overview.review}</a>
            </div>
          )}
          <div class="needs">
            {everyWaiting.value.slice(0, 4).map((one) => <ApprovalCard key={nameIn(one)} one={one} />)}
            {everyQuestion.value.slice(0, 2).map((one) => <QuestionCard key={nameIn(one)} one={one} />)}
          </div>
        </section>
      )}
      {isNew && <Start model={status.data?.modelConfigured ?? hello.value?.snapshot.sessionDefaults.modelConfigured ?? false} />}
      <div class="cols-2">
        <Card title={T.overview.recent} flush actions={<a class="small-text" href="/sessions">{T.overview.recentAll}</a>}>
          {!fetched.value ? <div class="pad soon"><Skeleton lines={5} /></div> : <Recent />}
        </Card>
        <div class="stack">
          <Card title={T.overview.agents} flush actions={<a class="small-text" href="/agents">{T.all}</a>}><Agents /></Card>
          <Card title={T.overview.spend}>
            <Loaded asked={cost} lines={2}>{(data) => <Spend cost={data} />}</Loaded>
          </Card>
          <Card title={T.overview.activity} flush><Activity /></Card>
        </div>
      </div>
    </div>
  );
}

function Headline({ status }: { status: StatusPage | undefined }) {
  const well = health.value?.ok ?? true;
  const restart = status?.config.restartRequired ?? [];
  const demo = status && !status.modelConfigured;
  const tone = !well ? 'bad' : restart.length > 0 || demo ? 'warn' : 'good';
  const snapshot = hello.value?.snapshot;
  // The gateway says how long it has been running now and then; the seconds between are counted here.
  const told = status?.uptimeMs ?? snapshot?.uptimeMs ?? 0;
  const began = useMemo(() => Date.now() - told, [told]);
  return (
    <div class="headline">
      <Dot tone={tone} />
      <div class="stack words">
        <h2>{!well ? T.overview.unwell : demo ? T.overview.demo : restart.length > 0 ? T.overview.ill : T.overview.well}</h2>
        <span class="soft small-text">
          {hello.value?.server.version} · {T.overview.uptime(span(now.value - began))}
          {restart.length > 0 && <> · <a href="/config">{T.overview.restart(restart)}</a></>}
        </span>
      </div>
      <a class="button primary push" href="/chat"><Icon name="chat" size={16} />{T.overview.helloSend}</a>
    </div>
  );
}

function Figures({ status, cost }: { status: StatusPage | undefined; cost: UsageCostReply | undefined }) {
  const day = cost?.daily.find(({ date }) => date === today(now.value)) ?? cost?.daily.at(-1);
  return (
    <div class="stats">
      <Stat name={T.overview.live} href="/sessions?show=live" value={running.value.length} note={T.overview.liveNote(known.value.total)} />
      <Stat name={T.overview.waiting} href="/approvals" value={needed.value} note={T.overview.waitingNote} tone={needed.value > 0 ? 'warn' : ''} />
      <Stat name={T.overview.tokens} href="/stats" value={day ? <span title={exact(day.totalTokens)}>{count(day.totalTokens)}</span> : '–'} note={day ? T.chat.tokens(count(day.input), count(day.output)) : '\u00a0'} />
      <Stat name={T.overview.cost} href="/stats" value={day ? money(day.totalCost) : '–'} note={cost ? T.overview.costNote(money(cost.totals.totalCost)) : '\u00a0'} />
      <Stat name={T.overview.connections} href="/devices" value={status?.connections ?? '–'} note={T.overview.connectionsNote} />
      <Stat name={T.overview.errors} href="/logs?level=error" value={errors.value} note={T.overview.errorsNote} tone={errors.value > 0 ? 'bad' : ''} />
    </div>
  );
}

function Recent() {
  const rows = sessions.value.filter(({ archived }) => !archived).slice(0, 9);
  if (rows.length === 0) return <div class="pad soft">{T.overview.helloText}</div>;
  return (
    <ul class="list">
      {rows.map((row) => (
        <li key={row.key}>
          <a class="line recent" href={`/chat?session=${encodeURIComponent(row.key)}`} data-row>
            <Dot tone={row.hasActiveRun ? 'info' : row.abortedLastRun ? 'warn' : ''} live={row.hasActiveRun} />
            <span class="what">
              <span class="cut title">{titleOf(row, shortKey(row.key))}</span>
              <span class="cut soft small-text">{previewOf(row, shortKey(row.key))}</span>
            </span>
            <span class="wide-only"><Meter share={row.contextTokens ? row.totalTokens / row.contextTokens : 0} label={T.chat.context(exact(row.totalTokens), exact(row.contextTokens))} /></span>
            <span class="wide-only small-text num money">{money(row.cost)}</span>
            <span class="soft small-text num when"><Time at={row.updatedAt} /></span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Agents() {
  const list = useCall('agents.list', {}, { on: ['config.changed'] });
  return (
    <Loaded asked={list} lines={2}>
      {({ agents: all }) => (
        <ul class="list">
          {all.slice(0, 6).map((agent) => {
            const state = agents.value.get(agent.id);
            const busy = state?.status === 'busy' || running.value.some(({ agentId }) => agentId === agent.id);
            return (
              <li key={agent.id}>
                <a class="line" href={`/agents?agent=${encodeURIComponent(agent.id)}`}>
                  <Avatar name={agent.name ?? agent.id} emoji={agent.identity.emoji} />
                  <span class="what">
                    <span class="cut title">{agent.name ?? agent.id}</span>
                    <span class="cut soft small-text">{state?.last_activity ?? agent.model.primary}</span>
                  </span>
                  <span class="push"><Badge tone={state?.status === 'error' ? 'bad' : busy ? 'info' : ''}>{T.agents.state[busy ? 'busy' : (state?.status ?? 'idle')]}</Badge></span>
                </a>
              </li>
            );
          })}
        </ul>
      )}
    </Loaded>
  );
}

function Spend({ cost }: { cost: UsageCostReply }) {
  const days = cost.daily.slice(-14);
  const sum = days.reduce((all, day) => all + day.totalTokens, 0);
  return (
    <a class="spend" href="/stats">
      <Spark values={days.map(({ totalTokens }) => totalTokens)} label={T.overview.spendLabel} />
      <span class="row small-text soft"><span>{days[0]?.date.slice(5)}</span><strong class="push">{count(sum)}</strong><span class="push">{days.at(-1)?.date.slice(5)}</span></span>
    </a>
  );
}

function Activity() {
  const list = happened.value.slice(0, 8);
  if (list.length === 0) return <div class="pad soft small-text">{T.overview.activityNone}</div>;
  return (
    <ul class="list">
      {list.map((one) => {
        const inside = <><Dot tone={one.tone} /><span class="cut">{one.text}</span><span class="push soft small-text when"><Time at={one.at} /></span></>;
        return <li key={one.id}>{one.href ? <a class="line" href={one.href}>{inside}</a> : <div class="line">{inside}</div>}</li>;
      })}
    </ul>
  );
}

/** What a newcomer does first. */
function Start({ model }: { model: boolean }) {
  const words = T.overview.check;
  const steps: [boolean, string, preact.ComponentChildren][] = [
    [model, words.model, !model && <a class="button small" href="/config?section=models">{words.modelDo}</a>],
    [true, words.safe, null],
    [false, words.talk, <a class="button small primary" href="/chat">{T.overview.hello}</a>],
    [false, words.phone, gateway.may('operator.admin') && (
      <Button kind="small" onClick={() => void attempt(async () => {
        const link = await gateway.call('dashboard.link', {});
        await copy(location.origin + link.path);
      })}>{words.phoneDo}</Button>
    )],
  ];
  return (
    <Card title={words.title} flush>
      <ul class="list">
        {steps.map(([done, name, action]) => (
          <li key={name}><div class="line"><span class={done ? 'good' : 'soft'}><Icon name={done ? 'check' : 'right'} size={16} /></span><span>{name}</span><span class="push">{action}</span></div></li>
        ))}
      </ul>
    </Card>
  );
}
