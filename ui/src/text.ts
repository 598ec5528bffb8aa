// Every text of the page, in one place, so that another language is another file. Functions where a text has holes.

const plural = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

export const T = {
  product: 'Mission Control',
  again: 'Try again',
  loading: 'Loading',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser did not allow copying. Select the text and copy it by hand.',
  copyCommand: 'Copy as command',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  remove: 'Remove',
  more: 'More',
  all: 'All',
  never: 'never',
  unknown: 'unknown',
  back: 'Back',
  typeToConfirm: (word: string) => `Type ${word} to confirm`,
  skip: 'Skip to content',
  notAllowed: (scope: string) => `This needs ${scope}, which this browser was not given.`,
  problem: { title: 'The gateway did not answer as expected', scope: 'This browser may not see that' },

  nav: {
    label: 'Pages', groups: { work: 'Work', fleet: 'Agents and machines', watch: 'Watch', control: 'Control' },
    overview: 'Overview', chat: 'Chat', sessions: 'Sessions', approvals: 'Approvals', agents: 'Agents', nodes: 'Nodes', cron: 'Cron',
    channels: 'Channels', skills: 'Skills', logs: 'Logs', stats: 'Metrics', config: 'Config', devices: 'Devices & access', security: 'Security',
    console: 'RPC console', about: 'About', waiting: (n: number) => `${n} waiting`,
  },

  link: {
    connected: 'Connected', disconnected: 'Disconnected', reconnecting: 'Reconnecting', connecting: 'Connecting', blocked: 'Blocked',
    label: (state: string) => `Connection: ${state}. Show details`,
    protocol: (version: number) => `v${version}`,
    attempts: (n: number) => `↻ ${n}`,
    attemptsLong: (n: number) => plural(n, 'attempt'),
    details: 'Connection', status: 'Status', latency: 'Latency', latencyOf: (last: string, p50: string, p99: string) => `${last} now, ${p50} median, ${p99} p99`,
    notMeasured: 'not measured yet', reconnects: 'Reconnects', reconnectsOf: (n: number, attempts: number) => `${n} since this page was opened, ${plural(attempts, 'attempt')} now`,
    protocolName: 'Protocol', gateway: 'Gateway', version: 'Version', connection: 'Connection id', since: 'Connected for', address: 'Address', scopes: 'This browser may',
    retryIn: (seconds: number) => `next attempt in ${seconds} s`, reconnect: 'Reconnect now', forget: 'Forget this device', why: 'Reason',
    stale: (ago: string) => `Not connected: what you see is from ${ago}.`,
  },

  gate: {
    connecting: { title: 'Connecting to the gateway', text: 'This takes a moment.' },
    retrying: {
      title: 'The gateway does not answer',
      text: (n: number) => `${plural(n, 'attempt')} so far. It is tried again by itself; this page goes on as soon as the gateway is back.`,
      command: 'openclaw gateway status',
    },
    secret: {
      title: 'Sign in', token: 'Gateway token', password: 'Gateway password',
      text: 'The gateway asks for its credential once. Afterwards this browser is known by its own key, and never asks again.',
      wrong: (what: string) => `That ${what} is not the gateway's. Check it and try again.`,
      submit: 'Sign in', link: 'Or make a login link on the gateway’s machine, which works once:',
    },
    pairing: {
      title: 'This browser waits for approval',
      text: 'Whoever owns the gateway has to let this browser in. Approve it on the gateway’s machine, or in a browser that is signed in:',
      upgrade: 'This browser asks for more than it was approved for. Approve the wider scopes, or go on with fewer:',
      changed: 'This browser looks different from when it was approved. Check that it is yours, then approve it again:',
      fewer: 'Go on with what is approved', waiting: 'Waiting for the approval. The page opens by itself.', secret: 'Use the gateway’s token instead', id: 'Request',
    },
    login: { failed: 'The login link did not work', text: 'A link works once, and for ten minutes.', command: 'openclaw dashboard' },
    stopped: { title: 'Signed out', text: 'This browser is not connected.', again: 'Connect' },
    blocked: {
      title: 'Gateway Handshake Blocked', reconnect: 'Reconnect', done: 'I have done this', forget: 'Forget this device', wait: (seconds: number) => `Reconnect in ${seconds} s`, said: 'The gateway says',
      origin: {
        title: 'Gateway error: Origin not allowed',
        text: (origin: string) => `The gateway does not know the address ${origin}. Add it to gateway.controlUi.allowedOrigins; it is in force at once.`,
        command: (origin: string) => `openclaw config set gateway.controlUi.allowedOrigins '["${origin}"]' --json`,
      },
      insecure: {
        title: 'The browser keeps no keys on this address',
        text: 'A page on plain http from another machine has no WebCrypto, so this browser cannot prove who it is. Open the gateway over https, or on this machine through a tunnel:',
        command: (port: string) => `ssh -N -L ${port}:127.0.0.1:${port} user@gateway-host`,
        then: (port: string) => `Then open http://localhost:${port}`,
        https: 'Open over https',
      },
      'no-ed25519': { title: 'This browser is too old', text: 'It has no Ed25519 signatures. Chrome and Edge 137, Firefox 130 and Safari 17 have them.' },
      'no-storage': { title: 'This browser keeps no data', text: 'The key of this browser is kept in IndexedDB, which is switched off, as in some private windows. Allow it for this address and open the page again.' },
      'device-required': { title: 'Device identity required', text: 'The gateway lets in only browsers with a key of their own. Open it over https or on localhost.' },
      signature: { title: 'The signature was not accepted', text: 'The gateway knows this browser under another key (device_auth_signature_invalid). Forget the device here: a new key is made, and approved anew. By hand: DevTools → Application → IndexedDB → delete device-identity.' },
      'rate-limit': { title: 'Too many failed attempts', text: 'The gateway does not listen to this address for a while (auth rate limit). Wait, then connect again.' },
      protocol: { title: 'Another generation', text: 'The gateway speaks no version of the protocol that this page speaks. Load the page anew, or bring the gateway up to date.' },
      'device-limit': { title: 'Too many devices', text: 'As many devices are paired as gateway.auth.deviceAuth.maxDevicesPerUser allows. Remove one that is not used any more.', command: 'openclaw devices list' },
      other: { title: 'The gateway closed the connection for good', text: 'It asks not to be tried again until something is changed.' },
    },
  },

  palette: { label: 'Search pages, sessions and actions', placeholder: 'Go to a page, a session, an action…', open: 'Search', none: 'Nothing fits.', page: 'Page', session: 'Session', action: 'Action', theme: 'Look', agent: 'Agent' },
  theme: { system: 'Look like the system', light: 'Light', dark: 'Dark', label: 'Look' },
  keys: { title: 'Keys', list: [['⌘K or Ctrl K', 'Search everything'], ['g then o, c, s, a, l', 'Overview, Chat, Sessions, Approvals, Logs'], ['/', 'To the search field of the page'], ['j and k', 'Down and up a list'], ['?', 'This list'], ['Esc', 'Close what is open']] as const },

  happened: {
    finished: (key: string) => `${key}: the reply is there`,
    failed: (key: string, why: string) => `${key}: ${why || 'the run failed'}`,
    aborted: (key: string) => `${key}: the run was stopped`,
    fallback: (from: string, to: string, why: string) => `${to} stands in for ${from} (${why})`,
    asked: (command: string) => `Asks to run ${command}`,
    decided: (decision: string, by: string) => `${decision === 'deny' ? 'Denied' : decision === 'allow-always' ? 'Allowed for good' : 'Allowed once'}${by ? ` by ${by}` : ''}`,
    job: (name: string, status: string) => `Job ${name}: ${status || 'ended'}`,
    deviceAsks: (name: string) => `${name} asks to be admitted`,
    deviceDecided: (decision: string) => `A device was ${decision}`,
    nodeAsks: (name: string) => `Node ${name} asks to be approved`,
    configured: (paths: string[], actor: string) => `Configuration changed: ${paths.slice(0, 3).join(', ') || 'nothing'}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}${actor ? ` (${actor})` : ''}`,
    configRejected: (why: string) => `The configuration file cannot be used: ${why}`,
    program: (id: string, status: string) => `Program ${id}: ${status}`,
    sessionMade: (key: string) => `New session ${key}`,
    sessionGone: (key: string) => `Session ${key} was removed`,
  },

  overview: {
    well: 'Everything is well', ill: 'Something needs a look', unwell: 'The gateway reports a problem', demo: 'No model is set up: the built-in demo answers',
    uptime: (span: string) => `running for ${span}`, live: 'Live runs', liveNote: (n: number) => `of ${plural(n, 'session')}`, tokens: 'Tokens today', cost: 'Cost today', costNote: (month: string) => `${month} in 30 days`,
    waiting: 'Waiting for you', waitingNote: 'approvals and questions', connections: 'Connections', connectionsNote: 'open now', errors: 'Errors', errorsNote: 'in the log since this page was opened',
    needs: 'Needs you', nothing: 'Nothing waits for you.', recent: 'Recent sessions', recentAll: 'All sessions', activity: 'Recent activity', activityNone: 'What happens while this page is open is listed here.',
    agents: 'Agents', nodes: 'Machines', spend: 'Tokens, last 14 days', spendLabel: 'Tokens for each of the last 14 days', hello: 'Say hello', helloText: 'Your first conversation is one message away.', helloSend: 'Start a conversation',
    restart: (paths: string[]) => `Waits for a restart: ${paths.join(', ')}`, restartDo: 'Show in Config', pairing: (n: number) => `${plural(n, 'device')} ${n === 1 ? 'asks' : 'ask'} to be admitted`, review: 'Review',
    check: { title: 'Getting started', model: 'A model answers', modelDo: 'Add a model', safe: 'Commands ask first', phone: 'Open it on another device', phoneDo: 'Login link', talk: 'Say hello to an agent' },
  },

  chat: {
    label: 'Conversation', sessions: 'Sessions', fresh: 'New session', search: 'Find a session', none: 'No session fits.', composer: 'Message', placeholder: (agent: string) => `Message ${agent}`, send: 'Send', stop: 'Stop', attach: 'Attach files', drop: 'Drop files to attach them',
    older: 'Show older messages', you: 'You', system: 'System', thinking: 'Thoughts', working: { start: 'Starting', model: 'Asking the model', thinking: 'Thinking', tool: 'Using a tool', speaking: 'Writing', queued: 'Waiting for its turn' } as Record<string, string>,
    empty: { title: 'What shall we do?', text: 'Everything that is said here is kept by the gateway, and goes on when this page is closed.', ideas: ['What can you do here?', 'Plan a trip of three days', 'Summarise what happened today'] },
    sending: 'Sending', failed: 'Not sent', resend: 'Send again', error: 'The run failed', aborted: 'Stopped', model: 'Model', modelDefault: 'Default model', modelChanged: (model: string) => `From the next message on, ${model} answers`,
    tokens: (input: string, output: string) => `${input} in / ${output} out`, took: (time: string) => time, ttft: (time: string) => `first word ${time}`, tool: { running: 'running', done: 'done', failed: 'failed', args: 'Arguments', output: 'Output' },
    approvals: 'Waits for your decision', context: (used: string, all: string) => `${used} of ${all} tokens of context`, tooBig: (name: string, limit: string) => `${name} is larger than ${limit}`, queued: (n: number) => `${plural(n, 'message')} waiting`, list: 'Sessions',
    latest: 'To the newest message', noWrite: 'This browser may read, but not write.', longMessage: 'Show all of it', searchAll: 'Search what was said', found: (n: number) => plural(n, 'place'), fallback: (to: string, why: string) => `${to} stands in (${why})`, remove: (name: string) => `Remove ${name}`,
  },

  approval: {
    exec: 'wants to run', plugin: 'asks', where: 'In', host: 'On', agent: 'For', once: 'Allow once', always: 'Always allow', deny: 'Deny', left: (span: string) => `${span} left`, over: 'expired', path: 'Program', env: 'Variables', question: 'asks', answer: 'Answer', skip: 'Not now', other: 'Something else',
    risks: {
      'inline-eval': 'runs code given inline', 'shell-wrapper': 'starts a shell', 'command-carrier': 'carries another command', privilege: 'gains privileges', destructive: 'can destroy data', unparsed: 'could not be read in full', 'hidden-characters': 'holds hidden characters',
    } as Record<string, string>,
    alwaysTitle: 'Allow this command for good?', alwaysText: 'The same command in the same place will run without being asked about, until you take that back under Standing permissions.',
    decided: { 'allow-once': 'Allowed once', 'allow-always': 'Allowed for good', deny: 'Denied' } as Record<string, string>,
  },

  notFound: { title: 'There is no such page', text: 'The address may be mistyped, or from another version.' },

  agents: {
    state: { idle: 'idle', busy: 'busy', offline: 'offline', error: 'error' } as Record<string, string>,
  },
};

export type Texts = typeof T;
