// How safely the gateway is set up: who is let in, what stands out, the emergency stop, and what was done.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Card, Command, Empty, Loaded, Problem, Segments, Skeleton, Time, type Tone } from '../parts/basic';
import { confirm } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { toast } from '../parts/toasts';
import { shortKey } from '../format';
import { gateway, hello, useCall } from '../link';
import type { AuditActivityListReply, AuditRecordsListReply, ConfigGetReply, ExecApprovalsGetReply, SecurityAuditReply, SecurityLockdownReply } from '../../../docs/methods';
import { asked as query, setQuery } from '../route';
import { find, together, type Finding } from '../state/finding';
import type { PairedDevice } from '../shapes';
import { T } from '../text';
import '../style/security.css';

export default function Security() {
  const config = useCall('config.get', gateway.has('config.get') ? {} : undefined, { on: ['config.changed'] });
  const policy = useCall('exec.approvals.get', gateway.has('exec.approvals.get') ? {} : undefined);
  const devices = useCall<'device.pair.list', { paired: PairedDevice[] }>('device.pair.list', gateway.has('device.pair.list') ? {} : undefined);
  const audit = useCall('security.audit', gateway.has('security.audit') ? {} : undefined, { on: ['config.changed'], settle: 1000 });
  // What comes one after the other would push what is being read out of the way.
  const soon = [config, policy, devices].some(({ loading }) => loading) && gateway.has('config.get') && gateway.has('exec.approvals.get') && gateway.has('device.pair.list');
  if (soon) return <div class="soon"><Skeleton lines={10} /></div>;
  const audited = !gateway.has('security.audit') || !audit.loading;
  return (
    <div class="stack">
      <Exposure config={config.data} policy={policy.data} devices={devices.data?.paired.length} />
      <div class="cols-2">
        <Card title={T.security.findings} sub={audit.data ? T.security.summary(audit.data.summary) : T.security.findingsSub} flush>
          {audit.error && <Problem error={audit.error} retry={audit.reload} />}
          {!audited ? <div class="pad soon"><Skeleton lines={6} /></div> : <Loaded asked={config}>{(data) => <Findings config={data} policy={policy.data} audit={audit.data} reload={() => { config.reload(); policy.reload(); audit.reload(); }} />}</Loaded>}
        </Card>
        <div class="stack">
          <Card title={T.security.lockdown}><Lockdown /></Card>
          <Card title={T.security.full}><div class="stack"><p class="soft">{T.security.fullText}</p><Command text="openclaw security audit --deep --fix" /></div></Card>
        </div>
      </div>
      {gateway.has('audit.records.list') ? <Records /> : <Runs />}
    </div>
  );
}

/** The emergency stop: what it would change is shown before, and what it could not do afterwards. */
function Lockdown() {
  // A look changes nothing.
  const stop = useCall('security.lockdown', gateway.has('security.lockdown') ? { dryRun: true } : undefined, { on: ['config.changed', 'health'], settle: 1000 });
  if (!gateway.has('security.lockdown')) return <div class="stack"><p class="soft">{T.security.lockdownText}</p><Command text="openclaw security lockdown" /></div>;
  const end = async (undo: boolean) => {
    const done = await gateway.call('security.lockdown', undo ? { undo } : { reason: T.security.lockdownNote });
    toast(undo ? T.security.unlocked : T.security.locked);
    for (const problem of done.problems) toast(problem, 'bad');
    stop.reload();
  };
  const look = (undo: boolean) => attempt(async () => {
    const seen = await gateway.call('security.lockdown', { dryRun: true, undo });
    confirm(undo
      ? { title: T.security.unlockAsk, text: <Planned plan={seen} text={T.security.unlockText} />, action: T.security.unlockDo, run: () => end(true) }
      : { title: T.security.lockdownAsk, text: <Planned plan={seen} text={T.security.lockdownWarn} />, action: T.security.lockdownDo, danger: true, run: () => end(false) });
  });
  return (
    <Loaded asked={stop} lines={3}>
      {({ locked, since, by, reason }) => (
        <div class="stack">
          {locked
            ? <p class="warn" role="status">{T.security.lockedSince} {since ? <Time at={since} /> : '–'}{by && <>, {T.security.by} <span class="mono" title={by}>{short(by)}</span></>}{reason && <>: {reason}</>}</p>
            : <p class="soft">{T.security.lockdownText}</p>}
          <div class="row wrap">
            {locked
              ? <Act icon="refresh" run={() => look(true)}>{T.security.unlockDo}</Act>
              : <Act kind="danger" icon="security" run={() => look(false)}>{T.security.lockdownDo}</Act>}
          </div>
          <Command text={`openclaw security lockdown${locked ? ' --undo' : ''}`} />
        </div>
      )}
    </Loaded>
  );
}

