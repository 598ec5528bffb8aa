// Work at a time of the user's choosing: what comes next, what came of it, and changing it.
import { useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Card, Command, Empty, Field, Gone, Loaded, Search, Segments, Stat, Time } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { toast } from '../parts/toasts';
import { absolute, hour, millis, quoted, shortKey } from '../format';
import { plain, upcoming, type Schedule } from '../format-cron';
import { gateway, now, useCall } from '../link';
import { asked, setQuery } from '../route';
import type { CronRunsReply, JobRow } from '../../../docs/methods';
import { T } from '../text';
import '../style/cron.css';

type Run = CronRunsReply['entries'][number];
const DAY = 86_400_000;
const EVENTS = ['cron'];

const toneOf = (status: string | null | undefined) => (status === 'ok' ? 'good' : status === 'error' ? 'bad' : status === 'skipped' ? 'warn' : '');

export default function Cron() {
  const list = useCall('cron.list', { includeDisabled: true, limit: 200 }, { on: EVENTS });
  const status = useCall('cron.status', {}, { on: EVENTS });
  const runs = useCall('cron.runs', { scope: 'all', limit: 200 }, { on: EVENTS });
  const [editing, setEditing] = useState<JobRow | 'new' | undefined>(undefined);
  const query = asked('q').toLowerCase();
  const wanted = asked('job');
  const may = gateway.has('cron.add');
  return (
    <div class="stack">
      <div class="toolbar flat">
        <Search value={asked('q')} label={T.cron.search} onInput={(q) => setQuery({ q })} />
        <span class="push row"><Command text="openclaw cron list" />{may && <Button kind="primary" icon="plus" onClick={() => setEditing('new')}>{T.cron.add}</Button>}</span>
      </div>
      {status.data && (
        <div class="stats">
          <Stat name={T.cron.jobs} value={status.data.jobs} note={status.data.enabled ? T.cron.on : T.cron.off} tone={status.data.enabled ? '' : 'warn'} />
          <Stat name={T.cron.next} value={status.data.nextWakeAtMs ? <Time at={status.data.nextWakeAtMs} /> : '–'} note={status.data.nextWakeAtMs ? absolute(status.data.nextWakeAtMs) : T.cron.nothingDue} />
          <Stat name={T.cron.recent} value={`${(runs.data?.entries ?? []).filter(({ status: s }) => s === 'ok').length} / ${runs.data?.entries.length ?? 0}`} note={T.cron.recentNote} />
          <Stat name={T.cron.zone} value={<span class="zone">{status.data.timezone}</span>} note={T.cron.zoneNote} />
        </div>
      )}
      <Loaded asked={list}>
        {(data) => {
          const jobs = (data.jobs as JobRow[]).filter((job) => !query || `${job.name} ${job.displayName ?? ''}`.toLowerCase().includes(query));
          if (data.jobs.length === 0) {
            return <div class="card"><Empty icon="cron" title={T.cron.none.title} text={T.cron.none.text} command={'openclaw cron add "0 7 * * *" "What is new?" --name Morning'}>{may && <Button kind="primary" onClick={() => setEditing('new')}>{T.cron.add}</Button>}</Empty></div>;
          }
          const one = (data.jobs as JobRow[]).find(({ id }) => id === wanted);
          return (
            <>
              {wanted && !one && <Gone />}
              <Card title={T.cron.timeline} sub={T.cron.timelineSub}><Timeline jobs={jobs} /></Card>
              <Card title={T.cron.jobs} flush>
                <ul class="list">
                  {jobs.map((job) => <Job key={job.id} job={job} runs={(runs.data?.entries ?? []).filter(({ jobId }) => jobId === job.id)} open={() => setQuery({ job: job.id })} edit={() => setEditing(job)} />)}
                  {jobs.length === 0 && <li class="line soft">{T.cron.noneFit}</li>}
                </ul>
              </Card>
              {one && <History job={one} close={() => setQuery({ job: '' })} />}
            </>
          );
        }}
      </Loaded>
      {editing && <Editor job={editing === 'new' ? undefined : editing} close={() => setEditing(undefined)} done={() => { setEditing(undefined); list.reload(); }} />}
    </div>
  );
}

