// Every method that this browser may call: what it is, what it takes, calling it, and the frames as they pass.
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { Act, attempt, Badge, Button, Card, Command, Copy, Empty, Loaded, Search, Segments } from '../parts/basic';
import { millis, quoted } from '../format';
import { CallError, gateway, useCall } from '../link';
import { asked, setQuery } from '../route';
import { kindsOf, resolve, sample, type Shape } from '../state/sample';
import type { MethodsDescribeReply } from '../../../docs/methods';
import { T } from '../text';
import '../style/console.css';

export default function Console() {
  const list = useCall('methods.list', {});
  const query = asked('q').toLowerCase();
  const tab = (asked('tab') || 'call') as 'call' | 'frames';
  const method = asked('method');
  return (
    <>
      <div class="toolbar">
        <Segments label={T.nav.console} value={tab} options={[['call', T.console.call], ['frames', T.console.frames]] as const} onChange={(next) => setQuery({ tab: next === 'call' ? '' : next })} />
        <span class="push"><Command text="openclaw methods" /></span>
      </div>
      {tab === 'frames' ? <Frames /> : (
        <Loaded asked={list} lines={8}>
          {({ methods }) => {
            const fits = methods.filter(({ name, about, unavailable }) => (!unavailable || query !== '') && (!query || `${name} ${about}`.toLowerCase().includes(query)));
            return (
              <div class="console">
                <div class="card console-list">
                  <div class="pad-small"><Search value={asked('q')} label={T.console.search(methods.length)} onInput={(q) => setQuery({ q })} /></div>
                  <ul class="list">
                    {fits.slice(0, 400).map((one) => (
                      <li key={one.name}>
                        <button type="button" class="line pick" aria-pressed={one.name === method} data-row onClick={() => setQuery({ method: one.name })}>
                          <span class="what"><span class="mono cut">{one.name}</span><span class="soft small-text cut">{one.about}</span></span>
                          {one.unavailable && <Badge tone="warn">{T.console.notYet}</Badge>}
                        </button>
                      </li>
                    ))}
                    {fits.length === 0 && <li class="line soft">{T.console.none}</li>}
                  </ul>
                </div>
                {method ? <Call key={method} method={method} /> : <div class="card"><Empty icon="console" title={T.console.pick.title} text={T.console.pick.text} command="openclaw call health" /></div>}
              </div>
            );
          }}
        </Loaded>
      )}
    </>
  );
}

const drafts = new Map<string, string>();

function Call({ method }: { method: string }) {
  const about = useCall<'methods.describe', MethodsDescribeReply>('methods.describe', { method });
  return <Loaded asked={about} lines={6}>{(data) => <CallForm key={data.name} about={data} />}</Loaded>;
}

