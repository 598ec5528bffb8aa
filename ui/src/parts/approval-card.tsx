// A command, a plugin's wish or an agent's question, with everything that a person needs to decide.
import { useRef, useState } from 'preact/hooks';
import { shortKey, span } from '../format';
import { gateway, now } from '../link';
import { answer, decide, isExec, nameIn, placeOf, type Decision, type PluginAsked, type Question, type Waiting } from '../state/approvals';
import { T } from '../text';
import { Act, Badge, Button } from './basic';
import { confirm } from './dialog';
import { Icon } from './icons';
import { Plain } from './plain';

function Left({ one }: { one: { createdAtMs: number; expiresAtMs: number } }) {
  const left = one.expiresAtMs - now.value;
  const share = Math.max(0, Math.min(1, left / Math.max(1, one.expiresAtMs - one.createdAtMs)));
  return (
    <span class={`left small-text ${share < 0.25 ? 'bad' : 'soft'}`}>
      <progress value={share} max={1} aria-hidden="true" />
      {left > 0 ? T.approval.left(span(left)) : T.approval.over}
    </span>
  );
}

/** Which gateway asks and for which session. Only a session of the gateway that the page acts on can be gone to. */
function From({ one, session }: { one: { at?: string }; session: string | null | undefined }) {
  const place = placeOf(one.at);
  return (
    <>
      {session && (one.at === undefined ? <a class="small-text" href={`/chat?session=${encodeURIComponent(session)}`}>{shortKey(session)}</a> : <span class="soft small-text">{shortKey(session)}</span>)}
      {place !== undefined && <Badge title={T.approvals.gateway}><Icon name="gateways" size={14} /><span class="cut">{place}</span></Badge>}
    </>
  );
}

/** A command is decided about as a whole, so all of it is shown; where room is short, that there is more is said before the buttons. */
function Words({ text, short }: { text: string; short?: boolean | undefined }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length + 40 * (text.split('\n').length - 1) > (short ? 400 : 6000);
  return (
    <>
      <pre class={`command-text ${cut ? 'cut-off' : ''}`} tabIndex={0}><Plain text={text} /></pre>
      {cut && <div class="row wrap small-text warn"><span>{T.approval.goesOn(text.length)}</span><Button kind="small" onClick={() => setWhole(true)}>{T.chat.longMessage}</Button></div>}
    </>
  );
}

/** After a decision the focus goes to what waits next, on the card and not on a button: a second Enter must not decide it too. */
async function andOn(card: HTMLElement | null, run: () => Promise<void>): Promise<void> {
  const all = [...document.querySelectorAll<HTMLElement>('article.approval')];
  const at = card ? all.indexOf(card) : -1;
  const next = all[at + 1] ?? all[at - 1];
  const here = card?.contains(document.activeElement) ?? false;
  await run();
  if (!here) return;
  window.setTimeout(() => {
    if (document.activeElement === null || document.activeElement === document.body) (next?.isConnected ? next : document.getElementById('content'))?.focus();
  }, 0);
}

