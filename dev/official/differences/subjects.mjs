// The five subjects: how a case is made, how the reference is asked, and what counts as the same answer.
import { audit } from './audit.mjs';
import { ip } from './ip.mjs';
import { origin } from './origin.mjs';
import { leaves, redaction } from './redaction.mjs';
import { scope } from './scope.mjs';

const REDACTED = '__OPENCLAW_REDACTED__';

/** Header lines as Node hands them to the reference: names in lower case, repetitions joined. */
function joined(lines) {
  const headers = {};
  for (const [raw, value] of lines) {
    const name = raw.toLowerCase();
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

export function subjects(reference) {
  return {
    origin: {
      make: origin,
      /** One answer word each, so that they are compared as texts. */
      ask: ({ origin, host, local, allowed }) => {
        const answer = reference.checkBrowserOrigin({ origin, requestHost: host ?? undefined, allowedOrigins: allowed, isLocalClient: local });
        return { answer: answer.ok ? 'ok' : answer.reason, by: answer.matchedBy };
      },
      differences: (ours, theirs) => (ours === theirs.answer ? [] : [{ ours, theirs: theirs.answer, by: theirs.by }]),
    },
    ip: {
      make: ip,
      ask: ({ peer, headers, trusted, realIp }) => {
        const req = { headers: joined(headers), socket: { remoteAddress: peer } };
        const answer = reference.prepareGatewayIngressAttribution({ req, trustedProxies: trusted, allowRealIpFallback: realIp });
        if (answer.kind === 'unattributable-proxy') return 'unknown';
        return `${answer.kind === 'trusted-proxy' ? 'client' : 'peer'} ${answer.clientIp}`;
      },
      differences: (ours, theirs) => (ours === theirs ? [] : [{ ours, theirs }]),
    },
    scope: {
      make: scope,
      ask: ({ method, scopes, params }) => {
        if (reference.isNodeRoleMethod(method)) return 'node';
        const answer = reference.authorizeOperatorScopesForMethod(method, scopes, params);
        return answer.allowed ? null : answer.missingScope;
      },
      differences: (ours, theirs) => {
        const said = ours?.startsWith('operator.') || ours === null ? ours : 'node';
        return said === theirs ? [] : [{ ours: said, theirs }];
      },
    },
    redaction: {
      make: redaction,
      ask: ({ document }) => reference.redactConfigObject(document, reference.hints),
      /** Leaf by leaf: who hides what. What is not hidden must stand there as it was. */
      differences: (ours, theirs, { document }) => {
        const [mine, other] = [leaves(ours), leaves(theirs)];
        const found = [];
        for (const [path, value] of leaves(document)) {
          if (value === REDACTED) continue;
          const by = (shown) => [...shown].some(([at, text]) => text === REDACTED && (at === path || path.startsWith(`${at}.`)));
          const [weHide, theyHide] = [by(mine), by(other)];
          if (!weHide && mine.get(path) !== value) found.push({ path, value, ours: 'changed', theirs: theyHide ? 'hidden' : 'shown' });
          else if (weHide !== theyHide) found.push({ path, value, ours: weHide ? 'hidden' : 'shown', theirs: theyHide ? 'hidden' : 'shown' });
        }
        return found;
      },
    },
    audit: {
      make: audit,
      ask: async ({ document }) => {
        const copy = structuredClone(document);
        const report = await reference.runSecurityAuditCore({ config: copy, sourceConfig: copy, env: {}, includeFilesystem: false, includeChannelSecurity: false, loadPluginSecurityCollectors: false });
        return report.findings.map(({ checkId, severity }) => [checkId, severity]);
      },
      /** Finding by finding, of the checks that both have. */
      differences: (ours, theirs, _, known) => {
        const both = (found) => [...new Set(found.filter(([id]) => known.checks.includes(id)).map((finding) => finding.join(' ')))];
        const [mine, other] = [both(ours), both(theirs)];
        const severity = (list, id) => list.find((finding) => finding.startsWith(`${id} `))?.split(' ')[1] ?? 'not found';
        const ids = new Set([...mine, ...other].map((finding) => finding.split(' ')[0]));
        return [...ids].map((check) => ({ check, ours: severity(mine, check), theirs: severity(other, check) })).filter(({ ours, theirs }) => ours !== theirs);
      },
    },
  };
}
