// A dialog of the browser's own: focus stays inside, Escape closes, and focus goes back to where it came from.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { computed, signal } from '@preact/signals';
import { T } from '../text';
import { attempt, Button } from './basic';
import { Above } from './toasts';

/** The dialogs that are open: what is above everything has to be inside the last of them, the rest of the page is inert. */
const open = signal<readonly symbol[]>([]);
export const someOpen = computed(() => open.value.length > 0);

/** Puts the focus back where it was, or at the beginning of what is shown when that is gone. */
function back(before: Element | null): void {
  if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
  if (document.activeElement === null || document.activeElement === document.body) document.getElementById('content')?.focus({ preventScroll: true });
}

/** A dialog that is open as long as it is there, with what is above every dialog inside it. */
export function Modal({ name, label, labelledBy, onClose, firm, children }: {
  name: string; label?: string; labelledBy?: string; onClose: () => void;
  /** Holds what must not be lost by a slip of the hand: a click beside it does not close it. */
  firm?: boolean | undefined; children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const there = useRef(true);
  const [own] = useState(() => Symbol());
  // Letting go outside of something that was pressed inside, as when text is selected, is no wish to close.
  const pressedOutside = useRef(false);
  const close = () => {
    if (there.current) onClose();
  };
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    open.value = [...open.peek(), own];
    return () => {
      there.current = false;
      open.value = open.peek().filter((one) => one !== own);
      dialog?.close();
      back(before);
    };
  }, []);
  return (
    <dialog ref={element} class={name} aria-label={label} aria-labelledby={labelledBy} onCancel={(event) => { event.preventDefault(); close(); }} onClose={close}
      onPointerDown={(event) => (pressedOutside.current = event.target === element.current)}
      onClick={(event) => !firm && event.target === element.current && pressedOutside.current && close()}>
      {children}
      {open.value.at(-1) === own && <Above />}
    </dialog>
  );
}

export function Dialog({ title, onClose, children, footer, wide, firm }: {
  title: string; onClose: () => void; children: ComponentChildren; footer?: ComponentChildren; wide?: boolean; firm?: boolean;
}) {
  const name = useId();
  return (
    <Modal name={wide ? 'wide' : ''} labelledBy={name} onClose={onClose} firm={firm}>
      <header>
        <h2 id={name}>{title}</h2>
        <Button kind="plain small" icon="close" label={T.close} onClick={onClose} />
      </header>
      <div class="body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </Modal>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  action: string;
  danger?: boolean;
  /** A word that has to be typed, for what cannot be taken back. */
  type?: string;
  run: () => Promise<unknown>;
}

const asked = signal<Question | undefined>(undefined);

/** Asks before something that cannot be undone. */
export function confirm(question: Question): void {
  asked.value = question;
}

export function Confirmation() {
  const question = asked.value;
  return question ? <Confirm key={question.title} {...question} /> : null;
}

function Confirm({ title, text, action, danger, type, run }: Question) {
  const [busy, setBusy] = useState(false);
  const [typed, setTyped] = useState('');
  const close = () => (asked.value = undefined);
  return (
    <Dialog
      title={title}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{T.cancel}</Button>
          <Button kind={`primary ${danger ? 'danger' : ''}`} disabled={busy || (type !== undefined && typed !== type)} onClick={async () => {
            setBusy(true);
            if (await attempt(run)) close();
            else setBusy(false);
          }}>{action}</Button>
        </>
      }
    >
      <div>{text}</div>
      {type !== undefined && <input class="input" aria-label={T.typeToConfirm(type)} placeholder={T.typeToConfirm(type)} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />}
    </Dialog>
  );
}