export function ApprovalCard({ one, compact }: { one: Waiting; compact?: boolean }) {
  const exec = isExec(one) ? one.request : undefined;
  const plugin = exec ? undefined : (one.request as PluginAsked);
  const allowed = (decision: Decision) => one.request.allowedDecisions.includes(decision);
  const card = useRef<HTMLElement>(null);
  const over = one.expiresAtMs <= now.value;
  // What another gateway does not let this browser decide is not in the list.
  const may = (one.at !== undefined || gateway.may('operator.approvals')) && !over;
  return (
    <article ref={card} tabIndex={-1} class={`approval ${compact ? 'compact' : ''}`} aria-label={exec ? exec.command : plugin?.title}>
      <header class="row wrap">
        <strong>{one.request.agentId ?? plugin?.pluginId ?? T.unknown}</strong>
        <span class="soft">{exec ? T.approval.exec : T.approval.plugin}</span>
        <From one={one} session={one.request.sessionKey} />
        <span class="push"><Left one={one} /></span>
      </header>
      {exec && <Words text={exec.command} short={compact} />}
      {plugin && <p><strong><Plain text={plugin.title} /></strong> <Plain text={plugin.description} /></p>}
      {plugin?.detail && <Words text={plugin.detail} short={compact} />}
      {exec?.commandAnalysis && exec.commandAnalysis.riskKinds.length > 0 && (
        <div class="row wrap">{exec.commandAnalysis.riskKinds.map((risk) => <Badge key={risk} tone="warn">{T.approval.risks[risk] ?? risk}</Badge>)}</div>
      )}
      {(exec?.warningText || (exec?.commandAnalysis?.warningLines.length ?? 0) > 0) && (
        <div class="note warn"><span>{[exec?.warningText, ...(exec?.commandAnalysis?.warningLines ?? [])].filter(Boolean).join(' ')}</span></div>
      )}
      {exec && !compact && (
        <dl class="facts">
          {exec.cwd && <><dt>{T.approval.where}</dt><dd class="mono"><Plain text={exec.cwd} /></dd></>}
          <dt>{T.approval.host}</dt>
          <dd>{exec.nodeId ? `${exec.host ?? 'node'} ${exec.nodeId}` : (exec.host ?? 'gateway')}</dd>
          {exec.resolvedPath && <><dt>{T.approval.path}</dt><dd class="mono"><Plain text={exec.resolvedPath} /></dd></>}
          {exec.envKeys && exec.envKeys.length > 0 && <><dt>{T.approval.env}</dt><dd class="mono">{exec.envKeys.join(', ')}</dd></>}
        </dl>
      )}
      {exec && compact && exec.cwd && <span class="soft small-text mono cut"><Plain text={exec.cwd} /></span>}
      <div class="row wrap">
        {allowed('allow-once') && <Act kind="primary" disabled={!may} run={() => andOn(card.current, () => decide(one, 'allow-once'))}>{T.approval.once}</Act>}
        {allowed('allow-always') && (
          <Button disabled={!may} onClick={() => confirm({
            title: T.approval.alwaysTitle,
            text: <div class="stack"><p>{T.approval.alwaysText}</p><Words text={exec?.command ?? plugin?.title ?? ''} /></div>,
            action: T.approval.always,
            run: () => decide(one, 'allow-always'),
          })}>{T.approval.always}</Button>
        )}
        <Act kind="danger" disabled={!may} run={() => andOn(card.current, () => decide(one, 'deny'))}>{T.approval.deny}</Act>
      </div>
    </article>
  );
}

export function QuestionCard({ one }: { one: Question }) {
  const [given, setGiven] = useState<Record<string, string[]>>({});
  const whole = one.questions.every(({ questionId }) => (given[questionId] ?? []).some((text) => text.trim() !== ''));
  return (
    <article class="approval" aria-label={one.questions[0]?.question}>
      <header class="row wrap">
        <strong>{one.agentId ?? T.unknown}</strong>
        <span class="soft">{T.approval.question}</span>
        <From one={one} session={one.sessionKey} />
        <span class="push"><Left one={one} /></span>
      </header>
      {one.questions.map(({ questionId, question, options, multiSelect, isOther }) => {
        const chosen = given[questionId] ?? [];
        return (
          <fieldset key={questionId} class="stack tight">
            <legend>{question}</legend>
            {options.map(({ label, description }) => (
              <label class="check" key={label}>
                <input type={multiSelect ? 'checkbox' : 'radio'} name={`${nameIn(one)}-${questionId}`} checked={chosen.includes(label)} onChange={() => setGiven({
                  ...given,
                  [questionId]: multiSelect ? (chosen.includes(label) ? chosen.filter((word) => word !== label) : [...chosen, label]) : [label],
                })} />
                <span>{label}{description && <span class="soft"> {description}</span>}</span>
              </label>
            ))}
            {isOther && <input class="input" placeholder={T.approval.other} aria-label={T.approval.other} onInput={(event) => setGiven({ ...given, [questionId]: [event.currentTarget.value] })} />}
          </fieldset>
        );
      })}
      <div class="row wrap">
        <Act kind="primary" disabled={!whole} run={() => answer(one, given)}>{T.approval.answer}</Act>
        <Act run={() => answer(one, undefined)}>{T.approval.skip}</Act>
      </div>
    </article>
  );
}
