// Figures: what it costs, by day, model and agent; how busy the gateway was; how the connection and the machine are doing.
import { useMemo } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import { Card, Command, Empty, Loaded, Meter, Segments, Stat } from '../parts/basic';
import { Chart } from '../parts/chart';
import { absolute, bytes, count, exact, millis, money, shortKey, span } from '../format';
import { gateway, link, useCall } from '../link';
import { column, drawn } from '../state/figures';
import { percentile } from '../link/machine';
import { asked, setQuery } from '../route';
import { samples } from '../state/live';
import type { MetricsHistoryReply, SessionsUsageReply } from '../../../docs/methods';
import type { StatusPage } from '../shapes';
import { T } from '../text';
import '../style/stats.css';

const tabs = [['usage', T.stats.usage], ['gateway', T.stats.gateway]] as const;
const ranges = [['7', T.stats.days(7)], ['30', T.stats.days(30)], ['90', T.stats.days(90)]] as const;

const backs = [['1h', T.stats.hour], ['24h', T.stats.wholeDay]] as const;

const iso = (at: Date) => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
const noon = (date: string) => Date.parse(`${date}T12:00:00`);

export default function Stats() {
  const tab = (asked('tab') || 'usage') as (typeof tabs)[number][0];
  const back = (asked('back') || '1h') as (typeof backs)[number][0];
  return (
    <>
      <div class="toolbar">
        <Segments label={T.nav.stats} value={tab} options={tabs} onChange={(next) => setQuery({ tab: next === 'usage' ? '' : next })} />
        {tab === 'usage' && <Segments label={T.stats.range} value={(asked('days') || '30') as '7' | '30' | '90'} options={ranges} onChange={(days) => setQuery({ days: days === '30' ? '' : days })} />}
        {tab === 'gateway' && gateway.has('metrics.history') && <Segments label={T.stats.range} value={back} options={backs} onChange={(next) => setQuery({ back: next === '1h' ? '' : next })} />}
        <span class="push"><Command text={tab === 'usage' ? 'openclaw sessions usage' : `openclaw metrics${back === '1h' ? '' : ' --since 24h'}`} /></span>
      </div>
      {tab === 'usage' ? <Usage days={Number(asked('days') || '30')} /> : <Machine back={back} />}
    </>
  );
}

