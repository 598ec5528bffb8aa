import { render } from 'preact';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/approval.css';
import { gateway, redeemLogin } from './link';
import { loginFailed } from './parts/gate';
import { listenToKeys } from './parts/keys';
import { App, preload } from './parts/shell';
import { pageOf } from './pages';
import { startApprovals } from './state/approvals';
import { startHappenings } from './state/happenings';
import { startLive } from './state/live';
import { startSessions } from './state/sessions';

startLive();
startHappenings();
startSessions();
startApprovals();
listenToKeys();

// The code of the page that is asked for comes while the connection is made.
const page = pageOf(location.pathname);
if (page) preload(page);

const root = document.getElementById('root');
if (root) render(<App />, root);

if (/[#&](login|token)=/.test(location.hash)) {
  void redeemLogin().then((failed) => {
    if (failed === undefined) return;
    loginFailed.value = failed;
    gateway.start();
  });
} else {
  gateway.start();
}
window.addEventListener('online', () => gateway.wake());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') gateway.wake();
});