function CallForm({ about }: { about: MethodsDescribeReply }) {
  const root = (about.params ?? {}) as Shape;
  const start = useMemo(() => drafts.get(about.name) ?? JSON.stringify((about.example as { params?: unknown } | undefined)?.params ?? sample(root, root) ?? {}, null, 2), []);
  const [text, setText] = useState(start);
  const [result, setResult] = useState<{ text: string; good: boolean; took: number } | undefined>(undefined);
  useEffect(() => void drafts.set(about.name, text), [text]);
  let params: unknown;
  let wrong = '';
  try {
    params = JSON.parse(text || '{}');
  } catch (error) {
    wrong = error instanceof Error ? error.message : String(error);
  }
  const properties = Object.entries(resolve(root, root).properties ?? {});
  const required = new Set(resolve(root, root).required ?? []);
  const insert = (name: string, shape: Shape) => {
    if (wrong || typeof params !== 'object' || params === null) return;
    setText(JSON.stringify({ ...params, [name]: sample(shape, root) }, null, 2));
  };
  return (
    <div class="stack">
      <Card title={<span class="mono">{about.name}</span>} actions={<>{about.audit && <Badge tone="warn" title={T.console.audited}>{about.audit}</Badge>}<Badge>{about.scope ?? T.console.anyScope}</Badge></>}>
        <div class="stack">
          <p>{about.about}</p>
          {about.unavailable && <div class="note warn"><span>{about.unavailable}</span></div>}
          <div class="field">
            <label for="console-params">{T.nodes.params}</label>
            <textarea id="console-params" class="input mono" rows={Math.min(16, Math.max(4, text.split('\n').length + 1))} spellcheck={false} value={text} aria-invalid={wrong !== ''} onInput={(event) => setText(event.currentTarget.value)} />
            {wrong && <span class="bad small-text">{wrong}</span>}
          </div>
          <div class="row wrap">
            <Act kind={`primary ${about.audit ? 'danger' : ''}`} icon="play" disabled={wrong !== ''} run={async () => {
              const began = performance.now();
              try {
                const answer = await gateway.request(about.name, params);
                setResult({ text: JSON.stringify(answer, null, 2), good: true, took: performance.now() - began });
              } catch (error) {
                setResult({ text: error instanceof CallError ? JSON.stringify(error.error, null, 2) : String(error), good: false, took: performance.now() - began });
              }
            }}>{T.console.run}</Act>
            <Command text={`openclaw call ${about.name}${text.trim() && text.trim() !== '{}' ? ` --params ${quoted(text.replace(/\s+/g, ' '))}` : ''}`} />
          </div>
        </div>
      </Card>
      {result && (
        <Card title={result.good ? T.console.answer : T.console.refused} sub={millis(result.took)} flush actions={<Copy text={result.text} />}>
          <pre class={`block result ${result.good ? '' : 'bad'}`} tabIndex={0} role="status">{result.text.slice(0, 200_000)}</pre>
        </Card>
      )}
      {properties.length > 0 && (
        <Card title={T.nodes.params} sub={T.console.paramsSub} flush>
          <div class="table-wrap">
            <table>
              <tbody>
                {properties.map(([name, shape]) => (
                  <tr key={name}>
                    <td><button type="button" class="bare mono" onClick={() => insert(name, shape)}>{name}{required.has(name) && <span class="bad" title={T.console.required}> *</span>}</button></td>
                    <td class="soft small-text wide-only">{kindsOf(resolve(shape, root)).filter((kind) => kind !== 'null').join(' | ') || T.console.any}</td>
                    <td class="soft small-text">{resolve(shape, root).description ?? shape.description}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Card>
      )}
    </div>
  );
}

function Frames() {
  // Before anything can be pressed: what somebody calls as soon as they see the page is already watched.
  useLayoutEffect(() => {
    gateway.watching += 1;
    return () => {
      gateway.watching -= 1;
      gateway.frames.value = [];
    };
  }, []);
  const [open, setOpen] = useState<number | undefined>(undefined);
  const query = asked('q').toLowerCase();
  const list = gateway.frames.value.filter(({ text }) => !query || text.toLowerCase().includes(query)).slice().reverse();
  return (
    <Card title={T.console.frames} sub={T.console.framesSub} flush actions={(
      // The button stays where it is: a frame that comes while somebody aims at it must not take it away.
      <div class="row wrap">
        <Search value={asked('q')} label={T.palette.open} onInput={(q) => setQuery({ q })} />
        <Button onClick={() => void attempt(() => gateway.call('health', {}))}>{T.console.health}</Button>
      </div>
    )}>
      {list.length === 0 ? <Empty icon="console" title={T.console.noFrames.title} text={T.console.noFrames.text} /> : (
        <ul class="list frames">
          {list.map((frame) => (
            <li key={frame.n}>
              <button type="button" class="line pick" aria-expanded={open === frame.n} onClick={() => setOpen(open === frame.n ? undefined : frame.n)}>
                <Badge tone={frame.out ? 'accent' : 'info'}>{frame.out ? T.console.out : T.console.in}</Badge>
                <span class="soft small-text mono">{new Date(frame.at).toLocaleTimeString()}</span>
                <code class="cut">{frame.text}</code>
              </button>
              {open === frame.n && <pre class="block" tabIndex={0}>{JSON.stringify(JSON.parse(frame.text), null, 2)}</pre>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
