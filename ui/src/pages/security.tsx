// How safely the gateway is set up, as far as it tells: who is let in, what agents may do, what just happened.
import { Badge, Button, Card, Command, Empty, Loaded, Time, type Tone } from '../parts/basic';
import { Icon } from '../parts/icons';
import { attempt } from '../parts/basic';
import { confirm } from '../parts/dialog';
import { toast } from '../parts/toasts';
import { shortKey } from '../format';
import { gateway, hello, useCall } from '../link';
import type { AuditActivityListReply, ConfigGetReply, ExecApprovalsGetReply } from '../../../docs/methods';
import { find } from '../state/finding';
import type { PairedDevice } from '../shapes';
import { T } from '../text';
import '../style/security.css';

export default function Security() {
  const config = useCall('config.get', gateway.has('config.get') ? {} : undefined, { on: ['config.changed'] });
  const policy = useCall('exec.approvals.get', gateway.has('exec.approvals.get') ? {} : undefined);
  const devices = useCall<'device.pair.list', { paired: PairedDevice[] }>('device.pair.list', gateway.has('device.pair.list') ? {} : undefined);
  const activity = useCall('audit.activity.list', { limit: 40 }, { on: ['chat', 'exec.approval.resolved', 'config.changed'], settle: 2000 });
  return (
    <div class="stack">
      <Exposure config={config.data} policy={policy.data} devices={devices.data?.paired.length} />
      <div class="cols-2">
        <Card title={T.security.findings} sub={T.security.findingsSub} flush>
          <Loaded asked={config}>{(data) => <Findings config={data} policy={policy.data} reload={() => { config.reload(); policy.reload(); }} />}</Loaded>
        </Card>
        <div class="stack">
          <Card title={T.security.lockdown}>
            <div class="stack">
              <p class="soft">{T.security.lockdownText}</p>
              <div class="row wrap"><Button kind="danger" icon="security" disabled={!gateway.has('exec.approvals.set')} onClick={() => confirm({
                title: T.security.lockdownAsk, text: T.security.lockdownText, action: T.security.lockdownDo, danger: true, run: lockdown,
              })}>{T.security.lockdownDo}</Button></div>
              <Command text="openclaw security runbook" />
            </div>
          </Card>
          <Card title={T.security.full}><div class="stack"><p class="soft">{T.security.fullText}</p><Command text="openclaw security audit --deep" /></div></Card>
        </div>
      </div>
      <Card title={T.security.trail} sub={T.security.trailSub} flush>
        <Loaded asked={activity}>{(data) => <Trail data={data} />}</Loaded>
      </Card>
    </div>
  );
}

/** No command runs any more, and what runs is stopped. */
async function lockdown(): Promise<void> {
  const now = await gateway.call('exec.approvals.get', {});
  const file = now.file as { version: number; defaults?: object };
  await gateway.call('exec.approvals.set', { baseHash: now.hash, file: { ...file, defaults: { ...file.defaults, security: 'deny', ask: 'off', askFallback: 'deny' }, agents: {} } as never });
  const { sessions } = (await gateway.call('sessions.list', { limit: 200 })) as unknown as { sessions: { key: string; hasActiveRun: boolean }[] };
  for (const session of sessions.filter(({ hasActiveRun }) => hasActiveRun)) await gateway.call('sessions.abort', { key: session.key as never });
  toast(T.security.locked);
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

function Findings({ config, policy, reload }: { config: ConfigGetReply; policy: ExecApprovalsGetReply | undefined; reload: () => void }) {
  const whole = config as unknown as Parameters<typeof find>[0];
  const found = find(whole, policy?.resolvedDefaults as never);
  if (found.length === 0) return <Empty icon="security" title={T.security.none.title} text={T.security.none.text} />;
  return (
    <ul class="list">
      {found.map((one) => (
        <li key={one.id} class="finding">
          <Badge tone={one.severity === 'critical' ? 'bad' : one.severity === 'warn' ? 'warn' : 'info'}>{T.security.severity[one.severity]}</Badge>
          <div class="what stack tight">
            <strong>{one.title}</strong>
            <span class="soft">{one.text}</span>
            {one.fix && <Command text={`openclaw config set ${one.fix.path} ${JSON.stringify(one.fix.value)}`} />}
          </div>
          {one.fix && (
            <Button kind="small" disabled={!gateway.has('config.set')} onClick={() => {
              const fix = one.fix!;
              void attempt(async () => {
                // The difference first, from the gateway itself, and only then the change.
                const check = await gateway.call('config.validate', { path: fix.path, value: fix.value });
                confirm({
                  title: T.security.fixAsk, action: T.security.fix,
                  text: <div class="stack tight">{check.differences.map((line) => <code class="block" key={line.path}>{line.path}: {JSON.stringify(line.before) ?? T.security.unset} → {JSON.stringify(line.after) ?? T.security.unset}</code>)}{check.restartRequired.length > 0 && <span class="warn">{T.config.restart}</span>}</div>,
                  run: async () => { await gateway.call('config.set', { path: fix.path, value: fix.value, note: T.security.fixNote }); reload(); },
                });
              });
            }}>{T.security.fix}</Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Trail({ data }: { data: AuditActivityListReply }) {
  if (data.events.length === 0) return <Empty icon="logs" title={T.security.noTrail.title} text={T.security.noTrail.text} />;
  return (
    <div class="table-wrap">
      <table>
        <thead><tr><th class="num">{T.security.seq}</th><th>{T.security.what}</th><th>{T.security.outcome}</th><th class="wide-only">{T.palette.agent}</th><th>{T.palette.session}</th><th>{T.approvals.when}</th></tr></thead>
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
