// Chat channels and what is known of each. A channel is never shown as well because it is configured: only because it was asked.
import { Badge, Card, Command, Empty, Loaded, Time } from '../parts/basic';
import { quoted } from '../format';
import { useCall } from '../link';
import { T } from '../text';

interface Account {
  accountId?: string;
  configured?: boolean;
  enabled?: boolean;
  running?: boolean;
  connected?: boolean;
  lastError?: string | null;
  lastProbeAt?: number | null;
  probe?: { ok?: boolean } | null;
}

interface Status {
  ts: number;
  channelOrder: string[];
  channelLabels: Record<string, string>;
  channelAccounts: Record<string, Account[]>;
}

export default function Channels() {
  const status = useCall<'channels.status', Status>('channels.status', {}, { every: 60_000 });
  const pairing = useCall<'channels.pairing.list', { requests: { channel?: string; senderId?: string; code?: string; createdAt?: number }[] }>('channels.pairing.list', {});
  return (
    <div class="stack">
      <Loaded asked={status}>
        {(data) => data.channelOrder.length === 0 ? (
          <div class="card"><Empty icon="channels" title={T.channels.none.title} text={T.channels.none.text} command="openclaw channels list" /></div>
        ) : (
          <div class="cards">
            {data.channelOrder.map((channel) => (
              <article class="card tile" key={channel}>
                <h2>{data.channelLabels[channel] ?? channel}</h2>
                {(data.channelAccounts[channel] ?? []).map((account, n) => (
                  <div class="stack tight" key={account.accountId ?? n}>
                    <div class="row"><span>{account.accountId ?? T.channels.account}</span>
                      <span class="push">{account.lastProbeAt
                        ? <Badge tone={account.probe?.ok ? 'good' : 'bad'}>{account.probe?.ok ? T.channels.verified : T.channels.failed}</Badge>
                        : <Badge>{T.channels.notProbed}</Badge>}</span>
                    </div>
                    {account.lastProbeAt && <span class="soft small-text">{T.channels.probed} <Time at={account.lastProbeAt} /></span>}
                    {account.lastError && <span class="bad small-text break">{account.lastError}</span>}
                  </div>
                ))}
              </article>
            ))}
          </div>
        )}
      </Loaded>
      <Card title={T.channels.pairing} sub={T.channels.pairingSub} flush>
        <Loaded asked={pairing} lines={2}>
          {({ requests }) => requests.length === 0 ? <p class="pad soft">{T.channels.noPairing}</p> : (
            <ul class="list">{requests.map((one, n) => <li class="line" key={n}><strong>{one.channel}</strong><span>{one.senderId}</span>{one.code && <Command text={`openclaw call channels.pairing.approve --params ${quoted(JSON.stringify({ channel: one.channel, code: one.code }))}`} />}</li>)}</ul>
          )}
        </Loaded>
      </Card>
    </div>
  );
}
