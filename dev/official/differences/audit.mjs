// What is wrong with a configuration.

const LONG = 'f3b1c0d4e5f60718293a4b5c6d7e8f90';
const YES_NO = [true, false];
const CHOICES = {
  'gateway.bind': ['loopback', 'lan', 'tailnet', 'auto', 'custom'], 'gateway.auth.mode': ['token', 'password', 'none', 'trusted-proxy'], 'gateway.auth.token': [LONG, 'short', '', ' ', 'undefined', 'null', LONG.slice(0, 23), LONG.slice(0, 24)],
  'gateway.auth.password': [LONG, 'short', 'undefined', ''], 'gateway.auth.rateLimit': [{ maxAttempts: 10, windowMs: 60000, lockoutMs: 300000 }, {}], 'gateway.auth.allowTailscale': YES_NO, 'gateway.tailscale.mode': ['off', 'serve', 'funnel'],
  'gateway.trustedProxies': [[], ['127.0.0.1'], ['10.0.0.2'], ['127.0.0.1/32'], ['127.0.0.0/8'], ['::1'], ['127.0.0.1', '10.0.0.0/8']], 'gateway.auth.trustedProxy.userHeader': ['x-user', ''], 'gateway.auth.trustedProxy.allowUsers': [[], ['ann']],
  'gateway.auth.trustedProxy.allowLoopback': YES_NO, 'gateway.auth.trustedProxy.deviceAutoApprove': [{ enabled: true }, { enabled: true, scopes: ['operator.admin'] }, { enabled: false, scopes: ['operator.admin'] }, { enabled: true, scopes: ['operator.read'] }],
  'gateway.controlUi.enabled': YES_NO, 'gateway.controlUi.allowedOrigins': [[], ['*'], [' * '], ['https://mc.example.com'], ['https://mc.example.com', '*']], 'gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback': YES_NO,
  'gateway.allowRealIpFallback': YES_NO, 'discovery.mdns.mode': ['off', 'minimal', 'full'], 'gateway.tools.allow': [[], ['exec'], ['sessions_spawn', 'gateway'], ['read'], ['CRON ']], 'gateway.http.endpoints.chatCompletions.enabled': YES_NO,
  'gateway.http.endpoints.responses.enabled': YES_NO, 'hooks.enabled': [true, true, false], 'hooks.token': [LONG, 'short', ''], 'hooks.path': ['/', '/hooks', ' / '], 'hooks.defaultSessionKey': ['hook:ingress', ''], 'hooks.allowedAgentIds': [[], ['main'], ['*'], ['main', '*']],
  'hooks.allowRequestSessionKey': YES_NO, 'hooks.allowedSessionKeyPrefixes': [[], ['hook:'], [' ']], 'security.audit.suppressions': [[{ checkId: 'gateway.bind_no_auth', reason: 'x' }], [{ checkId: 'gateway.trusted_proxies_missing' }], []],
};
const PLACES = Object.keys(CHOICES);

export function audit(chance) {
  const document = {};
  for (const place of new Set(chance.some(PLACES, 0, 12))) {
    const keys = place.split('.');
    const last = keys.pop();
    let at = document;
    for (const key of keys) at = at[key] ??= {};
    at[last] = structuredClone(chance.one(CHOICES[place]));
  }
  // Some that seldom meet by chance.
  if (chance.is(0.02)) Object.assign((document.gateway ??= {}), { auth: { mode: 'password' }, tailscale: { mode: 'serve' }, bind: 'loopback' });
  if (chance.is(0.02)) Object.assign(document, { gateway: { auth: { mode: 'none', password: LONG } }, hooks: { enabled: true, token: LONG } });
  if (chance.is(0.02)) document.gateway = { auth: { mode: 'trusted-proxy' }, allowRealIpFallback: true, trustedProxies: [chance.one(['127.0.0.0/8', '127.0.0.0/7', '::1/64', '127.0.0.1'])] };
  return { document };
}
