// What this is, which version, how it is connected, and what it looks like.
import { Button, Card, Command, Segments } from '../parts/basic';
import { keysOpen } from '../parts/keys';
import { askToForget } from '../parts/link-pill';
import { setTheme, theme } from '../parts/theme';
import { span } from '../format';
import { gateway, gatewayUrl, hello, link, now, useCall } from '../link';
import { T } from '../text';

export default function About() {
  const info = useCall('system.info', {});
  const known = hello.value;
  return (
    <div class="cols-even">
      <Card title={T.about.gateway}>
        <dl class="facts">
          <dt>{T.link.version}</dt><dd>{known?.server.version ?? '–'}</dd>
          <dt>{T.about.page}</dt><dd>{__UI_VERSION__}{known && known.server.version !== __UI_VERSION__ && <span class="warn"> {T.about.differs}</span>}</dd>
          <dt>{T.link.protocolName}</dt><dd>{link.value.protocol ?? '–'}</dd>
          <dt>{T.link.address}</dt><dd class="mono">{gatewayUrl}</dd>
          <dt>{T.about.host}</dt><dd>{info.data ? `${info.data.machineName}, ${info.data.osLabel}` : '–'}</dd>
          <dt>{T.stats.uptime}</dt><dd>{info.data ? span(info.data.uptimeMs) : '–'}</dd>
          {known?.snapshot.configPath && <><dt>{T.nav.config}</dt><dd class="mono">{known.snapshot.configPath}</dd></>}
          {known?.snapshot.stateDir && <><dt>{T.about.state}</dt><dd class="mono">{known.snapshot.stateDir}</dd></>}
          <dt>{T.about.methods}</dt><dd><a href="/console">{known?.features.methods.length ?? 0}</a></dd>
        </dl>
      </Card>
      <div class="stack">
        <Card title={T.theme.label}>
          <Segments label={T.theme.label} value={theme.value} options={[['system', T.theme.system], ['light', T.theme.light], ['dark', T.theme.dark]] as const} onChange={setTheme} />
        </Card>
        <Card title={T.about.browser}>
          <div class="stack">
            <dl class="facts">
              <dt>{T.devices.key}</dt><dd class="mono">{gateway.deviceId.value ?? '–'}</dd>
              <dt>{T.link.scopes}</dt><dd>{known?.auth.scopes.map((scope) => scope.replace('operator.', '')).join(', ')}</dd>
              <dt>{T.link.since}</dt><dd>{link.value.onlineSince === undefined ? '–' : span(now.value - link.value.onlineSince)}</dd>
            </dl>
            <p class="soft">{T.about.browserText}</p>
            <div class="row wrap">{gateway.content.value && <Button onClick={() => gateway.askForMore()}>{T.link.more}</Button>}<Button kind="danger" onClick={askToForget}>{T.link.forget}</Button><Button onClick={() => (keysOpen.value = true)}>{T.keys.title}</Button></div>
          </div>
        </Card>
        <Card title={T.about.more}><div class="stack"><Command text="openclaw status" /><Command text="openclaw doctor" /></div></Card>
      </div>
    </div>
  );
}
