import { render } from 'preact';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/approval.css';
import { gateway, invited, link, redeemLogin } from './link';
import { loginFailed } from './parts/gate';
import { listenToKeys } from './parts/keys';
import { App, preload } from './parts/shell';
import { toast } from './parts/toasts';
import { pageOf } from './pages';
import { startAnnouncing } from './state/announced';
import { startApprovals } from './state/approvals';
import { startFar } from './state/far';
import { startHappenings } from './state/happenings';
import { startLive } from './state/live';
import { startSessions } from './state/sessions';
import { T } from './text';

startLive();
startHappenings();
startSessions();
startApprovals();
startFar();
startAnnouncing();
listenToKeys();

// The code of the page that is asked for comes while the connection is made.
const page = pageOf(location.pathname);
if (page) preload(page);

const root = document.getElementById('root');
// What could be read until now makes room; it would stay beside the page otherwise.
root?.replaceChildren();
if (root) render(<App />, root);

async function signIn(): Promise<void> {
  loginFailed.value = undefined;
  const failed = await redeemLogin();
  if (failed === undefined) return;
  loginFailed.value = failed;
  if (link.peek().phase === 'online') toast(`${T.gate.login.failed}: ${failed}`, 'bad');
  else gateway.start();
}

if (invited()) void signIn();
else gateway.start();
// A link that is pasted over the address of this page loads nothing anew.
window.addEventListener('hashchange', () => {
  if (invited()) void signIn();
});
window.addEventListener('online', () => gateway.wake());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') gateway.wake();
});