function Usage({ days }: { days: number }) {
  const params = useMemo(() => {
    const end = new Date();
    const start = new Date(end);
    start.setDate(end.getDate() - days + 1);
    return { startDate: iso(start), endDate: iso(end), mode: 'specific', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  }, [days]);
  const usage = useCall('sessions.usage', params, { on: ['chat'], settle: 4000 });
  const cost = useCall('usage.cost', { days }, { on: ['chat'], settle: 4000 });
  return (
    <Loaded asked={usage} lines={8}>
      {(data) => {
        const { totals, aggregates } = data;
        const daily = cost.data?.daily ?? [];
        const at = daily.map(({ date }) => noon(date));
        if (totals.totalTokens === 0) return <div class="card"><Empty icon="stats" title={T.stats.none.title} text={T.stats.none.text} /></div>;
        const latency = new Map(aggregates.dailyLatency.map((day) => [day.date, day]));
        return (
          <div class="stack">
            <div class="stats">
              <Stat name={T.stats.tokens} value={<span title={exact(totals.totalTokens)}>{count(totals.totalTokens)}</span>} note={T.chat.tokens(count(totals.input), count(totals.output))} />
              <Stat name={T.stats.cost} value={money(totals.totalCost)} note={totals.missingCostEntries > 0 ? T.stats.missing(totals.missingCostEntries) : T.stats.allPriced} />
              <Stat name={T.nav.sessions} value={aggregates.sessionCount} note={T.stats.messages(aggregates.messages.total)} href="/sessions" />
              <Stat name={T.stats.errors} value={aggregates.messages.errors} note={T.stats.tools(aggregates.messages.toolCalls)} tone={aggregates.messages.errors > 0 ? 'bad' : ''} />
            </div>
            <div class="cols-even">
              <Card title={T.stats.tokensDaily}><Chart byDay label={T.stats.tokensDaily} at={at} format={count} lines={[{ label: T.stats.input, colour: 'info', values: daily.map((day) => day.totalTokens), bars: true }, { label: T.stats.output, colour: 'accent', values: daily.map((day) => day.output), bars: true }]} /></Card>
              <Card title={T.stats.costDaily}><Chart byDay label={T.stats.costDaily} at={at} format={money} lines={[{ label: T.stats.cost, colour: 'good', values: daily.map((day) => day.totalCost), bars: true }]} /></Card>
            </div>
            {latency.size > 0 && (
              <Card title={T.stats.latencyDaily} sub={T.stats.latencySub}>
                <Chart byDay label={T.stats.latencyDaily} at={at} format={millis} lines={[{ label: T.stats.average, colour: 'info', values: daily.map(({ date }) => latency.get(date)?.avgMs), bars: true }]} />
              </Card>
            )}
            <div class="cols-even">
              <Share title={T.stats.byModel} rows={aggregates.byModel.map((row) => [`${row.provider}/${row.model}`, row.totals])} />
              <Share title={T.stats.byAgent} rows={aggregates.byAgent.map((row) => [row.agentId, row.totals])} />
            </div>
            <Card title={T.stats.bySession} sub={T.stats.bySessionSub} flush>
              <div class="table-wrap">
                <table>
                  <thead><tr><th>{T.sessions.title}</th><th class="wide-only">{T.sessions.model}</th><th class="num">{T.sessions.tokens}</th><th class="num">{T.sessions.cost}</th></tr></thead>
                  <tbody>
                    {[...data.sessions].sort((a, b) => b.usage.totalCost - a.usage.totalCost || b.usage.totalTokens - a.usage.totalTokens).slice(0, 12).map((row) => (
                      <tr key={row.key}>
                        <td><a class="break" href={`/chat?session=${encodeURIComponent(row.key)}`} data-row>{shortKey(row.key)}</a> <span class="soft small-text">{row.agentId}</span></td>
                        <td class="wide-only soft">{row.model}</td>
                        <td class="num" title={exact(row.usage.totalTokens)}>{count(row.usage.totalTokens)}</td>
                        <td class="num">{money(row.usage.totalCost)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </Card>
          </div>
        );
      }}
    </Loaded>
  );
}

function Share({ title, rows }: { title: string; rows: [string, SessionsUsageReply['totals']][] }) {
  const all = rows.reduce((sum, [, totals]) => sum + totals.totalTokens, 0);
  return (
    <Card title={title} flush>
      <ul class="list">
        {[...rows].sort((a, b) => b[1].totalTokens - a[1].totalTokens).slice(0, 8).map(([name, totals]) => (
          <li key={name}><div class="line"><span class="cut grow">{name}</span><Meter share={all ? totals.totalTokens / all : 0} label={T.stats.shareOf(name)} /><span class="num figure" title={exact(totals.totalTokens)}>{count(totals.totalTokens)}</span><span class="num figure soft">{money(totals.totalCost)}</span></div></li>
        ))}
      </ul>
    </Card>
  );
}

/** How busy the gateway was, as it measured itself. */
function Busy({ back }: { back: (typeof backs)[number][0] }) {
  const step = back === '1h' ? 10 : 60;
  const asked = useCall('metrics.history', gateway.has('metrics.history') ? { step } : undefined, { every: step * 1000 });
  if (!gateway.has('metrics.history')) return null;
  return <Loaded asked={asked} lines={8}>{(data) => <Charts data={data} />}</Loaded>;
}

function Charts({ data }: { data: MetricsHistoryReply }) {
  const { samples, stepMs, startedAt, since, ts } = data;
  const charts = useMemo(() => {
    const of = drawn(samples.at, samples.spanMs);
    const each = (values: readonly number[], ms: number) => column(of, (n) => (values[n]! / samples.spanMs[n]!) * ms);
    const plain = (values: readonly (number | null)[]) => column(of, (n) => values[n]);
    const rate = (n: number) => `${n < 10 ? n.toFixed(1) : Math.round(n)}/s`;
    const quick = (ms: number) => (ms === 0 ? `0 ${T.time.ms}` : ms < 10 ? `${ms.toFixed(2)} ${T.time.ms}` : millis(ms));
    return {
      at: of.at,
      all: [
        [T.stats.requests, T.stats.requestsSub, rate, [{ label: T.stats.answered, colour: 'info', values: each(samples.requests, 1000) }, { label: T.stats.errors, colour: 'bad', values: each(samples.errors, 1000) }]],
        [T.stats.took, T.stats.tookSub, quick, [{ label: T.stats.half, colour: 'info', values: plain(samples.p50Ms) }, { label: T.stats.most, colour: 'warn', values: plain(samples.p99Ms) }]],
        [T.overview.connections, T.stats.highest, count, [{ label: T.overview.connections, colour: 'accent', values: plain(samples.connections) }]],
        [T.stats.events, T.stats.eventsSub, rate, [{ label: T.stats.events, colour: 'good', values: each(samples.events, 1000) }]],
        [T.stats.tokensMinute, T.stats.tokensMinuteSub, count, [{ label: T.stats.read, colour: 'info', values: each(samples.tokensRead, 60_000) }, { label: T.stats.written, colour: 'accent', values: each(samples.tokensWritten, 60_000) }]],
        [T.stats.costHour, T.stats.costHourSub, money, [{ label: T.stats.cost, colour: 'good', values: each(samples.cost, 3_600_000) }]],
        [T.stats.runs, T.stats.highest, count, [{ label: T.stats.atWork, colour: 'accent', values: plain(samples.runsActive) }]],
        [T.stats.memory, T.stats.memorySub, bytes, [{ label: T.stats.memory, colour: 'info', values: plain(samples.memoryBytes) }]],
        [T.stats.lag, T.stats.lagSub, quick, [{ label: T.stats.lag, colour: 'warn', values: plain(samples.lagMs) }]],
      ] as const,
    };
  }, [data]);
  // What nobody could have measured is said, so that nothing takes a gap for a quiet time.
  const young = startedAt > since + stepMs;
  return (
    <>
      {young && <div class="note"><span>{T.stats.since(absolute(startedAt))}</span></div>}
      {samples.at.length === 0 ? <div class="card"><Empty icon="stats" title={T.stats.measuring.title} text={T.stats.measuring.text(stepMs / 1000)} /></div> : (
        <div class="cols-even">
          {charts.all.map(([title, sub, format, lines]) => (
            <Card key={title} title={title} sub={sub}><Chart label={title} at={charts.at} from={since} to={ts} format={format} lines={lines} height={160} /></Card>
          ))}
        </div>
      )}
    </>
  );
}

function Machine({ back }: { back: (typeof backs)[number][0] }) {
  const info = useCall('system.info', {}, { every: 5000 });
  const status = useCall<'status', StatusPage>('status', {}, { every: 10_000 });
  const lanes = useCall('diagnostics.lanes', gateway.has('diagnostics.lanes') ? {} : undefined, { every: 10_000 });
  const at = useComputed(() => samples.value.map((sample) => sample.at));
  const rtt = useComputed(() => [{ label: T.link.latency, colour: 'accent', values: samples.value.map((sample) => sample.rtt) }]);
  const frames = useComputed(() => [
    { label: T.stats.received, colour: 'info', values: samples.value.map((sample) => sample.received / 5) },
    { label: T.stats.sent, colour: 'good', values: samples.value.map((sample) => sample.sent / 5) },
  ]);
  const { rtts } = link.value;
  return (
    <div class="stack">
      <div class="stats">
        <Stat name={T.overview.connections} value={status.data?.connections ?? '–'} note={T.overview.connectionsNote} href="/devices" />
        <Stat name={T.overview.live} value={status.data?.runs.active ?? '–'} note={lanes.data ? T.stats.queued(lanes.data.lanes.reduce((sum, lane) => sum + lane.queuedCount, 0)) : undefined} href="/sessions?show=live" />
        <Stat name={T.stats.rtt} value={rtts.length > 0 ? millis(percentile(rtts, 0.5) ?? 0) : '–'} note={rtts.length > 0 ? `p99 ${millis(percentile(rtts, 0.99) ?? 0)}` : T.link.notMeasured} />
        <Stat name={T.stats.uptime} value={status.data ? span(status.data.uptimeMs) : '–'} note={status.data?.runtimeVersion} />
      </div>
      <Busy back={back} />
      <div class="note"><span>{T.stats.here}</span></div>
      <div class="cols-even">
        <Card title={T.link.latency} sub={T.stats.latencyHere}>{at.value.length > 1 ? <Chart label={T.link.latency} at={at.value} format={millis} lines={rtt.value} /> : <p class="soft">{T.stats.soon}</p>}</Card>
        <Card title={T.stats.frames} sub={T.stats.framesSub}>{at.value.length > 1 ? <Chart label={T.stats.frames} at={at.value} format={(n) => `${n.toFixed(1)}/s`} lines={frames.value} /> : <p class="soft">{T.stats.soon}</p>}</Card>
      </div>
      <Loaded asked={info}>
        {(data) => (
          <div class="cols-even">
            <Card title={T.stats.machine} sub={data.machineName}>
              <dl class="facts">
                <dt>{T.stats.system}</dt><dd>{data.osLabel}</dd>
                <dt>{T.stats.cpu}</dt><dd>{data.cpuCount} × {data.cpuModel ?? data.arch}</dd>
                <dt>{T.stats.load}</dt><dd>{(data.loadAverage ?? []).map((n) => n.toFixed(2)).join(' · ') || '–'} {data.loadAverage && <Meter share={(data.loadAverage[0] ?? 0) / data.cpuCount} label={T.stats.load} />}</dd>
                <dt>{T.stats.memory}</dt><dd>{bytes(data.memoryTotalBytes - data.memoryFreeBytes)} / {bytes(data.memoryTotalBytes)} <Meter share={1 - data.memoryFreeBytes / data.memoryTotalBytes} label={T.stats.memory} /></dd>
                {data.diskTotalBytes && data.diskAvailableBytes && <><dt>{T.stats.disk}</dt><dd>{bytes(data.diskTotalBytes - data.diskAvailableBytes)} / {bytes(data.diskTotalBytes)} <Meter share={1 - data.diskAvailableBytes / data.diskTotalBytes} label={T.stats.disk} /></dd></>}
              </dl>
            </Card>
            <Card title={T.stats.prometheus}>
              <div class="stack">
                <p class="soft">{T.stats.prometheusText}</p>
                <Command text="curl http://localhost:9090/metrics" />
                <Command text="rate(openclaw_gateway_messages_received_total[5m])" />
              </div>
            </Card>
          </div>
        )}
      </Loaded>
    </div>
  );
}
