// Short words about what just happened, and a way back where there is one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { said } from '../state/announced';
import { T } from '../text';
import { Icon } from './icons';

interface Toast {
  id: number;
  text: string;
  tone: 'good' | 'bad';
  undo: (() => void) | undefined;
}

const shown = signal<Toast[]>([]);
let next = 1;

export function toast(text: string, tone: 'good' | 'bad' = 'good', undo?: () => void): void {
  const id = next++;
  shown.value = [...shown.value.slice(-3), { id, text, tone, undo }];
  const over = () => {
    // Not while somebody reads it, or is about to press what it offers.
    if (document.querySelector('.toasts:hover, .toasts :focus')) window.setTimeout(over, 2000);
    else dismiss(id);
  };
  window.setTimeout(over, tone === 'bad' || undo ? 9000 : 3500);
}

function dismiss(id: number): void {
  shown.value = shown.value.filter((one) => one.id !== id);
}

/** What is said aloud; empty for a moment first, so that the same words are heard again. */
function Voice() {
  const [text, setText] = useState('');
  const { n, text: wanted } = said.value;
  const heard = useRef(n);
  useEffect(() => {
    if (heard.current === n) return;
    heard.current = n;
    setText('');
    const timer = window.setTimeout(() => setText(wanted), 60);
    return () => window.clearTimeout(timer);
  }, [n]);
  return <div class="sr voice" role="status" aria-live="polite">{text}</div>;
}

/** What is heard and seen whatever else is open. */
export function Above() {
  return <><Voice /><Toasts /></>;
}

function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const n = shown.value.length;
  // A popover that is opened last is above every dialog.
  useEffect(() => {
    if (box.current?.matches(':popover-open')) box.current.hidePopover();
    if (n > 0) box.current?.showPopover();
  }, [shown.value]);
  return (
    <div class="toasts" ref={box} popover="manual" role="status" aria-live="polite">
      {shown.value.map(({ id, text, tone, undo }) => (
        <div class="toast" key={id}>
          <span class={tone}><Icon name={tone === 'bad' ? 'warn' : 'check'} /></span>
          <span class="what">{text}</span>
          {undo && <button type="button" class="button small" onClick={() => { dismiss(id); undo(); }}>{T.undo}</button>}
          <button type="button" class="button plain small icon" aria-label={T.close} onClick={() => dismiss(id)}><Icon name="close" size={14} /></button>
        </div>
      ))}
    </div>
  );
}
