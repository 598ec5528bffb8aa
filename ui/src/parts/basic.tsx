// Small parts that every page uses.
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { CallError, now } from '../link';
import { absolute, ago, isTime } from '../format';
import { T } from '../text';
import { Icon, type IconName } from './icons';
import { toast } from './toasts';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'accent' | '';

export function Dot({ tone, live }: { tone: Tone; live?: boolean }) {
  return <span class={`dot ${tone} ${live ? 'live' : ''}`} aria-hidden="true" />;
}

export function Badge({ tone = '', children, title }: { tone?: Tone; children: ComponentChildren; title?: string }) {
  return <span class={`badge ${tone}`} title={title}>{children}</span>;
}

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'type' | 'disabled'> & {
  kind?: string;
  icon?: IconName;
  disabled?: boolean;
  type?: 'button' | 'submit';
  /** What a button without words does, for those who cannot see its icon. */
  label?: string;
};

export function Button({ kind = '', icon, label, children, type = 'button', ...rest }: ButtonProps) {
  const only = icon && !children ? 'icon' : '';
  return (
    <button type={type} class={`button ${kind} ${only}`} aria-label={label} title={label} {...rest}>
      {icon && <Icon name={icon} size={16} />}
      {children}
    </button>
  );
}

/** A button that is busy until what it began has ended, and says so when that failed. */
export function Act({ run, done, ...rest }: Omit<ButtonProps, 'onClick'> & { run: () => Promise<unknown>; done?: string }) {
  const [busy, setBusy] = useState(false);
  const there = useRef(true);
  useEffect(() => () => void (there.current = false), []);
  return (
    <Button
      {...rest}
      aria-busy={busy}
      aria-disabled={busy}
      onClick={async () => {
        // Not switched off meanwhile: a button that is loses the focus, and who works by keyboard the place.
        if (busy) return;
        setBusy(true);
        const good = await attempt(run);
        if (good && done) toast(done);
        if (there.current) setBusy(false);
      }}
    />
  );
}

/** Runs something, and tells the person when the gateway refused it. */
export async function attempt(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    toast(error instanceof Error ? error.message : String(error), 'bad');
    return false;
  }
}

export function Time({ at, short }: { at: number; short?: boolean }) {
  if (!isTime(at)) return <>–</>;
  const text = ago(at, now.value);
  return <time dateTime={new Date(at).toISOString()} title={absolute(at)}>{short && now.value - at >= 5000 ? ago(at, now.value, true) : text}</time>;
}

export function Avatar({ name, emoji, large }: { name: string; emoji?: string | null | undefined; large?: boolean }) {
  return <span class={`avatar ${large ? 'large' : ''}`} aria-hidden="true">{emoji || (name.trim()[0] ?? '?').toUpperCase()}</span>;
}

export function Card({ title, sub, actions, flush, children, id }: {
  title?: ComponentChildren; sub?: ComponentChildren; actions?: ComponentChildren; flush?: boolean; children: ComponentChildren; id?: string;
}) {
  const name = useId();
  return (
    <section class="card" aria-labelledby={title ? name : undefined} id={id}>
      {title && (
        <header>
          <h2 id={name}>{title}</h2>
          {sub && <span class="sub cut">{sub}</span>}
          {actions && <div class="row push">{actions}</div>}
        </header>
      )}
      <div class={`body ${flush ? 'flush' : ''}`}>{children}</div>
    </section>
  );
}

export function Stat({ name, value, note, href, tone }: { name: string; value: ComponentChildren; note?: ComponentChildren; href?: string; tone?: Tone }) {
  const inside = (
    <>
      <span class="name">{name}</span>
      <span class={`value ${tone ?? ''}`}>{value}</span>
      {note !== undefined && <span class="aside">{note}</span>}
    </>
  );
  return href ? <a class="stat" href={href}>{inside}</a> : <div class="stat">{inside}</div>;
}

/** Says that what a link names is not there. */
export function Gone() {
  return <div class="note" role="status"><span>{T.goneOfLink}</span></div>;
}

export function Empty({ icon, title, text, command, children }: { icon: IconName; title: string; text: ComponentChildren; command?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="sign"><Icon name={icon} size={22} /></span>
      <h2>{title}</h2>
      <p>{text}</p>
      {(command || children) && <div class="row">{children}{command && <Command text={command} />}</div>}
    </div>
  );
}

