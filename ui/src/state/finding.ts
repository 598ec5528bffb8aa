// What stands out in a configuration, told from the answer of `config.get` alone. The whole audit is the command line's.
import { T } from '../text';

export interface Finding {
  id: string;
  severity: 'critical' | 'warn' | 'info';
  title: string;
  text: string;
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
