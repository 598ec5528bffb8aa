// Differences from the reference that are on purpose. Each says why, and exactly when. One that never occurs is an error, so that none stays
// longer than its reason.
import { isIP } from 'node:net';

/** An origin as browsers write it; `null` where it is no URL. */
function canonical(text) {
  try {
    const url = new URL(text);
    return (url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin).toLowerCase();
  } catch {
    return null;
  }
}

const hostname = (text) => (URL.canParse(text.trim()) ? new URL(text.trim()).hostname.replace(/^\[|\]$/g, '') : '');
const header = ({ headers }, name) => headers.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
const ofProxy = ([name]) => /^(forwarded|x-real-ip|x-forwarded-.*|tailscale-.*)$/i.test(name);

/** Whether reading the chain from its end meets something that is no plain address, or this machine, no later than a client. */
function breaksOff(one, client) {
  for (const entry of header(one, 'x-forwarded-for').join(',').split(',').reverse().map((text) => text.trim())) {
    if (isIP(entry) === 0 || entry.includes('%')) return true;
    const address = new URL(`http://${isIP(entry) === 6 ? `[${entry}]` : entry}`).hostname;
    if (/^127\./.test(address) || ['[::1]', '0.0.0.0', '[::]'].includes(address) || /^\[::ffff:7f/.test(address)) return true;
    if (entry === client || address === `[${client}]` || address === client) return false;
  }
  return false;
}

/** What a caller with these scopes lacks of the scope that a method takes. */
const lacks = (scope, held) => {
  const implied = { 'operator.read': ['operator.write'], 'operator.talk': ['operator.write'], 'operator.sessions.read': ['operator.read', 'operator.write', 'operator.sessions.write'], 'operator.sessions.write': ['operator.write'] };
  return held.includes(scope) || held.includes('operator.admin') || (implied[scope] ?? []).some((other) => held.includes(other)) ? null : scope;
};
/** A method that takes another scope than in the reference, the same for all parameters. */
const takes = (methods, ours, theirs, why) => ({
  why: `${methods.join(', ')}: ${ours ?? 'nothing'} instead of ${theirs}; ${why}`,
  when: (difference, { method, scopes: held }) =>
    methods.includes(method) && difference.ours === (ours && lacks(ours, held)) && [lacks(theirs, held), null].includes(difference.theirs),
});
const own = (params, key) => params !== null && typeof params === 'object' && !Array.isArray(params) && Object.hasOwn(params, key);

/** Checks that depend on what is bound. */
const BY_BIND = [
  'gateway.bind_no_auth', 'gateway.loopback_no_auth', 'gateway.trusted_proxies_missing', 'gateway.control_ui.allowed_origins_required', 'gateway.control_ui.allowed_origins_wildcard',
  'gateway.control_ui.host_header_origin_fallback', 'gateway.auth_no_rate_limit', 'gateway.http.no_auth', 'gateway.tools_invoke_http.dangerous_allow', 'gateway.real_ip_fallback_enabled', 'discovery.mdns_full_mode',
  'hooks.allowed_agent_ids_unrestricted', 'hooks.request_session_key_enabled', 'hooks.request_session_key_prefixes_missing',
];

export const EXPECTED = {
  origin: [
    {
      why: 'neither lets it in: ours calls it no origin where the reference reads a lenient URL, or the other way round',
      when: ({ ours, theirs }) => ours !== 'ok' && theirs !== 'ok',
    },
    {
      why: 'a page of another port of this machine must be listed like any other (SPEC-NOTES 7)',
      when: ({ ours, by }, { local }) => local && by === 'local-loopback' && ours !== 'ok',
    },
    {
      why: 'no browser writes its origin so: blanks, a slash at the end, other spellings of a name, an address or a port',
      when: ({ ours, theirs }, { origin, host }) =>
        ours !== 'ok' && theirs === 'ok' && (canonical(origin) !== origin.toLowerCase() || origin.includes('%') || (host ?? '') !== (host ?? '').trim()),
    },
    { why: 'port 0 is no port of a page', when: ({ ours, theirs }, { origin }) => ours !== 'ok' && theirs === 'ok' && /:0$/.test(origin) },
    {
      why: 'addresses of groups, of documentation, unspecified and site-local ones, and zones without a name, are nobody\'s private host',
      when: ({ ours, by }, { origin }) => ours !== 'ok' && by === 'private-same-origin' && /^(ff02::1|fec0::1|2001:db8::1|::|0\.0\.0\.0|\.local|\.ts\.net)$/i.test(hostname(origin)),
    },
    {
      why: 'a page of the host itself, which another spelling of its address or port names',
      when: ({ ours, theirs }, { origin, host }) => ours === 'ok' && theirs !== 'ok' && host !== null && canonical(origin) !== null && canonical(`${origin.split('://')[0]}://${host}`) === canonical(origin),
    },
    {
      why: 'an entry of the list in another spelling of the same origin',
      when: ({ ours, theirs }, { origin, allowed }) => ours === 'ok' && theirs !== 'ok' && allowed.some((entry) => canonical(entry.trim()) !== null && canonical(entry.trim()) === canonical(origin)),
    },
  ],
  ip: [
    {
      why: 'a proxy that is trusted and names nobody speaks for itself, as its own checks of health do; it is never local',
      when: ({ ours, theirs }, one) => ours === `peer ${one.peer.replace(/^::ffff:/, '')}` && theirs === 'unknown' && !one.headers.some(ofProxy),
    },
    {
      why: 'X-Real-IP is not believed: gateway.allowRealIpFallback is refused by the configuration',
      when: ({ ours, theirs }, one) => ours === 'unknown' && one.realIp && header(one, 'x-real-ip').some((value) => theirs === `client ${value}`),
    },
    {
      why: 'what is no plain address, or this machine, ends the chain: what stands before it is the client\'s own word (T24)',
      when: ({ ours, theirs }, one) => ours === 'unknown' && theirs.startsWith('client ') && breaksOff(one, theirs.slice(7)),
    },
  ],
  scope: [
    { why: 'a method of ours that the reference does not have', when: ({ theirs }, { method }, known) => known.own.has(method) && !known.theirs.has(method) && theirs === 'operator.admin' },
    { why: 'a method of the reference that we do not have is unknown, and unknown means refused', when: ({ ours }, { method }, known) => !known.own.has(method) && known.theirs.has(method) && ours === 'operator.admin' },
    takes(['agents.create', 'agents.update', 'agents.delete', 'agents.files.set', 'sessions.reset', 'sessions.compact'], 'operator.write', 'operator.admin', 'spec 003 (SPEC-NOTES 6)'),
    takes(['exec.approvals.get', 'exec.approvals.set'], 'operator.approvals', 'operator.admin', 'spec 003 gives approvals a scope of their own'),
    takes(['agent.wait'], 'operator.read', 'operator.write', 'waiting changes nothing'),
    takes(['health'], null, 'operator.read', 'spec 003: anybody who is connected'),
    takes(['users.self'], 'operator.write', 'operator.read', 'an earlier reference had it so, and that is the stricter one'),
    {
      why: 'scopes for sessions alone open no method yet: they stand in for no other scope',
      when: ({ ours, theirs }, { scopes: held }) =>
        ['operator.read', 'operator.write', 'operator.questions'].includes(ours) && (theirs === null || theirs.startsWith('operator.sessions.')) && !held.includes('operator.write') && (theirs !== null || held.some((scope) => scope.startsWith('operator.sessions.'))),
    },
    {
      why: 'question.*: answering takes its own scope; that of acting does not stand in for it',
      when: ({ ours, theirs }, { method, scopes: held }) => method.startsWith('question.') && ours === 'operator.questions' && theirs === null && held.includes('operator.write'),
    },
    {
      why: 'talk.config: nothing is configured, so there are no secrets that took a scope of their own',
      when: ({ ours, theirs }, { method, scopes: held }) => method === 'talk.config' && theirs === 'operator.talk.secrets' && ours === lacks('operator.read', held),
    },
    {
      why: 'plugins.sessionAction: any scope will do in the reference, operator.write here',
      when: ({ ours, theirs }, { method }) => method === 'plugins.sessionAction' && ours === 'operator.write' && theirs === null,
    },
    {
      why: 'sessions.dispatch: operator.admin in every case, because it is not built',
      when: ({ ours, theirs }, { method }) => method === 'sessions.dispatch' && ours === 'operator.admin' && [null, 'operator.write'].includes(theirs),
    },
    {
      why: 'node.invoke: every command that reaches the machine takes an administrator',
      when: ({ ours, theirs }, { method, params }) => method === 'node.invoke' && ours === 'operator.admin' && [null, 'operator.write'].includes(theirs) && typeof params?.command === 'string',
    },
    {
      why: 'agent: /new and /reset take an administrator behind blanks too',
      when: ({ ours, theirs }, { method, params }) => method === 'agent' && ours === 'operator.admin' && [null, 'operator.write'].includes(theirs) && /^\s+\/(new|reset)(\s|$)/i.test(params?.message),
    },
    {
      why: 'sessions.delete, sessions.patch: operator.write in every case (spec 003)',
      when: ({ ours, theirs }, { method, scopes: held }) => ['sessions.delete', 'sessions.patch', 'sessions.patchMany'].includes(method) && theirs === 'operator.admin' && ours === lacks('operator.write', held),
    },
    {
      why: 'sessions.create, fs.listDir, environments.list, channels.pairing.approve: what needs more in the reference is not built here',
      when: ({ ours }, { method, params, scopes: held }) =>
        (method === 'sessions.create' && ours === lacks('operator.write', held) && (['execNode', 'toolOverrides', 'incognito'].some((key) => own(params, key)) || params.permissionMode === 'full' || /incognito/.test(params.key))) ||
        (method === 'channels.pairing.approve' && ours === lacks('operator.pairing', held) && params.bootstrapCommandOwner === true) ||
        (method === 'fs.listDir' && ours === lacks('operator.write', held) && own(params, 'nodeId')) ||
        (method === 'environments.list' && ours === lacks('operator.read', held) && own(params, 'runtimeId')),
    },
  ],
  redaction: [
    { why: 'a yes or no is no secret', when: ({ value, ours, theirs }) => ours === 'shown' && theirs === 'hidden' && typeof value === 'boolean' },
    {
      why: 'what is empty, or names a variable, stays readable inside of an object that the reference hides whole',
      when: ({ path, value, ours, theirs }) => ours === 'shown' && theirs === 'hidden' && /\.(plain|value|id)$/.test(path) && (value === '' || value === null || /^\$\{[A-Z_]+\}$/.test(value)),
    },
    {
      why: 'an address that holds a secret is hidden wherever it stands',
      when: ({ value, ours, theirs }) => ours === 'hidden' && theirs === 'shown' && typeof value === 'string' && /^\s*([a-z]+:)?(\/\/|u:p@)?.*(@|token=|key=|\/bot\d)/i.test(value),
    },
    {
      why: 'below a key that sounds like a secret everything is hidden: every member, every number, every blank, and names of files',
      when: ({ path, ours, theirs }) => ours === 'hidden' && theirs === 'shown' && /token|password|secret|api_?key|private_?key|encryptKey|serviceAccount|\.headers|env\.|\.auth(\.|$)/i.test(path),
    },
  ],
  audit: [
    {
      why: 'bind auto is this machine alone, where the reference may bind more in a container',
      when: ({ check }, { document }) => document.gateway?.bind === 'auto' && BY_BIND.includes(check),
    },
    {
      why: 'what Tailscale publishes is exposed, whatever is bound',
      when: ({ check, ours, theirs }, { document }) =>
        ['serve', 'funnel'].includes(document.gateway?.tailscale?.mode) && ours === 'critical' && theirs === 'warn' &&
        ['gateway.control_ui.host_header_origin_fallback', 'gateway.control_ui.allowed_origins_wildcard', 'gateway.tools_invoke_http.dangerous_allow', 'discovery.mdns_full_mode'].includes(check),
    },
    {
      why: 'with a token and a password and no mode, the gateway does not start; ours judges by the token, the reference by the password',
      when: ({ check }, { document: { gateway } }) => gateway?.auth?.mode === undefined && gateway?.auth?.token !== undefined && gateway?.auth?.password !== undefined && /^gateway\.(token|password)_|\.no_auth$|_no_auth$/.test(check),
    },
    {
      why: 'an empty secret is named as such, beside the finding that there is none',
      when: ({ check, ours, theirs }, { document: { gateway } }) => /^gateway\.(token|password)_placeholder_value$/.test(check) && ours === 'critical' && theirs === 'not found' && (gateway?.auth?.token ?? gateway?.auth?.password ?? '').trim() === '',
    },
    {
      why: 'behind a proxy that vouches for people there is no such list to miss: gateway.trusted_proxy_no_proxies says it',
      when: ({ check, theirs, ours }, { document: { gateway } }) => check === 'gateway.trusted_proxies_missing' && gateway?.auth?.mode === 'trusted-proxy' && ours === 'not found' && theirs === 'warn',
    },
    {
      why: 'a token of hooks that is also a secret of the gateway is found though that one is not in force now',
      when: ({ check, ours, theirs }, { document: { gateway, hooks } }) =>
        check === 'hooks.token_reuse_gateway_token' && ours === 'critical' && theirs === 'not found' && [gateway?.auth?.token, gateway?.auth?.password].includes(hooks?.token),
    },
    {
      why: '127.0.0.0/8 as a whole is this machine, and no more',
      when: ({ check, ours, theirs }, { document: { gateway } }) =>
        check === 'gateway.real_ip_fallback_enabled' && ours === 'warn' && theirs === 'critical' && gateway?.trustedProxies?.includes('127.0.0.0/8') && !gateway.trustedProxies.includes('10.0.0.0/8'),
    },
    {
      why: 'Tailscale logs people in beside a password too, unless allowTailscale is off',
      when: ({ check, ours, theirs }, { document: { gateway } }) => check === 'gateway.loopback_no_auth' && ours === 'not found' && theirs === 'critical' && gateway?.auth?.mode === 'password' && gateway?.tailscale?.mode === 'serve',
    },
  ],
};