/** Names of devices are hashes: their beginning tells them apart. */
const short = (name: string) => (name.length > 24 ? `${name.slice(0, 20)}…` : name);
const shown = (value: unknown) => (value === undefined ? T.security.unset : JSON.stringify(value));

function Planned({ plan, text }: { plan: SecurityLockdownReply; text: string }) {
  const changes = plan.changes.filter(({ state }) => state !== 'already');
  const facts = [
    T.security.closes(plan.closedConnections), T.security.stopsRuns(plan.abortedRuns), T.security.stopsPrograms(plan.stoppedPrograms),
    T.security.withdraws(plan.revokedDeviceTokens),
  ];
  return (
    <div class="stack tight">
      <p>{text}</p>
      {plan.closedConnections + plan.abortedRuns + plan.stoppedPrograms + plan.revokedDeviceTokens > 0 && <ul>{facts.map((fact) => <li key={fact}>{fact}</li>)}</ul>}
      {changes.map(({ path, before, after, state }) => (
        <code class="block" key={path}>{path}: {state === 'left' ? T.security.stays : `${shown(before)} → ${shown(after)}`}</code>
      ))}
      {plan.restartRequired.length > 0 && <span class="warn">{T.config.restart}</span>}
    </div>
  );
}

function Exposure({ config, policy, devices }: { config: ConfigGetReply | undefined; policy: ExecApprovalsGetReply | undefined; devices: number | undefined }) {
  const runtime = ((config as { runtimeConfig?: { gateway?: { bind?: string; tls?: { enabled?: boolean } } } } | undefined)?.runtimeConfig)?.gateway;
  const bind = runtime?.bind ?? 'loopback';
  const defaults = policy?.resolvedDefaults as { security?: string; ask?: string } | undefined;
  const steps: [string, string, Tone][] = [
    [T.security.reach, bind === 'loopback' ? T.security.reachHere : T.security.reachFar(bind, runtime?.tls?.enabled ?? false), bind === 'loopback' ? 'good' : runtime?.tls?.enabled ? 'warn' : 'bad'],
    [T.security.auth, T.security.modes[hello.value?.snapshot.authMode ?? ''] ?? hello.value?.snapshot.authMode ?? '–', hello.value?.snapshot.authMode === 'none' ? 'bad' : 'good'],
    [T.security.devices, devices === undefined ? '–' : T.security.paired(devices), 'info'],
    [T.security.commands, defaults ? `${T.approvals.securities[defaults.security ?? ''] ?? defaults.security}; ${(T.approvals.asks[defaults.ask ?? ''] ?? '').toLowerCase()}` : '–', defaults?.security === 'full' && defaults.ask === 'off' ? 'bad' : 'good'],
  ];
  return (
    <ol class="exposure" aria-label={T.security.picture}>
      {steps.map(([name, text, tone]) => <li key={name}><span class="soft small-text">{name}</span><strong>{text}</strong><span class={`bar-tone ${tone}`} /></li>)}
    </ol>
  );
}

