// The gateway's log as it is written: pushed, with facets, paused by scrolling back, and with an address for each line.
import { useEffect } from 'preact/hooks';
import { signal, useComputed, useSignal } from '@preact/signals';
import { Badge, Button, copy, Empty, Problem, Search, Segments } from '../parts/basic';
import { Dialog } from '../parts/dialog';
import { Virtual } from '../parts/virtual';
import { absolute, exactHour } from '../format';
import { CallError, epoch, gateway } from '../link';
import { asked, place, setQuery } from '../route';
import type { LogLine } from '../shapes';
import { arrived, lines, withOlder } from '../state/live';
import { T } from '../text';
import '../style/logs.css';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];
const failed = signal<CallError | undefined>(undefined);
/** Whether what the file holds was read. */
const read = signal(false);

/** A line of the file, as the gateway writes it. */
export function readLine(text: string, index: number): LogLine {
  try {
    const { level, msg, time, source, session, ...extra } = JSON.parse(text) as { level?: string; msg?: string; time?: number; source?: string; session?: string };
    return { id: `file-${time ?? 0}-${index}`, timestamp: time ?? 0, level: level ?? 'info', source: source ?? 'gateway', ...(session ? { session } : {}), message: msg ?? text, extra };
  } catch {
    return { id: `file-${index}`, timestamp: 0, level: 'info', source: 'gateway', message: text };
  }
}

async function fetchOlder(): Promise<void> {
  try {
    const tail = await gateway.call('logs.tail', { limit: 500 });
    withOlder(tail.lines.map(readLine));
    read.value = true;
    failed.value = undefined;
  } catch (error) {
    if (error instanceof CallError && !error.lost) failed.value = error;
  }
}

/** The name of a line in an address: the same whether it was heard or read from the file, now or after a reload. */
export function addressOf(line: LogLine): string {
  let sum = 5381;
  for (let n = 0; n < line.message.length; n++) sum = (Math.imul(sum, 33) ^ line.message.charCodeAt(n)) >>> 0;
  return `${line.timestamp.toString(36)}-${sum.toString(36)}`;
}

/** What a search looks through; made once for each line, however often lines come. */
const words = new WeakMap<LogLine, string>();
function wordsOf(line: LogLine): string {
  const known = words.get(line) ?? `${line.message} ${line.session ?? ''} ${line.source} ${line.extra ? JSON.stringify(line.extra) : ''}`;
  words.set(line, known);
  return known;
}

/** Levels that are finer than the finest are as fine, those that are unknown are never hidden. */
function rank(level: string): number {
  const at = levels.indexOf(level as Level);
  return at >= 0 ? at : level === 'trace' ? 0 : levels.length;
}

