// The passkeys with which people confirm that it is them: made, named and taken away.
import { useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Card, Command, Empty, Field, Loaded, Time } from '../parts/basic';
import { Dialog } from '../parts/dialog';
import { Icon } from '../parts/icons';
import { toast } from '../parts/toasts';
import { gateway, through, useCall } from '../link';
import { able, create, type Options } from '../link/passkey';
import { T } from '../text';

interface Passkey {
  id: string;
  name: string;
  rpId: string;
  createdAtMs: number;
  createdBy: string;
  lastUsedAtMs?: number | null;
  devices: string[];
}

interface List {
  passkeys: Passkey[];
  mode: string;
  max: number;
}

export function Passkeys() {
  const here = gateway.has('passkeys.list') && !through.value;
  const list = useCall<'passkeys.list', List>('passkeys.list', here ? {} : undefined, { on: ['passkeys.changed', 'device.pair.resolved'] });
  const [adding, setAdding] = useState(false);
  const [picked, pick] = useState<string | undefined>(undefined);
  if (!here) return null;
  const off = list.data?.mode === 'off';
  const may = gateway.has('passkeys.register.begin') && able() && !off && (list.data?.passkeys.length ?? 0) < (list.data?.max ?? 0);
  const open = list.data?.passkeys.find(({ id }) => id === picked);
  return (
    <Card title={T.passkeys.title} sub={T.passkeys.sub} flush actions={<Button kind="small" icon="plus" disabled={!may} onClick={() => setAdding(true)}>{T.passkeys.add}</Button>}>
      <Loaded asked={list} lines={2}>
        {({ passkeys, mode }) => (
          <>
            {mode === 'required' && passkeys.length === 0 && <div class="note warn"><Icon name="warn" size={16} /><span>{T.passkeys.requiredNone}</span></div>}
            {!off && !able() && <div class="note"><Icon name="about" size={16} /><span>{T.passkeys.unable(location.port)}</span></div>}
            {passkeys.length === 0 ? (
              <Empty icon="key" title={off ? T.passkeys.off.title : T.passkeys.none.title} text={off ? T.passkeys.off.text : T.passkeys.none.text} command={off ? T.passkeys.off.command : T.passkeys.command} />
            ) : (
              <ul class="list" aria-label={T.passkeys.title}>
                {passkeys.map((passkey) => (
                  <li key={passkey.id}>
                    <div class="line">
                      <Icon name="key" size={16} />
                      <span class="what">
                        <span class="row wrap"><button type="button" class="bare title cut" data-row onClick={() => pick(passkey.id)}>{passkey.name}</button>{passkey.rpId !== location.hostname && <Badge>{passkey.rpId}</Badge>}</span>
                        <span class="soft small-text cut">{T.passkeys.made} <Time at={passkey.createdAtMs} /> · {T.passkeys.used} {passkey.lastUsedAtMs ? <Time at={passkey.lastUsedAtMs} /> : T.never}</span>
                      </span>
                      <Button kind="plain small push" icon="more" label={T.sessions.actions(passkey.name)} onClick={() => pick(passkey.id)} />
                    </div>
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
      {adding && <Add close={() => setAdding(false)} reload={list.reload} />}
      {open && <Details passkey={open} close={() => pick(undefined)} reload={list.reload} />}
    </Card>
  );
}

function Add({ close, reload }: { close: () => void; reload: () => void }) {
  const [name, setName] = useState<string>(T.passkeys.suggestion);
  const [busy, setBusy] = useState(false);
  const make = async () => {
    if (busy || !name.trim()) return;
    setBusy(true);
    const good = await attempt(async () => {
      const begun = (await gateway.call('passkeys.register.begin', {})) as { publicKey: Options };
      const credential = await create(begun.publicKey);
      await gateway.request('passkeys.register.finish', { name: name.trim(), credential });
    });
    setBusy(false);
    if (!good) return;
    toast(T.passkeys.added);
    reload();
    close();
  };
  return (
    <Dialog title={T.passkeys.add} onClose={close} firm footer={<Button kind="primary" aria-busy={busy} disabled={!name.trim()} onClick={() => void make()}>{busy ? T.passkeys.waiting : T.passkeys.go}</Button>}>
      <p>{T.passkeys.addText}</p>
      <form onSubmit={(event) => { event.preventDefault(); void make(); }}>
        <Field label={T.passkeys.name}>{(id) => <input id={id} class="input" maxLength={64} required value={name} onInput={(event) => setName(event.currentTarget.value)} autoFocus />}</Field>
      </form>
    </Dialog>
  );
}

function Details({ passkey, close, reload }: { passkey: Passkey; close: () => void; reload: () => void }) {
  const [name, setName] = useState(passkey.name);
  const [asking, ask] = useState(false);
  const [devices, setDevices] = useState(false);
  const may = gateway.has('passkeys.remove');
  const remove = async () => {
    await gateway.call('passkeys.remove', { id: passkey.id, andDevices: devices });
    close();
    reload();
  };
  const rename = async () => {
    await gateway.call('passkeys.rename', { id: passkey.id, name: name.trim() });
    reload();
  };
  return (
    <Dialog title={asking ? T.passkeys.removeAsk(passkey.name) : passkey.name} onClose={close} footer={
      asking ? <><Button onClick={() => ask(false)}>{T.back}</Button><Act kind="danger" icon="trash" done={T.passkeys.removed} run={remove}>{T.remove}</Act></>
        : <Button kind="danger" icon="trash" disabled={!may} onClick={() => ask(true)}>{T.remove}</Button>
    }>
      {asking ? (
        <>
          <p>{T.passkeys.removeText}</p>
          {passkey.devices.length > 0 && (
            <label class="check"><input type="checkbox" checked={devices} onChange={(event) => setDevices(event.currentTarget.checked)} /><span>{T.passkeys.andDevices(passkey.devices.length)}</span></label>
          )}
        </>
      ) : (
        <>
          <form class="row" onSubmit={(event) => { event.preventDefault(); void attempt(rename).then((good) => good && toast(T.sessions.renamed)); }}>
            <Field label={T.passkeys.name}>{(id) => <input id={id} class="input" maxLength={64} required value={name} disabled={!may} onInput={(event) => setName(event.currentTarget.value)} />}</Field>
            <Button type="submit" disabled={!may || !name.trim() || name.trim() === passkey.name}>{T.passkeys.rename}</Button>
          </form>
          <dl class="facts">
            <dt>{T.passkeys.host}</dt><dd class="mono">{passkey.rpId}</dd>
            <dt>{T.passkeys.made}</dt><dd><Time at={passkey.createdAtMs} /> ({passkey.createdBy.replace(/([0-9a-f]{12})[0-9a-f]{52}/, '$1…')})</dd>
            <dt>{T.passkeys.used}</dt><dd>{passkey.lastUsedAtMs ? <Time at={passkey.lastUsedAtMs} /> : T.never}</dd>
            <dt>{T.devices.paired}</dt><dd>{passkey.devices.length}</dd>
          </dl>
          <Command text={`openclaw passkeys remove ${passkey.id.slice(0, 8)}`} />
        </>
      )}
    </Dialog>
  );
}