function Timeline({ jobs }: { jobs: JobRow[] }) {
  const from = now.value;
  const rows = jobs.filter(({ enabled }) => enabled).map((job) => ({ job, times: upcoming(job.schedule as Schedule, job.nextRunAtMs, from, DAY) }));
  const hours = [0, 6, 12, 18, 24];
  if (rows.every(({ times }) => times.length === 0)) return <p class="soft">{T.cron.quiet}</p>;
  return (
    <div class="timeline" role="list" aria-label={T.cron.timeline}>
      {rows.filter(({ times }) => times.length > 0).map(({ job, times }) => (
        <div class="lane" role="listitem" key={job.id} aria-label={`${job.displayName ?? job.name}: ${times.slice(0, 3).map(hour).join(', ')}`}>
          <span class="cut small-text">{job.displayName ?? job.name}</span>
          <svg viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
            <line x1="0" x2="1000" y1="8" y2="8" class="axis" />
            {times.map((at) => <rect key={at} x={((at - from) / DAY) * 1000 - 2} y="2" width="4" height="12" rx="1.5" class="mark"><title>{absolute(at)}</title></rect>)}
          </svg>
        </div>
      ))}
      <div class="lane" aria-hidden="true"><span /><span class="hours">{hours.map((n) => <span key={n} class="soft">{n === 0 ? T.cron.now : hour(from + (n * DAY) / 24)}</span>)}</span></div>
    </div>
  );
}

function Job({ job, runs, open, edit }: { job: JobRow; runs: Run[]; open: () => void; edit: () => void }) {
  const may = gateway.has('cron.update');
  const name = job.displayName ?? job.name;
  const strip = runs.slice(0, 20).reverse();
  return (
    <li>
      <div class="line job">
        <input type="checkbox" class="switch" role="switch" aria-label={T.cron.runs(name)} checked={job.enabled} disabled={!may}
          onChange={(event) => { const enabled = event.currentTarget.checked; void attempt(() => gateway.call('cron.update', { id: job.id, patch: { enabled } })); }} />
        <div class="what">
          <button type="button" class="bare title cut" onClick={open} data-row>{name}</button>
          <span class="soft small-text cut">{plain(job.schedule as Schedule)} · {job.effectiveAgentId ?? job.agentId ?? ''}</span>
        </div>
        <span class="strip wide-only" role="img" aria-label={T.cron.strip(strip.filter(({ status }) => status === 'ok').length, strip.length)}>
          {strip.map((run) => <i key={run.runId} class={toneOf(run.status)} title={`${run.status ?? ''} ${absolute(run.runAtMs)}`} />)}
        </span>
        <span class="soft small-text num due">{job.enabled && job.nextRunAtMs ? <Time at={job.nextRunAtMs} /> : T.cron.paused}</span>
        <Act kind="small" icon="play" label={T.cron.run} disabled={!gateway.has('cron.run')} done={T.cron.started(name)} run={() => gateway.call('cron.run', { id: job.id })}><span class="wide-only">{T.cron.run}</span></Act>
        <Button kind="small plain" icon="edit" label={T.cron.edit(name)} disabled={!may} onClick={edit} />
      </div>
    </li>
  );
}