export default function Logs() {
  const follow = useSignal(true);
  const frozen = useSignal<readonly LogLine[] | undefined>(undefined);
  const since = useSignal(0);
  const connected = epoch.value;
  useEffect(() => {
    if (connected > 0) void fetchOlder();
  }, [connected]);
  const expression = useComputed(() => {
    const words = place.value.query.get('q') ?? '';
    if (!words) return undefined;
    try {
      return new RegExp(words, 'i');
    } catch {
      return new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
    }
  });
  const all = useComputed(() => frozen.value ?? lines.value);
  const shown = useComputed(() => {
    const { query } = place.value;
    const least = levels.indexOf((query.get('level') ?? 'debug') as Level);
    const source = query.get('source') ?? '';
    const session = query.get('session') ?? '';
    return all.value.filter((line) =>
      rank(line.level) >= least && (!source || line.source === source) && (!session || line.session === session) &&
      (!expression.value || expression.value.test(wordsOf(line))));
  });
  const sources = useComputed(() => count(all.value.map((line) => line.source)));
  const sessions = useComputed(() => count(all.value.flatMap((line) => (line.session ? [line.session] : []))));
  const wanted = asked('line');
  const picked = wanted ? all.value.find((line) => addressOf(line) === wanted) : undefined;
  const waiting = frozen.value ? arrived.value - since.value : 0;
  const freeze = (on: boolean) => {
    frozen.value = on ? lines.value : undefined;
    since.value = arrived.value;
    follow.value = !on;
  };
  return (
    <div class="logs">
      <div class="toolbar">
        <Search value={asked('q')} label={T.logs.search} onInput={(q) => setQuery({ q })} />
        <Segments label={T.logs.level} value={(asked('level') || 'debug') as Level} options={levels.map((level) => [level, T.logs.levels[level]] as const)} onChange={(level) => setQuery({ level: level === 'debug' ? '' : level })} />
        <Facet label={T.logs.source} name="source" values={sources.value} />
        {sessions.value.length > 0 && <Facet label={T.palette.session} name="session" values={sessions.value} />}
        <span class="push row">
          <span class="soft small-text" role="status">{T.logs.count(shown.value.length, all.value.length)}</span>
          <Button icon={frozen.value ? 'play' : 'pause'} label={frozen.value ? T.logs.goOn : T.logs.pause} onClick={() => freeze(!frozen.value)} />
          <span class="wide-only"><Button icon="copy" label={T.logs.export} onClick={() => void copy(shown.value.map((line) => JSON.stringify(line)).join('\n'))} /></span>
        </span>
      </div>
      {wanted && !picked && read.value && <div class="note" role="status"><span>{T.logs.gone}</span></div>}
      {failed.value && <Problem error={failed.value} retry={() => void fetchOlder()} />}
      {shown.value.length === 0 ? (
        <Empty icon="logs" title={all.value.length === 0 ? T.logs.none.title : T.logs.noneFit} text={T.logs.none.text} command="openclaw logs --follow" />
      ) : (
        <Virtual rows={shown.value} height={28} label={T.nav.logs} follow={follow.value} class="log" keyOf={(line) => line.id}
          onScroll={(atEnd) => {
            // Whoever scrolls back reads: the lines stand still until the end is reached again.
            if (atEnd && frozen.value) freeze(false);
            else if (!atEnd && !frozen.value && shown.value.length > 40) freeze(true);
          }}
          row={(line) => (
            <button type="button" class={`log-line ${line.level} ${wanted !== '' && addressOf(line) === wanted ? 'picked' : ''}`} onClick={() => setQuery({ line: addressOf(line) })}>
              <time class="soft" title={absolute(line.timestamp)}>{exactHour(line.timestamp)}</time>
              <span class={`level ${line.level}`}>{line.level}</span>
              <span class="soft cut source">{line.source}</span>
              <span class="cut text">{line.message}{line.extra && Object.keys(line.extra).length > 0 && <span class="soft"> {Object.entries(line.extra).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ')}</span>}</span>
            </button>
          )} />
      )}
      {waiting > 0 && <div class="latest-lines"><Button kind="small primary" icon="down" onClick={() => freeze(false)}>{T.logs.waiting(waiting)}</Button></div>}
      {picked && (
        <Dialog wide title={T.logs.line} onClose={() => setQuery({ line: '' })}>
          <div class="row wrap"><Badge tone={picked.level === 'error' ? 'bad' : picked.level === 'warn' ? 'warn' : 'info'}>{picked.level}</Badge><span class="soft">{absolute(picked.timestamp)}</span><span>{picked.source}</span>{picked.session && <a href={`/chat?session=${encodeURIComponent(picked.session)}`}>{picked.session}</a>}</div>
          <p class="break">{picked.message}</p>
          {picked.extra && Object.keys(picked.extra).length > 0 && <dl class="facts">{Object.entries(picked.extra).map(([name, value]) => [<dt key={name} class="mono">{name}</dt>, <dd key={`${name}-v`} class="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>])}</dl>}
          <div class="row"><Button kind="small" icon="copy" onClick={() => void copy(JSON.stringify(picked))}>{T.copy}</Button><Button kind="small" icon="copy" onClick={() => void copy(location.href)}>{T.logs.permalink}</Button></div>
        </Dialog>
      )}
    </div>
  );
}

function count(words: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 50);
}

function Facet({ label, name, values }: { label: string; name: string; values: [string, number][] }) {
  const value = asked(name);
  return (
    <select class="input narrow facet" aria-label={label} value={value} onChange={(event) => setQuery({ [name]: event.currentTarget.value })}>
      <option value="">{T.logs.every(label.toLowerCase())}</option>
      {value && !values.some(([word]) => word === value) && <option value={value}>{value}</option>}
      {values.map(([word, n]) => <option key={word} value={word}>{word} ({n})</option>)}
    </select>
  );
}
