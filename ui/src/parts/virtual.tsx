// A list of any length: only the rows that are seen are there.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const BESIDE = 8;

export function Virtual<R>({ rows, height, row, label, keyOf, follow, onScroll, class: name = '' }: {
  rows: readonly R[];
  /** Of one row, in pixels. */
  height: number;
  row: (value: R, index: number) => ComponentChildren;
  label: string;
  keyOf: (value: R, index: number) => string;
  /** Stays at the end while rows come. */
  follow?: boolean;
  onScroll?: (atEnd: boolean) => void;
  class?: string;
}) {
  const element = useRef<HTMLDivElement>(null);
  const [window_, setWindow] = useState({ top: 0, seen: 900 });
  const look = () => {
    const box = element.current;
    if (!box) return;
    setWindow((before) => (before.top === box.scrollTop && before.seen === box.clientHeight ? before : { top: box.scrollTop, seen: box.clientHeight }));
    onScroll?.(box.scrollHeight - box.scrollTop - box.clientHeight < height * 1.5);
  };
  const toEnd = () => {
    const box = element.current;
    if (box && follow) box.scrollTop = box.scrollHeight;
  };
  // A box that grew smaller is no longer at its end, though nobody scrolled back.
  const resized = useRef(() => {});
  resized.current = () => {
    toEnd();
    look();
  };
  useEffect(() => {
    const box = element.current;
    if (!box) return;
    const watcher = new ResizeObserver(() => resized.current());
    watcher.observe(box);
    return () => watcher.disconnect();
  }, []);
  useLayoutEffect(toEnd, [rows.length, follow]);
  const first = Math.max(0, Math.floor(window_.top / height) - BESIDE);
  const last = Math.min(rows.length, Math.ceil((window_.top + window_.seen) / height) + BESIDE);
  return (
    <div class={`virtual ${name}`} ref={element} onScroll={look} role="list" aria-label={label} tabIndex={0}>
      <div style={{ height: `${rows.length * height}px`, position: 'relative' }} role="presentation">
        {rows.slice(first, last).map((value, n) => (
          <div key={keyOf(value, first + n)} role="listitem" aria-setsize={rows.length} aria-posinset={first + n + 1} class="virtual-row" style={{ position: 'absolute', top: `${(first + n) * height}px`, height: `${height}px`, left: 0, right: 0 }}>
            {row(value, first + n)}
          </div>
        ))}
      </div>
    </div>
  );
}
