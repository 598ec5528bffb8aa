// What waits for people, what was decided, what is allowed for good, and the policy behind it.
import { useEffect, useState } from 'preact/hooks';
import { ApprovalCard, QuestionCard } from '../parts/approval-card';
import { Act, Badge, Button, Card, Command, Empty, Field, Gone, Loaded, Problem, Segments, Skeleton, Time } from '../parts/basic';
import { confirm } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { Plain } from '../parts/plain';
import { shortKey } from '../format';
import { gateway, hello, through, useCall } from '../link';
import { asked, path, setQuery } from '../route';
import { everyQuestion, everyWaiting, failed, fetched, fetchWaiting, HOME, nameIn, needed, placeOf, places } from '../state/approvals';
import type { ApprovalHistoryReply, ExecApprovalsGetReply } from '../../../docs/methods';
import { T } from '../text';
import '../style/approvals.css';

const tabs = [['waiting', T.approvals.waiting], ['history', T.approvals.history], ['grants', T.approvals.grants], ['policy', T.approvals.policy]] as const;
type Tab = (typeof tabs)[number][0];

export default function Approvals() {
  const tab = (asked('show') || 'waiting') as Tab;
  return (
    <>
      <div class="toolbar">
        <Segments label={T.nav.approvals} value={tab} options={tabs.map(([name, text]) => [name, name === 'waiting' && needed.value > 0 ? `${text} (${needed.value})` : text] as const)} onChange={(show) => setQuery({ show: show === 'waiting' ? '' : show })} />
        {tab === 'waiting' && <Which />}
        <span class="push"><Command text="openclaw approvals pending" /></span>
      </div>
      {tab === 'waiting' && <Inbox />}
      {tab === 'history' && <History />}
      {tab === 'grants' && <Grants />}
      {tab === 'policy' && <Policy />}
    </>
  );
}