function Findings({ config, policy, audit, reload }: { config: ConfigGetReply; policy: ExecApprovalsGetReply | undefined; audit: SecurityAuditReply | undefined; reload: () => void }) {
  const whole = config as unknown as Parameters<typeof find>[0];
  const found = together(find(whole, policy?.resolvedDefaults as never), audit?.findings ?? []);
  const accepted = audit?.suppressedFindings?.length ?? 0;
  return (
    <>
      {found.length === 0
        ? <Empty icon="security" title={T.security.none.title} text={T.security.none.text} />
        : <ul class="list">{found.map((one) => <Row key={one.id} one={one} reload={reload} />)}</ul>}
      {accepted > 0 && <div class="pad soft small-text"><Icon name="about" size={14} /> {T.security.accepted(accepted)}</div>}
    </>
  );
}

function Row({ one, reload }: { one: Finding; reload: () => void }) {
  const { fix } = one;
  return (
    <li class="finding">
      <Badge tone={one.severity === 'critical' ? 'bad' : one.severity === 'warn' ? 'warn' : 'info'}>{T.security.severity[one.severity]}</Badge>
      <div class="what stack tight">
        <strong>{one.title}</strong>
        <span class="soft break lines">{one.text}</span>
        {one.help && <span class="small-text break">{one.help}</span>}
        {one.check && <span class="soft small-text mono break">{one.check}</span>}
        {fix && <Command text={`openclaw config set ${fix.path} ${JSON.stringify(fix.value)}`} />}
      </div>
      {fix && (
        <Button kind="small" disabled={!gateway.has('config.set')} onClick={() => void attempt(async () => {
          // The difference first, from the gateway itself, and only then the change.
          const check = await gateway.call('config.validate', { path: fix.path, value: fix.value });
          confirm({
            title: T.security.fixAsk, action: T.security.fix,
            text: <div class="stack tight">{check.differences.map((line) => <code class="block" key={line.path}>{line.path}: {shown(line.before)} → {shown(line.after)}</code>)}{check.restartRequired.length > 0 && <span class="warn">{T.config.restart}</span>}</div>,
            run: async () => { await gateway.call('config.set', { path: fix.path, value: fix.value, note: T.security.fixNote }); reload(); },
          });
        })}>{T.security.fix}</Button>
      )}
    </li>
  );
}

type Records = AuditRecordsListReply['records'];
const kinds = ['', 'authentication', 'authorization', 'config_changes', 'agent_execution'] as const;
const levels = ['', 'warn', 'error', 'critical'] as const;

/** The audit trail, newest first, and whether it is as it was written. */
function Records() {
  const kind = kinds.find((one) => one === query('events')) ?? '';
  const level = levels.find((one) => one === query('severity')) ?? '';
  const wanted = { limit: 50, ...(kind ? { events: [kind] } : {}), ...(level ? { severity: level } : {}) };
  const newest = useCall('audit.records.list', wanted, { on: ['config.changed', 'exec.approval.resolved', 'device.pair.resolved', 'presence'], settle: 2000 });
  const name = JSON.stringify(wanted);
  // What was read beyond the first page, as long as the same is looked for.
  const [more, setMore] = useState<{ name: string; records: Records; next: string | null | undefined }>();
  const beyond = more?.name === name ? more : undefined;
  const next = beyond ? beyond.next : newest.data?.nextCursor;
  const older = async () => {
    let cursor = next;
    const records = [...(beyond?.records ?? [])];
    // A page may be empty and have one behind it.
    for (let page = 0; page < 20 && cursor; page++) {
      const answer = await gateway.call('audit.records.list', { ...wanted, cursor });
      records.push(...answer.records);
      cursor = answer.nextCursor;
      if (answer.records.length > 0) break;
    }
    setMore({ name, records, next: cursor });
  };
  return (
    <Card title={T.security.trail} sub={T.security.recordsSub} flush actions={newest.data && <Chain chain={newest.data.chain} />}>
      <div class="toolbar pad">
        <Segments label={T.security.kind} value={kind} options={kinds.map((one) => [one, T.security.kinds[one]] as const)} onChange={(events) => setQuery({ events })} />
        <Segments label={T.security.atLeast} value={level} options={levels.map((one) => [one, T.security.levels[one]] as const)} onChange={(severity) => setQuery({ severity })} />
      </div>
      <Loaded asked={newest}>
        {(data) => {
          const first = data.records;
          const last = first.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
          const records = [...first, ...(beyond?.records ?? []).filter(({ seq }) => seq < last)];
          return <Trail records={records}>{next && <Act kind="small" run={older}>{T.security.older}</Act>}</Trail>;
        }}
      </Loaded>
    </Card>
  );
}