export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
  const code = error instanceof CallError ? error.code : undefined;
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <div class="what stack tight">
        <strong>{code === 'MISSING_SCOPE' ? T.problem.scope : T.problem.title}</strong>
        <span>{error.message}</span>
        {code && <span class="soft small-text">{error instanceof CallError ? `${error.method} · ` : ''}{code}</span>}
        {retry && <div><Button kind="small" icon="refresh" onClick={retry}>{T.again}</Button></div>}
      </div>
    </div>
  );
}

export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="stack tight" role="status" aria-label={T.loading}>
      {Array.from({ length: lines }, (_, n) => <div key={n} class="skeleton" style={{ width: `${92 - ((n * 23) % 40)}%` }} />)}
    </div>
  );
}

/** The three states before there is something to show; the fourth is the children's. */
export function Loaded<D>({ asked, lines, children }: {
  asked: { data: D | undefined; error: Error | undefined; reload(): void }; lines?: number; children: (data: D) => ComponentChildren;
}) {
  if (asked.data !== undefined) {
    return <>{asked.error && <Problem error={asked.error} retry={asked.reload} />}{children(asked.data)}</>;
  }
  if (asked.error) return <Problem error={asked.error} retry={asked.reload} />;
  return <Skeleton lines={lines} />;
}

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(T.copied);
  } catch {
    toast(T.notCopied, 'bad');
  }
}

export function Copy({ text, label = T.copy }: { text: string; label?: string }) {
  return <Button kind="plain small" icon="copy" label={label} onClick={() => void copy(text)} />;
}

/** A command that does the same in a terminal. */
export function Command({ text }: { text: string }) {
  return <span class="command"><code tabIndex={0}>{text}</code><Copy text={text} label={T.copyCommand} /></span>;
}

/** Words between backticks are code. */
export function Ticked({ text }: { text: string }) {
  return <>{text.split('`').map((part, n) => (n % 2 ? <code key={n}>{part}</code> : part))}</>;
}

export function Segments<V extends string>({ value, options, onChange, label }: {
  value: V; options: readonly (readonly [V, ComponentChildren])[]; onChange: (value: V) => void; label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  // On a phone they may be wider than the screen: the chosen one is in sight.
  useEffect(() => {
    const chosen = box.current?.querySelector<HTMLElement>('[aria-pressed="true"]');
    if (!box.current || !chosen) return;
    box.current.scrollLeft = chosen.offsetLeft - (box.current.clientWidth - chosen.clientWidth) / 2;
  }, [value]);
  return (
    <div class="segments" role="group" aria-label={label} ref={box}>
      {options.map(([option, name]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>{name}</button>
      ))}
    </div>
  );
}

export function Meter({ share, label }: { share: number; label: string }) {
  const part = Math.max(0, Math.min(1, share));
  const tone = part > 0.9 ? 'bad' : part > 0.7 ? 'warn' : '';
  return (
    <span class="meter" title={label}>
      <svg width="48" height="6" role="img" aria-label={label}>
        <rect class="rest" width="48" height="6" rx="3" />
        <rect class={`used ${tone}`} width={part === 0 ? 0 : Math.max(3, 48 * part)} height="6" rx="3" />
      </svg>
      <span class="soft small-text">{Math.round(part * 100)}%</span>
    </span>
  );
}

export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(...values, 1e-9);
  const points = values.map((value, n) => [(n / Math.max(1, values.length - 1)) * 100, 34 - (value / most) * 30] as const);
  const line = points.map(([x, y], n) => `${n ? 'L' : 'M'}${x.toFixed(2)} ${y.toFixed(2)}`).join('');
  return (
    <svg class="spark" viewBox="0 0 100 36" preserveAspectRatio="none" role="img" aria-label={label}>
      {values.length > 1 && <><path class="area" d={`${line}L100 36L0 36Z`} /><path class="line" d={line} /></>}
    </svg>
  );
}

export function Field({ label, help, children }: { label: string; help?: ComponentChildren; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {help && <span class="help">{help}</span>}
    </div>
  );
}

export function Search({ value, onInput, label }: { value: string; onInput: (value: string) => void; label: string }) {
  return <input class="input narrow grow" type="search" value={value} placeholder={label} aria-label={label} data-search onInput={(event) => onInput(event.currentTarget.value)} />;
}