function History({ job, close }: { job: JobRow; close: () => void }) {
  const runs = useCall('cron.runs', { jobId: job.id, limit: 50 }, { on: EVENTS });
  const name = job.displayName ?? job.name;
  const what = job.payload.kind === 'systemEvent' ? job.payload.text : job.payload.message;
  return (
    <Dialog wide title={name} onClose={close} footer={
      <>
        <Button kind="danger" icon="trash" disabled={!gateway.has('cron.remove')} onClick={() => confirm({ title: T.cron.removeAsk(name), text: T.cron.removeText, action: T.remove, danger: true, run: async () => { await gateway.call('cron.remove', { id: job.id }); close(); } })}>{T.remove}</Button>
        <Act kind="primary" icon="play" disabled={!gateway.has('cron.run')} run={() => gateway.call('cron.run', { id: job.id })}>{T.cron.run}</Act>
      </>
    }>
      <dl class="facts">
        <dt>{T.cron.when}</dt><dd>{plain(job.schedule as Schedule)}</dd>
        <dt>{T.cron.next}</dt><dd>{job.nextRunAtMs ? <><Time at={job.nextRunAtMs} /> <span class="soft">({absolute(job.nextRunAtMs)})</span></> : '–'}</dd>
        <dt>{job.payload.kind === 'systemEvent' ? T.cron.tells : T.cron.says}</dt><dd>{what}</dd>
        <dt>{T.cron.target}</dt><dd>{T.cron.targets[job.sessionTarget] ?? job.sessionTarget}</dd>
      </dl>
      <Command text={`openclaw cron run ${quoted(job.name)}`} />
      <Loaded asked={runs} lines={3}>
        {({ entries }) => entries.length === 0 ? <p class="soft">{T.cron.noRuns}</p> : (
          <div class="table-wrap card">
            <table>
              <thead><tr><th>{T.cron.outcome}</th><th>{T.cron.began}</th><th class="num wide-only">{T.cron.took}</th><th>{T.cron.summary}</th></tr></thead>
              <tbody>
                {entries.map((run) => (
                  <tr key={run.runId}>
                    <td><Badge tone={toneOf(run.status)}>{run.status ?? run.completionStatus}</Badge></td>
                    <td class="soft"><Time at={run.runAtMs} /></td>
                    <td class="num soft wide-only">{millis(run.durationMs)}</td>
                    <td>{run.error ? <span class="bad break">{run.error}</span> : run.summary}{run.sessionKey && <> <a class="break" href={`/chat?session=${encodeURIComponent(run.sessionKey)}`} onClick={close}>{shortKey(run.sessionKey)}</a></>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

type Kind = 'cron' | 'every' | 'at';
const units = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: DAY };

/** The largest unit that says a span without a rest. */
export function unitOf(ms: number): keyof typeof units {
  return (Object.keys(units) as (keyof typeof units)[]).filter((unit) => ms % units[unit] === 0).at(-1) ?? 'seconds';
}

/** A time as a field for times has it: by the clock of this browser, not by that of Greenwich. */
export function localMinute(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function Editor({ job, close, done }: { job: JobRow | undefined; close: () => void; done: () => void }) {
  const before = job?.schedule as Schedule | undefined;
  const [name, setName] = useState(job?.displayName ?? job?.name ?? '');
  const [kind, setKind] = useState<Kind>(before?.kind ?? 'cron');
  const [expr, setExpr] = useState(before?.kind === 'cron' ? before.expr : '0 8 * * 1-5');
  const [tz, setTz] = useState(before?.kind === 'cron' ? (before.tz ?? '') : Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [every, setEvery] = useState(before?.kind === 'every' ? before.everyMs / units[unitOf(before.everyMs)] : 30);
  const [unit, setUnit] = useState<keyof typeof units>(before?.kind === 'every' ? unitOf(before.everyMs) : 'minutes');
  const [at, setAt] = useState(before?.kind === 'at' ? localMinute(before.at) : '');
  const [message, setMessage] = useState(job ? (job.payload.kind === 'systemEvent' ? job.payload.text : job.payload.message) : '');
  const [agentId, setAgentId] = useState<string>(job?.agentId ?? '');
  const [target, setTarget] = useState(job?.sessionTarget ?? 'isolated');
  const agents = useCall('agents.list', {});
  const schedule: Schedule = kind === 'cron' ? { kind, expr, ...(tz ? { tz } : {}) } : kind === 'every' ? { kind, everyMs: Math.max(1, every) * units[unit] } : { kind, at: at ? new Date(at).toISOString() : '' };
  const isEvent = job ? job.payload.kind === 'systemEvent' : target === 'main';
  const payload = isEvent ? { kind: 'systemEvent', text: message } : { kind: 'agentTurn', message };
  const form = 'cron-form';
  return (
    <Dialog firm title={job ? T.cron.edit(job.name) : T.cron.add} onClose={close} footer={<><Button onClick={close}>{T.cancel}</Button><Button kind="primary" type="submit" form={form} disabled={!name.trim() || !message.trim() || (kind === 'at' && !at)}>{T.save}</Button></>}>
      <form id={form} class="stack" onSubmit={(event) => {
        event.preventDefault();
        void attempt(async () => {
          if (job) await gateway.call('cron.update', { id: job.id, expectedConfigRevision: job.configRevision, patch: { name: name.trim(), schedule, payload } });
          else await gateway.call('cron.add', { name: name.trim(), schedule, payload, sessionTarget: target, ...(agentId ? { agentId: agentId as never } : {}) });
          toast(T.saved);
          done();
        });
      }}>
        <Field label={T.agents.name}>{(id) => <input id={id} class="input" value={name} required maxLength={100} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
        <div class="field">
          <span class="label">{T.cron.when}</span>
          <Segments label={T.cron.when} value={kind} options={[['cron', T.cron.kinds.cron], ['every', T.cron.kinds.every], ['at', T.cron.kinds.at]] as const} onChange={setKind} />
        </div>
        {kind === 'cron' && (
          <div class="row top">
            <Field label={T.cron.expr} help={T.cron.exprHelp}>{(id) => <input id={id} class="input mono" value={expr} required onInput={(event) => setExpr(event.currentTarget.value)} />}</Field>
            <Field label={T.cron.zone}>{(id) => <input id={id} class="input" value={tz} onInput={(event) => setTz(event.currentTarget.value)} />}</Field>
          </div>
        )}
        {kind === 'every' && (
          <div class="row">
            <input class="input" type="number" min={1} aria-label={T.cron.kinds.every} value={every} onInput={(event) => setEvery(Number(event.currentTarget.value))} />
            <select class="input" aria-label={T.cron.unit} value={unit} onChange={(event) => setUnit(event.currentTarget.value as keyof typeof units)}>{(Object.keys(units) as (keyof typeof units)[]).map((one) => <option key={one} value={one}>{T.cron.units[one]}</option>)}</select>
          </div>
        )}
        {kind === 'at' && <Field label={T.cron.kinds.at}>{(id) => <input id={id} class="input" type="datetime-local" value={at} required onInput={(event) => setAt(event.currentTarget.value)} />}</Field>}
        {(kind !== 'at' || at) && <div class="note" role="status"><span>{plain(schedule)}</span></div>}
        {!job && (
          <Field label={T.cron.target} help={T.cron.targetHelp[target]}>
            {(id) => <select id={id} class="input" value={target} onChange={(event) => setTarget(event.currentTarget.value)}>{['isolated', 'main'].map((one) => <option key={one} value={one}>{T.cron.targets[one]}</option>)}</select>}
          </Field>
        )}
        {!job && (agents.data?.agents.length ?? 0) > 1 && (
          <Field label={T.palette.agent}>
            {(id) => <select id={id} class="input" value={agentId} onChange={(event) => setAgentId(event.currentTarget.value)}><option value="">{T.cron.defaultAgent}</option>{agents.data?.agents.map((agent) => <option key={agent.id} value={agent.id}>{agent.name ?? agent.id}</option>)}</select>}
          </Field>
        )}
        <Field label={isEvent ? T.cron.tells : T.cron.says}>{(id) => <textarea id={id} class="input" rows={4} required value={message} onInput={(event) => setMessage(event.currentTarget.value)} />}</Field>
        {!job && kind === 'cron' && <Command text={`openclaw cron add ${quoted(expr)} ${quoted(message || '…')}${tz ? ` --tz ${tz}` : ''} --name ${quoted(name || '…')}`} />}
      </form>
    </Dialog>
  );
}