function Chain({ chain }: { chain: AuditRecordsListReply['chain'] }) {
  const tone: Tone = chain.state === 'broken' ? 'bad' : chain.state === 'whole' ? 'good' : 'info';
  return <Badge tone={tone} title={chain.why ?? T.security.verified(chain.verified)}>{chain.state === 'broken' ? T.security.broken(chain.firstBad ?? 0) : T.security.chain[chain.state]}</Badge>;
}

function Trail({ records, children }: { records: Records; children: ComponentChildren }) {
  if (records.length === 0 && !children) return <Empty icon="logs" title={T.security.noTrail.title} text={T.security.noTrail.text} command="openclaw audit list" />;
  return (
    <div class="table-wrap">
      <table>
        <thead><tr><th class="num wide-only">{T.security.seq}</th><th>{T.security.what}</th><th>{T.security.outcome}</th><th class="wide-only">{T.security.who}</th><th class="wide-only">{T.security.target}</th><th>{T.approvals.when}</th></tr></thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.seq} title={record.reason ?? undefined}>
              <td class="num soft mono wide-only">{record.seq}</td>
              <td><span class="mono">{record.event}</span><br class="phone-only" /><span class="soft small-text phone-only">{short(record.actor)} {record.ip}</span></td>
              <td><Badge tone={record.severity === 'critical' || record.severity === 'error' ? 'bad' : record.severity === 'warn' ? 'warn' : record.outcome === 'ok' ? 'good' : ''}>{record.outcome}</Badge></td>
              <td class="wide-only break" title={record.actor}>{short(record.actor)}{record.ip && <span class="soft small-text"> {record.ip}</span>}</td>
              <td class="wide-only break">{record.target && <span title={record.target}>{short(record.target)}</span>}{record.reason && <span class="soft small-text"> {record.reason}</span>}</td>
              <td class="soft"><Time at={record.ts} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="row wrap pad">{children}<Command text="openclaw audit verify" /></div>
    </div>
  );
}

/** What those see of the trail who may not see all of it. */
function Runs() {
  const activity = useCall('audit.activity.list', { limit: 40 }, { on: ['chat', 'exec.approval.resolved', 'config.changed'], settle: 2000 });
  return (
    <Card title={T.security.trail} sub={T.security.trailSub} flush>
      <Loaded asked={activity}>{(data) => <RunTrail data={data} />}</Loaded>
    </Card>
  );
}

function RunTrail({ data }: { data: AuditActivityListReply }) {
  if (data.events.length === 0) return <Empty icon="logs" title={T.security.noTrail.title} text={T.security.noTrail.text} />;
  return (
    <div class="table-wrap">
      <table>
        <thead><tr><th class="num wide-only">{T.security.seq}</th><th>{T.security.what}</th><th>{T.security.outcome}</th><th class="wide-only">{T.palette.agent}</th><th>{T.palette.session}</th><th>{T.approvals.when}</th></tr></thead>
        <tbody>
          {data.events.map((event) => (
            <tr key={event.eventId}>
              <td class="num soft mono">{event.sequence}</td>
              <td class="mono">{event.action}</td>
              <td><Badge tone={event.status === 'succeeded' ? 'good' : event.status === 'failed' ? 'bad' : ''}>{event.status}</Badge></td>
              <td class="wide-only">{event.agentId}</td>
              <td><a class="break" href={`/chat?session=${encodeURIComponent(event.sessionKey)}`}>{shortKey(event.sessionKey)}</a></td>
              <td class="soft"><Time at={event.occurredAt} /></td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="pad soft small-text"><Icon name="about" size={14} /> {T.security.trailMore}</div>
    </div>
  );
}
