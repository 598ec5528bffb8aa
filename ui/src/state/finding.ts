// What stands out in how the gateway is set up: told by its own audit, and what this page knows how to mend from `config.get`.
import { T } from '../text';

export interface Finding {
  id: string;
  severity: 'critical' | 'warn' | 'info';
  title: string;
  text: string;
  /** What to do, and the name of the check, when the gateway's audit found it. */
  help?: string;
  check?: string;
  fix?: { path: string; value: unknown };
}

interface Seen {
  valid: boolean;
  issues: { path: string; message: string }[];
  warnings: { path: string; message: string }[];
  runtimeConfig?: {
    gateway?: {
      bind?: string;
      tls?: { enabled?: boolean };
      controlUi?: { allowedOrigins?: string[]; allowInsecureAuth?: boolean; requireDeviceAuth?: boolean };
      auth?: { mode?: string; localBypass?: boolean; deviceAuth?: { enabled?: boolean; requireSignature?: boolean; allowTokenOnly?: boolean } };
    };
  };
}

export function find(config: Seen, policy: { security?: string; ask?: string } | undefined): Finding[] {
  const found: Finding[] = [];
  const words = T.security.checks;
  const add = (id: keyof typeof words, severity: Finding['severity'], fix?: Finding['fix']) => found.push({ id, severity, title: words[id][0], text: words[id][1], ...(fix ? { fix } : {}) });
  const gateway = config.runtimeConfig?.gateway ?? {};
  const far = gateway.bind !== undefined && gateway.bind !== 'loopback';
  if (!config.valid) add('invalid', 'critical');
  if (gateway.auth?.mode === 'none') add('noAuth', 'critical');
  if (gateway.controlUi?.allowedOrigins?.includes('*')) add('anyOrigin', 'critical', { path: 'gateway.controlUi.allowedOrigins', value: gateway.controlUi.allowedOrigins.filter((one) => one !== '*') });
  if (policy?.security === 'full' && policy.ask === 'off') add('execFull', 'critical');
  if (far && !gateway.tls?.enabled) add('plain', 'warn');
  if (gateway.controlUi?.allowInsecureAuth) add('insecureAuth', 'warn', { path: 'gateway.controlUi.allowInsecureAuth', value: false });
  if (gateway.auth?.localBypass) add('bypass', 'warn', { path: 'gateway.auth.localBypass', value: false });
  if (gateway.auth?.deviceAuth?.enabled === false) add('noDevices', 'warn', { path: 'gateway.auth.deviceAuth.enabled', value: true });
  if (gateway.auth?.deviceAuth?.allowTokenOnly) add('tokenOnly', 'warn', { path: 'gateway.auth.deviceAuth.allowTokenOnly', value: false });
  if (gateway.controlUi?.requireDeviceAuth === false) add('browserDevice', 'info', { path: 'gateway.controlUi.requireDeviceAuth', value: true });
  for (const warning of config.warnings) found.push({ id: `warning ${warning.path} ${warning.message}`, severity: 'info', title: warning.path || words.invalid[0], text: warning.message });
  return found;
}

/** Checks of the gateway's audit, and what this page calls the same. */
const SAME: Record<string, string> = {
  'gateway.loopback_no_auth': 'noAuth',
  'gateway.bind_no_auth': 'noAuth',
  'gateway.control_ui.allowed_origins_wildcard': 'anyOrigin',
  'gateway.control_ui.insecure_auth': 'insecureAuth',
  'tools.exec.security_full_configured': 'execFull',
  'gateway.tls_missing_nonloopback': 'plain',
};
const RANK = { critical: 0, warn: 1, info: 2 };

interface Audited {
  checkId: string;
  severity: string;
  title: string;
  detail: string;
  remediation?: string | null;
}

/** Both lists as one, the worst first: what the audit says, with the page's way to mend it, and what only the page found. */
export function together(own: readonly Finding[], audited: readonly Audited[]): Finding[] {
  const told = audited.map((one, n): Finding => {
    const same = own.find(({ id }) => id === SAME[one.checkId]);
    const severity = one.severity === 'critical' || one.severity === 'warn' ? one.severity : 'info';
    return {
      id: `${one.checkId} ${n}`, check: one.checkId, severity, title: one.title, text: one.detail,
      ...(one.remediation ? { help: one.remediation } : {}), ...(same?.fix ? { fix: same.fix } : {}),
    };
  });
  const covered = new Set(audited.map(({ checkId }) => SAME[checkId]));
  const said = audited.map(({ detail }) => detail).join('\n');
  // What the configuration's own warning says about a key that the audit names is the same once more.
  const again = ({ id, title }: Finding) => id.startsWith('warning ') && title !== '' && said.includes(title.replace(/\[\d+\]$/, ''));
  return [...told, ...own.filter((one) => !covered.has(one.id) && !again(one))].sort((one, other) => RANK[one.severity] - RANK[other.severity]);
}