/** The approval that a link names; a name that is no name is none. */
function namedIn(address: string): string | undefined {
  if (!address.startsWith('/approve/')) return undefined;
  const name = address.slice('/approve/'.length);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** How the gateway that the page acts on is named in the address. */
const acted = () => through.value?.id ?? HOME;

/** Every gateway whose questions are in the list. */
function gateways(): [id: string, name: string][] {
  const here = placeOf(undefined);
  return here === undefined ? [] : [[acted(), here], ...places.value.map(({ id, name }): [string, string] => [id, name])];
}

/** One gateway, or all of them. */
function Which() {
  const all = gateways();
  if (all.length === 0) return null;
  return (
    <select class="input narrow" aria-label={T.approvals.gateway} value={asked('gateway')} onChange={(event) => setQuery({ gateway: event.currentTarget.value })}>
      <option value="">{T.approvals.everyGateway}</option>
      {all.map(([id, name]) => <option key={id} value={id}>{name}</option>)}
    </select>
  );
}

/** What is not in the list, and why: a gateway that is not reached is not one where nothing waits. */
function Unreached({ picked }: { picked: string }) {
  return (
    <>
      {places.value.filter(({ id, reached }) => !reached && (picked === '' || picked === id)).map(({ id, name, problem }) => (
        <div class={`note ${problem === undefined ? '' : 'warn'}`} key={id} role="status">
          <Icon name={problem === undefined ? 'gateways' : 'warn'} size={16} />
          <span class="break">{problem === undefined ? T.approvals.asking(name) : T.approvals.unreached(name, problem)}</span>
          {problem !== undefined && <a class="push" href="/gateways">{T.nav.gateways}</a>}
        </div>
      ))}
    </>
  );
}

function Inbox() {
  const named = namedIn(path.value);
  useEffect(() => document.getElementById(`approval-${named}`)?.scrollIntoView({ block: 'center' }), [named, everyWaiting.value.length]);
  if (!gateway.may('operator.approvals') && places.value.length === 0) return <Empty icon="approvals" title={T.problem.scope} text={T.notAllowed('operator.approvals')} />;
  if (failed.value) return <Problem error={failed.value} retry={() => void fetchWaiting()} />;
  if (!fetched.value) return <Skeleton lines={5} />;
  const wanted = places.value.length === 0 ? '' : asked('gateway');
  const known = wanted === '' || gateways().some(([id]) => id === wanted);
  const picked = known ? wanted : '';
  const shown = ({ at }: { at?: string }) => picked === '' || (at ?? acted()) === picked;
  const waiting = everyWaiting.value.filter(shown);
  const questions = everyQuestion.value.filter(shown);
  const gone = named && !everyWaiting.value.some(({ id }) => id === named);
  return (
    <div class="stack">
      {!known && <Gone />}
      <Unreached picked={picked} />
      {gone && waiting.length + questions.length > 0 && <div class="note">{T.approvals.gone}</div>}
      {waiting.length + questions.length === 0
        ? <div class="card"><Empty icon="approvals" title={T.approvals.none.title} text={T.approvals.none.text}><a class="button" href="/approvals?show=policy">{T.approvals.policy}</a></Empty></div>
        : (
          <div class="inbox">
            {waiting.map((one) => <div id={`approval-${nameIn(one)}`} key={nameIn(one)} class={one.id === named ? 'named' : ''}><ApprovalCard one={one} /></div>)}
            {questions.map((one) => <QuestionCard key={nameIn(one)} one={one} />)}
          </div>
        )}
    </div>
  );
}

type Item = ApprovalHistoryReply['items'][number];

function History() {
  const [older, setOlder] = useState<Item[]>([]);
  const [cursor, setCursor] = useState<string | null | undefined>(undefined);
  const list = useCall('approval.history', gateway.has('approval.history') ? { limit: 50 } : undefined, { on: ['exec.approval.resolved', 'plugin.approval.resolved'] });
  if (!gateway.has('approval.history')) return <Empty icon="approvals" title={T.problem.scope} text={T.notAllowed('operator.approvals')} />;
  return (
    <Loaded asked={list}>
      {(data) => {
        // The first page moves on as decisions come: what was seen before stays in the list.
        const items = [...new Map([...data.items, ...older].map((item) => [item.id, item])).values()];
        const next = cursor === undefined ? data.nextCursor : cursor;
        if (items.length === 0) return <div class="card"><Empty icon="approvals" title={T.approvals.noHistory.title} text={T.approvals.noHistory.text} /></div>;
        return (
          <Card title={T.approvals.history} sub={T.approvals.historySub} flush>
            <div class="table-wrap">
              <table>
                <thead><tr><th>{T.approvals.what}</th><th>{T.approvals.outcome}</th><th class="wide-only">{T.approvals.by}</th><th class="wide-only">{T.palette.session}</th><th>{T.approvals.when}</th></tr></thead>
                <tbody>
                  {items.map((item) => {
                    const what = item.presentation as unknown as { kind: string; commandText?: string; title?: string };
                    const status = item.status;
                    const key = item.source?.sessionKey;
                    return (
                      <tr key={item.id} data-row tabIndex={-1}>
                        <td class="wide"><code class="break"><Plain text={what.commandText ?? what.title ?? ''} /></code></td>
                        <td><Badge tone={status === 'allowed' ? 'good' : status === 'denied' ? 'bad' : 'warn'}>{T.approvals.status[item.decision === 'allow-always' ? 'always' : status] ?? status}</Badge></td>
                        <td class="wide-only soft">{item.resolver ? `${item.resolver.kind}${item.resolver.id ? ` ${item.resolver.id.slice(0, 12)}` : ''}` : (item.reason ?? '–')}</td>
                        <td class="wide-only">{key ? <a href={`/chat?session=${encodeURIComponent(key)}`}>{shortKey(key)}</a> : '–'}</td>
                        <td class="soft"><Time at={item.resolvedAtMs ?? item.createdAtMs} /></td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
            {next && <div class="pad"><Act run={async () => {
              const page = await gateway.call('approval.history', { limit: 50, cursor: next });
              setOlder([...items, ...page.items]);
              setCursor(page.nextCursor ?? null);
            }}>{T.older}</Act></div>}
          </Card>
        );
      }}
    </Loaded>
  );
}

function Grants() {
  const list = useCall('exec.approval.grants.list', {}, { on: ['exec.approval.resolved'] });
  return (
    <Loaded asked={list}>
      {({ grants }) => grants.length === 0 ? (
        <div class="card"><Empty icon="key" title={T.approvals.noGrants.title} text={T.approvals.noGrants.text} /></div>
      ) : (
        <Card title={T.approvals.grants} sub={T.approvals.grantsSub} flush>
          <div class="table-wrap">
            <table>
              <thead><tr><th>{T.approvals.what}</th><th>{T.palette.agent}</th><th class="num">{T.approvals.uses}</th><th>{T.approvals.since}</th><th>{T.approvals.until}</th><th /></tr></thead>
              <tbody>
                {grants.map((grant) => (
                  <tr key={grant.grantId}>
                    <td class="wide"><code class="break"><Plain text={grant.command} /></code>{grant.cwd && <div class="soft small-text mono">{grant.cwd}</div>}</td>
                    <td>{grant.agentId}</td>
                    <td class="num">{grant.useCount}</td>
                    <td class="soft"><Time at={grant.createdAtMs} /></td>
                    <td class="soft">{grant.revokedAtMs ? <Badge tone="bad">{T.approvals.revoked}</Badge> : grant.expiresAtMs ? <Time at={grant.expiresAtMs} /> : T.approvals.forGood}</td>
                    <td class="num">{!grant.revokedAtMs && <Act kind="small danger" disabled={!gateway.has('exec.approval.grants.revoke')} run={async () => { await gateway.call('exec.approval.grants.revoke', { grantId: grant.grantId }); list.reload(); }}>{T.approvals.takeBack}</Act>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
    </Loaded>
  );
}

const securities = ['deny', 'allowlist', 'full'] as const;
const asks = ['off', 'on-miss', 'always'] as const;

function Policy() {
  const policy = useCall('exec.approvals.get', {});
  return <Loaded asked={policy}>{(data) => <PolicyForm key={data.hash} data={data} reload={policy.reload} />}</Loaded>;
}

function PolicyForm({ data, reload }: { data: ExecApprovalsGetReply; reload: () => void }) {
  const resolved = data.resolvedDefaults as { security: string; ask: string; askFallback: string };
  const [security, setSecurity] = useState(resolved.security);
  const [ask, setAsk] = useState(resolved.ask);
  const [fallback, setFallback] = useState(resolved.askFallback);
  const changed = security !== resolved.security || ask !== resolved.ask || fallback !== resolved.askFallback;
  const may = gateway.has('exec.approvals.set');
  const save = async () => {
    const file = data.file as { version: number; defaults?: object; agents?: object };
    await gateway.call('exec.approvals.set', { baseHash: data.hash, file: { ...file, defaults: { ...file.defaults, security, ask, askFallback: fallback } } as never });
    reload();
  };
  const looser = (security === 'full' && resolved.security !== 'full') || (ask === 'off' && resolved.ask !== 'off') || (fallback !== 'deny' && resolved.askFallback === 'deny');
  const agents = Object.entries((data.file as { agents?: Record<string, { allowlist?: { pattern?: string }[]; security?: string; ask?: string }> }).agents ?? {});
  return (
    <div class="cols-even">
      <Card title={T.approvals.policyTitle} sub={hello.value?.server.version && data.path}>
        <div class="stack">
          <Choice label={T.approvals.security} help={T.approvals.securityHelp[security]} value={security} options={securities} names={T.approvals.securities} onChange={setSecurity} disabled={!may} />
          <Choice label={T.approvals.ask} help={T.approvals.askHelp[ask]} value={ask} options={asks} names={T.approvals.asks} onChange={setAsk} disabled={!may} />
          <Choice label={T.approvals.fallback} help={T.approvals.fallbackHelp} value={fallback} options={securities} names={T.approvals.securities} onChange={setFallback} disabled={!may} />
          {looser && <div class="note warn">{T.approvals.looser}</div>}
          <div class="row">
            {looser
              ? <Button kind="primary danger" disabled={!may || !changed} onClick={() => confirm({ title: T.approvals.looserAsk, text: T.approvals.looser, action: T.save, danger: true, run: save })}>{T.save}</Button>
              : <Act kind="primary" disabled={!may || !changed} done={T.saved} run={save}>{T.save}</Act>}
            <Command text="openclaw approvals get" />
          </div>
        </div>
      </Card>
      <Card title={T.approvals.allowlist} sub={T.approvals.allowlistSub} flush>
        {agents.length === 0 ? <Empty icon="approvals" title={T.approvals.noAllowlist.title} text={T.approvals.noAllowlist.text} command="openclaw approvals allowlist --help" /> : (
          <ul class="list">
            {agents.map(([agent, one]) => (
              <li key={agent} class="pad stack tight">
                <strong>{agent}</strong>
                {(one.allowlist ?? []).map((entry, n) => <code key={n} class="break">{entry.pattern ?? JSON.stringify(entry)}</code>)}
                {(one.allowlist ?? []).length === 0 && <span class="soft">{one.security ?? ''} {one.ask ?? ''}</span>}
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

function Choice({ label, help, value, options, names, onChange, disabled }: {
  label: string; help: string | undefined; value: string; options: readonly string[]; names: Record<string, string>; onChange: (value: string) => void; disabled: boolean;
}) {
  return (
    <Field label={label} help={help}>
      {(id) => (
        <select id={id} class="input" value={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value)}>
          {[...new Set([...options, value])].map((option) => <option key={option} value={option}>{names[option] ?? option}</option>)}
        </select>
      )}
    </Field>
  );
}
