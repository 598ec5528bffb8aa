// Who can reach the gateway: browsers, apps and machines, what they may, and taking that back.
import { useState } from 'preact/hooks';
import { useComputed } from '@preact/signals';
import { Act, attempt, Badge, Button, Card, Command, copy, Copy, Dot, Empty, Gone, Loaded, Time } from '../parts/basic';
import { confirm, Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { mayMakeCodes, SetupCodeDialog, SetupCodes, useSetupCodes } from '../parts/setup-code';
import { gateway, now, through, useCall } from '../link';
import { asked, setQuery } from '../route';
import type { PairedDevice, PairingRequest } from '../shapes';
import { presence } from '../state/live';
import { T } from '../text';
import { Passkeys } from './passkeys';

const scope = (word: string) => word.replace('operator.', '');
const nameOf = (device: { displayName?: string; deviceId: string }) => device.displayName || device.deviceId.slice(0, 12);

interface List {
  pending: PairingRequest[];
  paired: PairedDevice[];
}

export default function Devices() {
  const list = useCall<'device.pair.list', List>('device.pair.list', gateway.has('device.pair.list') ? {} : undefined, { on: ['device.pair.requested', 'device.pair.resolved', 'presence'] });
  const online = useComputed(() => new Set(presence.value.filter(({ reason }) => reason !== 'disconnect').map(({ deviceId }) => deviceId)));
  const codes = useSetupCodes();
  const [link, setLink] = useState<{ url: string; ends: number | null | undefined } | undefined>(undefined);
  if (!gateway.has('device.pair.list')) return <div class="card"><Empty icon="devices" title={T.problem.scope} text={T.notAllowed('operator.pairing')} /></div>;
  const wanted = asked('device');
  const picked = list.data?.paired.find(({ deviceId }) => deviceId === wanted);
  return (
    <div class="stack">
      <div class="toolbar flat">
        <span class="soft">{T.devices.sub}</span>
        <span class="push row wrap">
          <Command text="openclaw devices list" />
          {mayMakeCodes() && <Button icon="key" onClick={() => setQuery({ add: 'code' })}>{T.setupCode.add}</Button>}
          {gateway.has('dashboard.link') && !through.value && <Act kind="primary" icon="plus" run={async () => { const made = await gateway.call('dashboard.link', {}); setLink({ url: location.origin + made.path, ends: made.expiresAtMs }); }}>{T.devices.add}</Act>}
        </span>
      </div>
      <Loaded asked={list}>
        {({ pending, paired }) => (
          <>
            {wanted && !picked && <Gone />}
            {pending.map((request) => <Request key={request.requestId} request={request} reload={list.reload} />)}
            <Card title={T.devices.paired} sub={String(paired.length)} flush>
              {paired.length === 0 ? <Empty icon="devices" title={T.devices.none.title} text={T.devices.none.text} /> : (
                <div class="table-wrap">
                  <table>
                    <thead><tr><th>{T.devices.name}</th><th class="wide-only">{T.devices.role}</th><th class="wide-only">{T.devices.scopes}</th><th>{T.devices.seen}</th><th /></tr></thead>
                    <tbody>
                      {[...paired].sort((a, b) => Number(online.value.has(b.deviceId)) - Number(online.value.has(a.deviceId)) || (b.lastSeenAtMs ?? 0) - (a.lastSeenAtMs ?? 0)).map((device) => (
                        <tr key={device.deviceId}>
                          <td>
                            <span class="row"><Dot tone={online.value.has(device.deviceId) ? 'good' : ''} />
                              <span class="what">
                                <span class="row wrap"><button type="button" class="bare title cut" data-row onClick={() => setQuery({ device: device.deviceId })}>{nameOf(device)}</button>{device.deviceId === gateway.deviceId.value && <Badge tone="accent">{T.devices.this}</Badge>}</span>
                                <span class="soft small-text mono cut">{device.deviceId.slice(0, 12)} · {device.platform ?? ''}</span>
                              </span>
                            </span>
                          </td>
                          <td class="wide-only">{device.roles.join(', ')}</td>
                          <td class="wide-only soft small-text">{device.scopes.includes('operator.admin') ? <Badge tone="warn">{T.devices.everything}</Badge> : device.scopes.map(scope).join(', ') || '–'}</td>
                          <td class="soft">{online.value.has(device.deviceId) ? T.devices.now : device.lastSeenAtMs ? <Time at={device.lastSeenAtMs} /> : T.never}</td>
                          <td class="num"><Button kind="plain small" icon="more" label={T.sessions.actions(nameOf(device))} onClick={() => setQuery({ device: device.deviceId })} /></td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </Card>
            <SetupCodes codes={codes.data?.codes ?? []} reload={codes.reload} />
            <Card title={T.devices.connections} sub={T.devices.connectionsSub} flush>
              <ul class="list">
                {presence.value.map((one, n) => (
                  <li key={one.instanceId ?? n}>
                    <div class="line">
                      <Dot tone={one.reason === 'disconnect' ? '' : 'good'} />
                      <span class="what"><span class="cut title">{one.host ?? one.text}</span><span class="soft small-text cut">{[one.mode, one.platform, one.version, one.ip].filter(Boolean).join(' · ')}</span></span>
                      <span class="push soft small-text when"><Time at={one.ts} /></span>
                    </div>
                  </li>
                ))}
              </ul>
            </Card>
          </>
        )}
      </Loaded>
      <Passkeys />
      {picked && <Details device={picked} close={() => setQuery({ device: '' })} reload={list.reload} />}
      {asked('add') === 'code' && mayMakeCodes() && <SetupCodeDialog close={() => setQuery({ add: '' })} changed={codes.reload} />}
      {link && (
        <Dialog title={T.devices.add} onClose={() => setLink(undefined)}>
          <p>{T.devices.linkText}</p>
          <span class="command"><code tabIndex={0}>{link.url}</code><Copy text={link.url} /></span>
          {link.ends && <p class="soft small-text">{T.devices.linkEnds} <Time at={link.ends} /></p>}
          {/^(localhost|127\.|\[::1\])/.test(location.hostname) && <div class="note"><Icon name="about" size={16} /><span>{T.devices.linkLocal}</span></div>}
        </Dialog>
      )}
    </div>
  );
}

function Request({ request, reload }: { request: PairingRequest; reload: () => void }) {
  const wide = request.scopes.includes('operator.admin');
  return (
    <article class="approval" aria-label={T.devices.asks(nameOf(request))}>
      <header class="row wrap"><Icon name="devices" /><strong>{nameOf(request)}</strong><span class="soft">{request.isRepair ? T.devices.asksMore : T.devices.asksIn}</span><span class="push soft small-text"><Time at={request.ts} /></span></header>
      <dl class="facts">
        <dt>{T.devices.from}</dt><dd>{request.remoteIp ?? '–'}</dd>
        <dt>{T.devices.platform}</dt><dd>{request.platform ?? '–'}</dd>
        <dt>{T.devices.program}</dt><dd>{request.clientId} ({request.clientMode})</dd>
        <dt>{T.devices.key}</dt><dd class="mono">{request.deviceId.slice(0, 16)}…</dd>
      </dl>
      <div class="row wrap">{request.scopes.map((word) => <Badge key={word} tone={word === 'operator.admin' ? 'warn' : ''}>{scope(word)}</Badge>)}</div>
      {wide && <div class="note warn"><span>{T.devices.wide}</span></div>}
      <div class="row wrap">
        <Act kind="primary" done={T.devices.approved} disabled={!gateway.has('device.pair.approve')} run={async () => { await gateway.call('device.pair.approve', { requestId: request.requestId }); reload(); }}>{T.devices.approve}</Act>
        <Act kind="danger" disabled={!gateway.has('device.pair.reject')} run={async () => { await gateway.call('device.pair.reject', { requestId: request.requestId }); reload(); }}>{T.devices.reject}</Act>
        <Command text={`openclaw devices approve ${request.requestId.slice(0, 8)}`} />
      </div>
    </article>
  );
}

function Details({ device, close, reload }: { device: PairedDevice; close: () => void; reload: () => void }) {
  const mine = device.deviceId === gateway.deviceId.value;
  const id = device.deviceId as never;
  return (
    <Dialog title={nameOf(device)} onClose={close} footer={
      <>
        <Button disabled={!gateway.has('device.token.revoke')} onClick={() => confirm({ title: T.devices.revokeAsk, text: T.devices.revokeText, action: T.devices.revoke, danger: true, run: async () => { await gateway.call('device.token.revoke', { deviceId: id, role: device.roles[0] }); close(); reload(); } })}>{T.devices.revoke}</Button>
        <Button kind="danger" icon="trash" disabled={!gateway.has('device.pair.remove')} onClick={() => confirm({ title: T.devices.removeAsk(nameOf(device)), text: mine ? T.devices.removeMine : T.devices.removeText, action: T.remove, danger: true, run: async () => { await gateway.call('device.pair.remove', { deviceId: id }); close(); reload(); } })}>{T.remove}</Button>
      </>
    }>
      {mine && <div class="note"><span>{T.devices.mine}</span></div>}
      <dl class="facts">
        <dt>{T.devices.key}</dt><dd class="mono">{device.deviceId}</dd>
        <dt>{T.devices.program}</dt><dd>{device.clientId} ({device.clientMode})</dd>
        <dt>{T.devices.platform}</dt><dd>{device.platform ?? '–'}</dd>
        <dt>{T.devices.from}</dt><dd>{device.remoteIp ?? '–'}</dd>
        <dt>{T.devices.scopes}</dt><dd>{device.scopes.map(scope).join(', ') || '–'}</dd>
        <dt>{T.devices.approvedAt}</dt><dd>{device.approvedAtMs ? <><Time at={device.approvedAtMs} /> ({T.devices.via[(device.approvedVia ?? '').split(':')[0]!] ?? device.approvedVia})</> : '–'}</dd>
        <dt>{T.devices.seen}</dt><dd>{device.lastSeenAtMs ? <Time at={device.lastSeenAtMs} /> : T.never}</dd>
      </dl>
      {(device.tokens ?? []).map((token) => (
        <div class="row wrap small-text" key={token.role}>
          <Icon name="key" size={16} /><span>{T.devices.token(token.role)}</span>
          {token.revokedAtMs ? <Badge tone="bad">{T.approvals.revoked}</Badge> : token.expiresAtMs && <span class={token.expiresAtMs < now.value ? 'bad' : 'soft'}>{T.devices.ends} <Time at={token.expiresAtMs} /></span>}
        </div>
      ))}
      <div class="row"><Button kind="small" icon="copy" onClick={() => void attempt(() => copy(device.publicKey))}>{T.devices.copyKey}</Button></div>
    </Dialog>
  );
}
