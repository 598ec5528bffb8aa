// A dialog of the browser's own: focus stays inside, Escape closes, and focus goes back to where it came from.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { T } from '../text';
import { attempt, Button } from './basic';

export function Dialog({ title, onClose, children, footer, wide }: {
  title: string; onClose: () => void; children: ComponentChildren; footer?: ComponentChildren; wide?: boolean;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-labelledby={name} onCancel={(event) => { event.preventDefault(); onClose(); }} onClick={(event) => event.target === element.current && onClose()}>
      <header>
        <h2 id={name}>{title}</h2>
        <Button kind="plain small" icon="close" label={T.close} onClick={onClose} />
      </header>
      <div class="body">{children}</div>
      {footer && <footer>{footer}</footer>}
    </dialog>
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
