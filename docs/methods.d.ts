// Made from the method table by `cargo xtask schema`; do not edit.

/** What a method takes and answers, by its name. */
export interface Methods {
  /** A turn of an agent: answers accepted at once and the result when the run has ended. */
  "agent": { params: AgentParams; reply: AgentReply };
  /** Who an agent is: name, avatar, emoji. */
  "agent.identity.get": { params: AgentIdentityGetParams; reply: AgentIdentityGetReply };
  /** Waits for the end of a run; status timeout when it has not ended by then. */
  "agent.wait": { params: AgentWaitParams; reply: AgentWaitReply };
  /** The agents, their identity and their model. */
  "agents.list": { params: AgentsListParams; reply: AgentsListReply };
  /** Files that runs made for people: none are kept. */
  "artifacts.list": { params: ArtifactsListParams; reply: ArtifactsListReply };
  /** What agents did, newest first, from the audit trail. */
  "audit.activity.list": { params: AuditActivityListParams; reply: AuditActivityListReply };
  /** When runs were accepted and how they ended, newest first, from the audit trail. */
  "audit.list": { params: AuditListParams; reply: AuditListReply };
  /** The board of a session: it is empty. */
  "board.get": { params: BoardGetParams; reply: BoardGetReply };
  /** Sends a request to the browser that agents drive. */
  "browser.request": { params: BrowserRequestParams; reply: BrowserRequestReply };
  /** Ends a channel's account. */
  "channels.logout": { params: ChannelsLogoutParams; reply: ChannelsLogoutReply };
  /** Senders on chat channels that ask to be admitted: no channel is there yet. */
  "channels.pairing.list": { params: ChannelsPairingListParams; reply: ChannelsPairingListReply };
  /** Starts a channel's account. */
  "channels.start": { params: ChannelsStartParams; reply: ChannelsStartReply };
  /** The state of every chat channel: none is there yet. */
  "channels.status": { params: ChannelsStatusParams; reply: ChannelsStatusReply };
  /** Stops a channel's account. */
  "channels.stop": { params: ChannelsStopParams; reply: ChannelsStopReply };
  /** Stops the run at work in a conversation. Nothing to stop is no error. */
  "chat.abort": { params: ChatAbortParams; reply: ChatAbortReply };
  /** What was said in a conversation, newest page, oldest first. */
  "chat.history": { params: ChatHistoryParams; reply: ChatHistoryReply };
  /** Puts an assistant's message into a conversation without asking a model. */
  "chat.inject": { params: ChatInjectParams; reply: ChatInjectReply };
  /** What a composer offers: models and commands. */
  "chat.metadata": { params: ChatMetadataParams; reply: ChatMetadataReply };
  /** Says something in a conversation; the reply streams as chat events. */
  "chat.send": { params: ChatSendParams; reply: ChatSendReply };
  /** Everything a chat view shows first, in one answer. */
  "chat.startup": { params: ChatStartupParams; reply: ChatStartupReply };
  /** Replaces the whole configuration and puts that in force. */
  "config.apply": { params: ConfigApplyParams; reply: ConfigApplyReply };
  /** What differs between two states of the configuration; secrets are replaced by a marker. */
  "config.diff": { params: ConfigDiffParams; reply: ConfigDiffReply };
  /** The configuration's file and what is in force; secrets are replaced by a marker. */
  "config.get": { params: ConfigGetParams; reply: ConfigGetReply };
  /** The states that the configuration was in, newest first, without values. */
  "config.history": { params: ConfigHistoryParams; reply: ConfigHistoryReply };
  /** Merges a patch into the configuration (RFC 7396) and puts that in force. */
  "config.patch": { params: ConfigPatchParams; reply: ConfigPatchReply };
  /** Everything that a configuration may say: its JSON Schema and hints for forms. */
  "config.schema": { params: ConfigSchemaParams; reply: ConfigSchemaReply };
  /** One place of the configuration's schema and the keys inside it. */
  "config.schema.lookup": { params: ConfigSchemaLookupParams; reply: ConfigSchemaLookupReply };
  /** Sets one value of the configuration, or replaces its text, and puts that in force. */
  "config.set": { params: ConfigSetParams; reply: ConfigSetReply };
  /** Goes back to what the configuration was before; secrets that were replaced stay replaced. */
  "config.undo": { params: ConfigUndoParams; reply: ConfigUndoReply };
  /** Takes one value out of the configuration, so that its default holds again. */
  "config.unset": { params: ConfigUnsetParams; reply: ConfigUnsetReply };
  /** Checks a change of the configuration, or the file as it is, without changing anything. */
  "config.validate": { params: ConfigValidateParams; reply: ConfigValidateReply };
  /** Follows the pull requests of sessions: there are none. */
  "controlUi.sessionPullRequests.subscribe": { params: ControlUiSessionPullRequestsSubscribeParams; reply: ControlUiSessionPullRequestsSubscribeReply };
  /** The scheduled jobs: none can be scheduled yet. */
  "cron.list": { params: CronListParams; reply: CronListReply };
  /** A link that signs one browser in, once, within ten minutes. */
  "dashboard.link": { params: DashboardLinkParams; reply: DashboardLinkReply };
  /** Admits a device that asks; the caller cannot give scopes that it lacks itself. */
  "device.pair.approve": { params: DevicePairApproveParams; reply: DevicePairApproveReply };
  /** Devices that ask to be admitted, and devices that were. */
  "device.pair.list": { params: DevicePairListParams; reply: DevicePairListReply };
  /** Turns a device away that asks to be admitted. */
  "device.pair.reject": { params: DevicePairRejectParams; reply: DevicePairRejectReply };
  /** Takes a device back out: its tokens end and its connections close. */
  "device.pair.remove": { params: DevicePairRemoveParams; reply: DevicePairRemoveReply };
  /** Withdraws a device's token and closes its connections; it must be approved again. */
  "device.token.revoke": { params: DeviceTokenRevokeParams; reply: DeviceTokenRevokeReply };
  /** Replaces a device's token; only the device itself is told the new one. */
  "device.token.rotate": { params: DeviceTokenRotateParams; reply: DeviceTokenRotateReply };
  /** Runs that are at work and runs that wait. */
  "diagnostics.lanes": { params: DiagnosticsLanesParams; reply: DiagnosticsLanesReply };
  /** Whether an agent's memory can be searched: it cannot yet. */
  "doctor.memory.status": { params: DoctorMemoryStatusParams; reply: DoctorMemoryStatusReply };
  /** Where sessions can run: on the gateway's own machine. */
  "environments.list": { params: EnvironmentsListParams; reply: EnvironmentsListReply };
  /** One place where sessions can run. */
  "environments.status": { params: EnvironmentsStatusParams; reply: EnvironmentsStatusReply };
  /** Whether a restart would cut off work. A run that is cut off is kept as interrupted. */
  "gateway.restart.preflight": { params: GatewayRestartPreflightParams; reply: GatewayRestartPreflightReply };
  /** Whether the gateway is suspended: it never is. */
  "gateway.suspend.status": { params: GatewaySuspendStatusParams; reply: GatewaySuspendStatusReply };
  /** Whether everything is well, from memory. */
  "health": { params: HealthParams; reply: HealthReply };
  /** The outcome of the newest heartbeat run, or null: heartbeats are not scheduled. */
  "last-heartbeat": { params: LastHeartbeatParams; reply: LastHeartbeatReply };
  /** Lines of the log, from a cursor on. */
  "logs.tail": { params: LogsTailParams; reply: LogsTailReply };
  /** Places where somebody was mentioned: none. */
  "mentions.list": { params: MentionsListParams; reply: MentionsListReply };
  /** Does something with a message on a chat channel. */
  "message.action": { params: MessageActionParams; reply: MessageActionReply };
  /** Everything about one method: who may call it, what it takes and answers, and an example. */
  "methods.describe": { params: MethodsDescribeParams; reply: MethodsDescribeReply };
  /** The methods that the caller may call, also those that a hello does not list. */
  "methods.list": { params: MethodsListParams; reply: MethodsListReply };
  /** How model providers and their keys are: ready, without a key, or left alone until when. */
  "models.authStatus": { params: ModelsAuthStatusParams; reply: ModelsAuthStatusReply };
  /** The models that agents can use, by provider. */
  "models.list": { params: ModelsListParams; reply: ModelsListReply };
  /** The machines that offer commands: none can be paired yet. */
  "node.list": { params: NodeListParams; reply: NodeListReply };
  /** The set-up assistant: says where things are set up instead. No model is asked. */
  "openclaw.chat": { params: OpenclawChatParams; reply: OpenclawChatReply };
  /** What was said to the set-up assistant: there is none. */
  "openclaw.chat.history": { params: OpenclawChatHistoryParams; reply: OpenclawChatHistoryReply };
  /** Answers at once, so that a client can measure the way. */
  "ping": { params: PingParams; reply: PingReply };
  /** Plugins that could be installed: plugins are not part of this gateway. */
  "plugins.catalog.browse": { params: PluginsCatalogBrowseParams; reply: PluginsCatalogBrowseReply };
  /** Views that plugins bring: there are no plugins. */
  "plugins.controlUi.list": { params: PluginsControlUiListParams; reply: PluginsControlUiListReply };
  /** Plugins: there are none. */
  "plugins.list": { params: PluginsListParams; reply: PluginsListReply };
  /** What plugins add to views: there are no plugins. */
  "plugins.uiDescriptors": { params: PluginsUiDescriptorsParams; reply: PluginsUiDescriptorsReply };
  /** Asks people on a chat channel to choose. */
  "poll": { params: PollParams; reply: PollReply };
  /** Local servers that are shown to others: none. */
  "portal.list": { params: PortalListParams; reply: PortalListReply };
  /** The plan that a run shows while it works: none. */
  "progressCard.get": { params: ProgressCardGetParams; reply: ProgressCardGetReply };
  /** Folders that agents work in: the workspaces that are configured. */
  "projects.list": { params: ProjectsListParams; reply: ProjectsListReply };
  /** Secrets that people keep in the gateway: its own are in its configuration. */
  "secrets.store.list": { params: SecretsStoreListParams; reply: SecretsStoreListReply };
  /** Sends a message on a chat channel. */
  "send": { params: SendParams; reply: SendReply };
  /** Whether a session is discussed elsewhere: it is not. */
  "session.discussion.info": { params: SessionDiscussionInfoParams; reply: SessionDiscussionInfoReply };
  /** Conversations that other programs on this machine keep: the gateway does not look for them. */
  "sessions.catalog.list": { params: SessionsCatalogListParams; reply: SessionsCatalogListReply };
  /** Sets all but the newest lines of a transcript aside. */
  "sessions.compact": { params: SessionsCompactParams; reply: SessionsCompactReply };
  /** What was asked about a session beside it: nothing. */
  "sessions.companion.state": { params: SessionsCompanionStateParams; reply: SessionsCompanionStateReply };
  /** Makes a session, and begins a turn in it when a message is given. */
  "sessions.create": { params: SessionsCreateParams; reply: SessionsCreateReply };
  /** Removes a session; the main session of the default agent stays. */
  "sessions.delete": { params: SessionsDeleteParams; reply: SessionsDeleteReply };
  /** One session as the list shows it, or null. */
  "sessions.describe": { params: SessionsDescribeParams; reply: SessionsDescribeReply };
  /** Sessions, newest first, a page at a time. */
  "sessions.list": { params: SessionsListParams; reply: SessionsListReply };
  /** Follows one session: session.message events come to this connection. */
  "sessions.messages.subscribe": { params: SessionsMessagesSubscribeParams; reply: SessionsMessagesSubscribeReply };
  /** Stops following a session. */
  "sessions.messages.unsubscribe": { params: SessionsMessagesUnsubscribeParams; reply: SessionsMessagesUnsubscribeReply };
  /** Says whether a view of sessions is seen. Nothing is summarised for it, so nothing depends on that. */
  "sessions.observer.visibility": { params: SessionsObserverVisibilityParams; reply: SessionsObserverVisibilityReply };
  /** Changes what people set for a session; makes it when there is none. */
  "sessions.patch": { params: SessionsPatchParams; reply: SessionsPatchReply };
  /** The last lines of some sessions. */
  "sessions.preview": { params: SessionsPreviewParams; reply: SessionsPreviewReply };
  /** Starts a session over; the old transcript is archived. */
  "sessions.reset": { params: SessionsResetParams; reply: SessionsResetReply };
  /** Finds a session by key, transcript identifier or label. */
  "sessions.resolve": { params: SessionsResolveParams; reply: SessionsResolveReply };
  /** Turns sessions.changed on for this connection; with list parameters it answers the list too. */
  "sessions.subscribe": { params: SessionsSubscribeParams; reply: SessionsSubscribeReply };
  /** Turns sessions.changed off for this connection. */
  "sessions.unsubscribe": { params: SessionsUnsubscribeParams; reply: SessionsUnsubscribeReply };
  /** Says which sessions a view shows. Others are not told, so nothing is kept. */
  "sessions.viewers.set": { params: SessionsViewersSetParams; reply: SessionsViewersSetReply };
  /** Names the programs that skills need. */
  "skills.bins": { params: SkillsBinsParams; reply: SkillsBinsReply };
  /** Skills that people keep: none; those of agents are in skills.status. */
  "skills.library.list": { params: SkillsLibraryListParams; reply: SkillsLibraryListReply };
  /** Skills that agents propose: none. */
  "skills.proposals.list": { params: SkillsProposalsListParams; reply: SkillsProposalsListReply };
  /** Skills that could be installed from elsewhere: the gateway asks nobody. */
  "skills.search": { params: SkillsSearchParams; reply: SkillsSearchReply };
  /** The skills and what they lack: none are installed. */
  "skills.status": { params: SkillsStatusParams; reply: SkillsStatusReply };
  /** Starts a program that spawn.allow lists. No program can be started yet. */
  "spawn": { params: SpawnParams; reply: SpawnReply };
  /** One page about everything: version, uptime, sessions, runs, store, memory. */
  "status": { params: StatusParams; reply: StatusReply };
  /** Who is connected. */
  "system-presence": { params: SystemPresenceParams; reply: SystemPresenceReply };
  /** The machine that the gateway runs on: processors, memory, disk, uptime. */
  "system.info": { params: SystemInfoParams; reply: SystemInfoReply };
  /** Ways to talk with an agent: none. */
  "talk.catalog": { params: TalkCatalogParams; reply: TalkCatalogReply };
  /** How to talk with an agent: nothing is configured, so there are no secrets either. */
  "talk.config": { params: TalkConfigParams; reply: TalkConfigReply };
  /** Tasks that a run suggests: none. */
  "taskSuggestions.list": { params: TaskSuggestionsListParams; reply: TaskSuggestionsListReply };
  /** Work that runs beside conversations: none. */
  "tasks.list": { params: TasksListParams; reply: TasksListReply };
  /** Looks of the Control UI: the one that it comes with. */
  "themes.list": { params: ThemesListParams; reply: ThemesListReply };
  /** Tools that an agent could use: none is there yet. */
  "tools.catalog": { params: ToolsCatalogParams; reply: ToolsCatalogReply };
  /** Tools that runs of a session may use: none is there yet. */
  "tools.effective": { params: ToolsEffectiveParams; reply: ToolsEffectiveReply };
  /** Which account agents have at a code host: none. */
  "tools.github.status": { params: ToolsGithubStatusParams; reply: ToolsGithubStatusReply };
  /** Voices that text could be spoken with: none. */
  "tts.personas": { params: TtsPersonasParams; reply: TtsPersonasReply };
  /** Who could speak text: nobody. */
  "tts.providers": { params: TtsProvidersParams; reply: TtsProvidersReply };
  /** Whether text is spoken: it is not. */
  "tts.status": { params: TtsStatusParams; reply: TtsStatusReply };
  /** Newer versions: none is known, because the gateway asks nobody by itself. */
  "update.status": { params: UpdateStatusParams; reply: UpdateStatusReply };
  /** Which account a person has at a code host: none. */
  "users.github.status": { params: UsersGithubStatusParams; reply: UsersGithubStatusReply };
  /** Who uses the gateway: its owner. */
  "users.list": { params: UsersListParams; reply: UsersListReply };
  /** A person's own accounts at model providers: the gateway's are in its configuration. */
  "users.listModelAccounts": { params: UsersListModelAccountsParams; reply: UsersListModelAccountsReply };
  /** What the owner prefers, as views keep it: looks, places, switches. */
  "users.prefs.get": { params: UsersPrefsGetParams; reply: UsersPrefsGetReply };
  /** Keeps what the owner prefers, as views keep it. */
  "users.prefs.set": { params: UsersPrefsSetParams; reply: UsersPrefsSetReply };
  /** Who the caller is: the owner of the gateway. */
  "users.self": { params: UsersSelfParams; reply: UsersSelfReply };
  /** Words that wake an agent up when they are spoken: none. */
  "voicewake.get": { params: VoicewakeGetParams; reply: VoicewakeGetReply };
  /** Begins to log a channel in by a code. */
  "web.login.start": { params: WebLoginStartParams; reply: WebLoginStartReply };
  /** Waits until a channel is logged in by a code. */
  "web.login.wait": { params: WebLoginWaitParams; reply: WebLoginWaitReply };
  /** Branches of a repository: the gateway does not look at repositories. */
  "worktrees.branches": { params: WorktreesBranchesParams; reply: WorktreesBranchesReply };
  /** Working copies that the gateway made of repositories: none. */
  "worktrees.list": { params: WorktreesListParams; reply: WorktreesListReply };
}

export type MethodName = keyof Methods;

/** Names of the events. */
export type EventName =
  | "connect.challenge"
  | "agent"
  | "agent.status"
  | "chat"
  | "config.changed"
  | "config.rejected"
  | "device.pair.requested"
  | "device.pair.resolved"
  | "health"
  | "log"
  | "model.fallback"
  | "presence"
  | "session.message"
  | "sessions.changed"
  | "shutdown"
  | "spawn_result"
  | "tick";

export type Actor = {
  id: AgentId;
  type: string;
};

export type AgentId = string;

export type AgentIdentityGetParams = {
  /** Its id; the default agent when absent. */
  agentId?: AgentId | null;
  /** One of its sessions, instead of its id. */
  sessionKey?: SessionKey | null;
};

export type AgentIdentityGetReply = {
  agentId: AgentId;
  avatar?: string | null;
  emoji?: string | null;
  /** Name for people. */
  name: string;
};

export type AgentParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** Understood and not needed. */
  acpTurnSource?: unknown;
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Images. */
  attachments?: Attachment[];
  /** Understood and not needed. */
  bestEffortDeliver?: unknown;
  /** Understood and not needed. */
  bootstrapContextMode?: unknown;
  /** Understood and not needed. */
  bootstrapContextRunKind?: unknown;
  /** Understood and not needed. */
  channel?: unknown;
  /** Understood and not needed. */
  cleanupBundleMcpOnRunEnd?: unknown;
  /** Understood and not needed. */
  cwd?: unknown;
  /** Understood and not needed. */
  deliver?: unknown;
  /** Understood and not needed. */
  disableMessageTool?: unknown;
  /** Understood and not needed. */
  execApprovalFollowupExpectedSessionId?: unknown;
  /** Understood and not needed. */
  expectedExistingSessionId?: unknown;
  /** Added to the agent's system prompt for this turn. */
  extraSystemPrompt?: string | null;
  /** Understood and not needed. */
  forceCodeModeTools?: unknown;
  /** Understood and not needed. */
  forceRestartSafeTools?: unknown;
  /** Understood and not needed. */
  groupChannel?: unknown;
  /** Understood and not needed. */
  groupId?: unknown;
  /** Understood and not needed. */
  groupSpace?: unknown;
  /** Names the run. The same key again does not run twice. */
  idempotencyKey: RunId;
  /** Understood and not needed. */
  inputProvenance?: unknown;
  /** Understood and not needed. */
  internalEvents?: unknown;
  /** Understood and not needed. */
  internalExecutionIdentityRecoveryAttempt?: unknown;
  /** Understood and not needed. */
  internalExecutionIdentityRetry?: unknown;
  /** Understood and not needed. */
  internalRuntimeHandoffId?: unknown;
  /** Name for a session that is made by this call. */
  label?: string | null;
  /** Understood and not needed. */
  lane?: unknown;
  /** The text, at most 1 MiB. */
  message: string;
  /** `provider/model` for this turn. */
  model?: string | null;
  /** Understood and not needed. */
  modelRun?: unknown;
  /** Understood and not needed. */
  promptMode?: unknown;
  /** Understood and not needed. */
  provider?: unknown;
  /** Understood and not needed. */
  replyAccountId?: unknown;
  /** Understood and not needed. */
  replyChannel?: unknown;
  /** Understood and not needed. */
  replyTo?: unknown;
  /** Understood and not needed. */
  sessionEffects?: unknown;
  /** Identifier of the session's transcript, instead of its key. */
  sessionId?: string | null;
  /** Session key; the agent's main session when absent. */
  sessionKey?: SessionKey | null;
  /** Understood and not needed. */
  sourceReplyDeliveryMode?: unknown;
  /** Understood and not needed. */
  spawnedBy?: unknown;
  /** Understood and not needed. */
  suppressPromptPersistence?: unknown;
  /** Understood and not needed. */
  swarmCollector?: unknown;
  /** Understood and not needed. */
  swarmOutputSchema?: unknown;
  /** Thinking level for this turn. */
  thinking?: string | null;
  /** Understood and not needed. */
  threadId?: unknown;
  /** Seconds that the run may take. */
  timeout?: number | null;
  /** Understood and not needed. */
  to?: unknown;
  /** Understood and not needed. */
  voiceWakeTrigger?: unknown;
};

export type AgentReply = unknown;

export type AgentWaitParams = {
  /** Which run. */
  runId: RunId;
  /** Milliseconds; 30,000 when absent. */
  timeoutMs?: number | null;
};

export type AgentWaitReply = unknown;

export type AgentsListParams = {
  /** Understood and not needed. */
  includeSystem?: unknown;
};

export type AgentsListReply = unknown;

export type ApiKey = {
  /** Whether it has a key, or needs none. */
  configured: boolean;
  /** Whether it can be asked without a key. */
  required: boolean;
};

export type ArtifactsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  runId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** Understood and not needed. */
  taskId?: unknown;
};

export type ArtifactsListReply = {
  artifacts: [];
};

export type Attachment = {
  /** Base64, with or without a `data:` prefix. */
  content?: string | null;
  /** Name for people. */
  fileName?: string | null;
  /** For example `image/png`. */
  mimeType?: string | null;
  /** `image` or `file`. */
  type?: string | null;
};

export type AuditActivityListParams = {
  /** Only from this time on, milliseconds since the epoch. */
  after?: number | null;
  /** Only this agent's. */
  agentId?: AgentId | null;
  /** Only before this time, milliseconds since the epoch. */
  before?: number | null;
  /** Understood and not needed. */
  channel?: unknown;
  /** `nextCursor` of the answer before. */
  cursor?: string | null;
  /** Understood and not needed. */
  direction?: unknown;
  /** Only of this kind. */
  kind?: Kind | null;
  /** Entries, 1 to 500; 100 when absent. */
  limit?: number | null;
  /** Only this run's. */
  runId?: RunId | null;
  /** Only this session's. */
  sessionKey?: SessionKey | null;
  /** Only with this status. */
  status?: Status | null;
};

export type AuditActivityListReply = {
  /** Newest first. */
  events: Entry[];
  /** Where to go on; none when everything was looked through. */
  nextCursor?: string | null;
};

export type AuditListParams = {
  /** Only from this time on, milliseconds since the epoch. */
  after?: number | null;
  /** Only this agent's. */
  agentId?: AgentId | null;
  /** Only before this time, milliseconds since the epoch. */
  before?: number | null;
  /** Understood and not needed. */
  channel?: unknown;
  /** `nextCursor` of the answer before. */
  cursor?: string | null;
  /** Understood and not needed. */
  direction?: unknown;
  /** Only of this kind. */
  kind?: Kind | null;
  /** Entries, 1 to 500; 100 when absent. */
  limit?: number | null;
  /** Only this run's. */
  runId?: RunId | null;
  /** Only this session's. */
  sessionKey?: SessionKey | null;
  /** Only with this status. */
  status?: Status | null;
};

export type AuditListReply = {
  /** Newest first. */
  events: Entry[];
  /** Where to go on; none when everything was looked through. */
  nextCursor?: string | null;
};

export type Blocker = {
  count: number;
  kind: string;
  message: string;
};

export type BoardGetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Which session. */
  sessionKey: SessionKey;
};

export type BoardGetReply = {
  /** Changes so far. */
  revision: number;
  /** Its canonical key. */
  sessionKey: SessionKey;
  tabs: [];
  widgets: [];
};

export type BrowserRequestParams = {
  [name: string]: unknown;
};

export type BrowserRequestReply = null;

export type ChannelsLogoutParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `telegram`. */
  channel: string;
};

export type ChannelsLogoutReply = {
  channel: string;
};

export type ChannelsPairingListParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** Understood and not needed. */
  channel?: unknown;
};

export type ChannelsPairingListReply = {
  accounts: [];
  /** Whether somebody may give commands over a channel. */
  commandOwnerConfigured: boolean;
  limits: PairingLimits;
  requests: [];
};

export type ChannelsStartParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `telegram`. */
  channel: string;
};

export type ChannelsStartReply = {
  channel: string;
};

export type ChannelsStatusParams = {
  /** Understood and not needed. */
  channel?: unknown;
  /** Understood and not needed. */
  probe?: unknown;
  /** Understood and not needed. */
  timeoutMs?: unknown;
};

export type ChannelsStatusReply = {
  channelAccounts: {
    [name: string]: string;
  };
  channelDefaultAccountId: {
    [name: string]: string;
  };
  channelDetailLabels: {
    [name: string]: string;
  };
  channelLabels: {
    [name: string]: string;
  };
  channelMeta: [];
  /** Names in the order in which they are shown. */
  channelOrder: [];
  channelSystemImages: {
    [name: string]: string;
  };
  channels: {
    [name: string]: string;
  };
  /** When it was looked at. */
  ts: number;
};

export type ChannelsStopParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `telegram`. */
  channel: string;
};

export type ChannelsStopReply = {
  channel: string;
};

export type ChatAbortParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  preserveSideRuns?: unknown;
  /** Only this run; otherwise the one at work and all that wait. */
  runId?: RunId | null;
  /** Session key. */
  sessionKey: SessionKey;
};

export type ChatAbortReply = {
  /** Whether there was anything to stop. */
  aborted: boolean;
  ok: boolean;
  /** What was stopped. */
  runIds: RunId[];
};

export type ChatHistoryParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  inputRunIds?: unknown;
  /** Most messages, 1 to 1,000; 200 when absent. */
  limit?: number | null;
  /** Understood and not needed. */
  maxBytes?: unknown;
  /** Longest text of a message, characters. */
  maxChars?: number | null;
  /** Understood and not needed. */
  messageId?: unknown;
  /** Messages to pass over, counted from the newest. */
  offset?: number | null;
  /** Understood and not needed. */
  pendingBefore?: unknown;
  /** Understood and not needed. */
  sessionId?: unknown;
  /** Session key. */
  sessionKey: SessionKey;
};

export type ChatHistoryReply = unknown;

export type ChatInjectParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Stands before the text in brackets, at most 100 characters. */
  label?: string | null;
  /** The text. */
  message: string;
  /** Session key. */
  sessionKey: SessionKey;
};

export type ChatInjectReply = {
  /** Identifier of the message. */
  messageId: string;
  ok: boolean;
};

export type ChatMetadataParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type ChatMetadataReply = unknown;

export type ChatSendParams = {
  /** Whose session it is, when the key does not say. */
  agentId?: AgentId | null;
  /** Images. */
  attachments?: Attachment[];
  /** Understood and not needed. */
  deliver?: unknown;
  /** Understood and not needed. */
  expectedLeafEntryId?: unknown;
  /** Understood and not needed. */
  expectedPermissionMode?: unknown;
  /** Understood and not needed. */
  expectedSessionRoutingContract?: unknown;
  /** Understood and not needed. */
  expectedToolOverrides?: unknown;
  /** Understood and not needed. */
  fastAutoOnSeconds?: unknown;
  /** Understood and not needed. */
  fastMode?: unknown;
  /** Names the run. The same key again does not run twice. */
  idempotencyKey: RunId;
  /** Understood and not needed. */
  intent?: unknown;
  /** The text, at most 1 MiB. */
  message: string;
  /** Understood and not needed. */
  originatingAccountId?: unknown;
  /** Understood and not needed. */
  originatingChannel?: unknown;
  /** Understood and not needed. */
  originatingThreadId?: unknown;
  /** Understood and not needed. */
  originatingTo?: unknown;
  /** What to do when a run is at work: `steer`, `followup`, `collect` or `interrupt`. */
  queueMode?: string | null;
  /** Understood and not needed. */
  replyToId?: unknown;
  /** Understood and not needed. */
  sessionId?: unknown;
  /** Session key; `main` is the default agent's main session. */
  sessionKey: SessionKey;
  /** Understood and not needed. */
  suppressCommandInterpretation?: unknown;
  /** Understood and not needed. */
  systemInputProvenance?: unknown;
  /** Understood and not needed. */
  systemProvenanceReceipt?: unknown;
  /** Thinking level for this turn. */
  thinking?: string | null;
  /** How long the run may take, milliseconds. */
  timeoutMs?: number | null;
  /** Understood and not needed. */
  toolBindings?: unknown;
};

export type ChatSendReply = unknown;

export type ChatStartupParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  inputRunIds?: unknown;
  /** Most messages, 1 to 1,000; 80 when absent. */
  limit?: number | null;
  /** Understood and not needed. */
  maxBytes?: unknown;
  /** Longest text of a message, characters. */
  maxChars?: number | null;
  /** Understood and not needed. */
  pendingBefore?: unknown;
  /** Understood and not needed. */
  sessionId?: unknown;
  /** Session key; the main session when absent. */
  sessionKey?: SessionKey | null;
};

export type ChatStartupReply = unknown;

export type Child = {
  hasChildren: boolean;
  hint: Hint;
  hintPath: string;
  /** The key; `*` for any, `[]` for the items of a list. */
  key: string;
  path: string;
  reloadKind: ReloadKind;
  required: boolean;
  /** Its JSON type, or several with `|` between them. */
  type?: string | null;
};

export type ConfigApplyParams = {
  /** `hash` of `config.get`. Needed when the file exists. */
  baseHash?: string | null;
  /** Understood and not needed. */
  deliveryContext?: unknown;
  idempotencyKey?: string | null;
  /** Why, for the history. */
  note?: string | null;
  /** The text of the file, in its own format. */
  raw: string;
  /** Understood and not needed. */
  restartDelayMs?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type ConfigApplyReply = {
  /** Hash of the file before. */
  beforeHash: string;
  /** Whether the file was written; `false` when it said so already. */
  changed: boolean;
  /** Canonical paths of what has another value now. */
  changedPaths: string[];
  /** What is in force, under canonical names; secrets are replaced by a marker. */
  config: unknown;
  /** Hash of the file now: the `baseHash` of the next change. */
  hash: string;
  /** Its entry in the history; absent when nothing was written. */
  id?: string | null;
  ok: boolean;
  /** The file. */
  path: string;
  /** Those of them that hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that wait for the next start, from earlier changes too. */
  restartRequired: string[];
  /** What is worth knowing about the change. */
  warnings: Warning[];
};

export type ConfigDiffParams = {
  /** An entry of `config.history`, or the beginning of its id; the one before the newest when absent. */
  from?: string | null;
  /** Another one; the file as it is when absent. */
  to?: string | null;
};

export type ConfigDiffReply = {
  differences: Differs[];
};

export type ConfigGetParams = {
  /** One key alone, such as `gateway.port`; any of its names. */
  path?: string | null;
};

export type ConfigGetReply = Whole | One;

export type ConfigGetReplyStatus = "active" | "rejected";

export type ConfigHistoryParams = {
  /** One entry alone, by the beginning of its id. */
  id?: string | null;
  /** Newest entries to tell, at most 100; 20 when absent. */
  limit?: number | null;
};

export type ConfigHistoryReply = {
  /** Hash of what is in force. */
  appliedConfigHash: string;
  entries: State[];
};

export type ConfigPatchParams = {
  /** `hash` of `config.get`. Needed with `raw` when the file exists; else a change of whatever is there when absent. */
  baseHash?: string | null;
  /** Understood and not needed. */
  deliveryContext?: unknown;
  idempotencyKey?: string | null;
  /** Why, for the history. */
  note?: string | null;
  /** The patch. */
  patch?: {
    [name: string]: unknown;
  } | null;
  /** Where the patch belongs; the whole configuration when absent. */
  path?: string | null;
  /** The patch as JSON5 text. */
  raw?: string | null;
  /** Objects of the patch that replace what is there instead of being merged into it. */
  replacePaths?: string[];
  /** Understood and not needed. */
  restartDelayMs?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type ConfigPatchReply = {
  /** Hash of the file before. */
  beforeHash: string;
  /** Whether the file was written; `false` when it said so already. */
  changed: boolean;
  /** Canonical paths of what has another value now. */
  changedPaths: string[];
  /** What is in force, under canonical names; secrets are replaced by a marker. */
  config: unknown;
  /** Hash of the file now: the `baseHash` of the next change. */
  hash: string;
  /** Its entry in the history; absent when nothing was written. */
  id?: string | null;
  ok: boolean;
  /** The file. */
  path: string;
  /** Those of them that hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that wait for the next start, from earlier changes too. */
  restartRequired: string[];
  /** What is worth knowing about the change. */
  warnings: Warning[];
};

export type ConfigSchemaLookupParams = {
  /** Such as `gateway.auth` or `agents.list[]`; the whole configuration when empty. */
  path?: string;
};

export type ConfigSchemaLookupReply = {
  /** The keys inside it. */
  children: Child[];
  hint: Hint;
  hintPath: string;
  /** Its canonical path. */
  path: string;
  reloadKind: ReloadKind;
  /** Its own schema with its default, without that of the keys inside it. */
  schema: unknown;
};

export type ConfigSchemaParams = Record<string, never>;

export type ConfigSchemaReply = {
  /** The same for all answers of one gateway: when it was first asked, ISO 8601. */
  generatedAt: string;
  /** JSON Schema, draft 7, without references. Secrets are `writeOnly`. */
  schema: unknown;
  /** What forms show beside it, by path. */
  uiHints: {
    [name: string]: Hint;
  };
  /** Version of the gateway. */
  version: string;
};

export type ConfigSetParams = {
  /** `hash` of `config.get`. Needed with `raw` when the file exists; else a change of whatever is there when absent. */
  baseHash?: string | null;
  /** Understood and not needed. */
  deliveryContext?: unknown;
  idempotencyKey?: string | null;
  /** The same, as specification 003 has it. */
  key?: string | null;
  /** Why, for the history. */
  note?: string | null;
  /** Where, such as `gateway.port` or `agents.list[0].model`. */
  path?: string | null;
  /** The whole text of the file, in its own format. */
  raw?: string | null;
  /** Understood and not needed. */
  restartDelayMs?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** What is to stand there. */
  value?: unknown;
};

export type ConfigSetReply = {
  /** Hash of the file before. */
  beforeHash: string;
  /** Whether the file was written; `false` when it said so already. */
  changed: boolean;
  /** Canonical paths of what has another value now. */
  changedPaths: string[];
  /** What is in force, under canonical names; secrets are replaced by a marker. */
  config: unknown;
  /** Hash of the file now: the `baseHash` of the next change. */
  hash: string;
  /** Its entry in the history; absent when nothing was written. */
  id?: string | null;
  ok: boolean;
  /** The file. */
  path: string;
  /** Those of them that hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that wait for the next start, from earlier changes too. */
  restartRequired: string[];
  /** What is worth knowing about the change. */
  warnings: Warning[];
};

export type ConfigUndoParams = {
  /** `hash` of `config.get`; a change of whatever is there when absent. */
  baseHash?: string | null;
  /** An entry of `config.history`, or the beginning of its id; the one before the newest when absent. */
  id?: string | null;
  idempotencyKey?: string | null;
  /** Why, for the history. */
  note?: string | null;
};

export type ConfigUndoReply = {
  /** Hash of the file before. */
  beforeHash: string;
  /** Whether the file was written; `false` when it said so already. */
  changed: boolean;
  /** Canonical paths of what has another value now. */
  changedPaths: string[];
  /** What is in force, under canonical names; secrets are replaced by a marker. */
  config: unknown;
  /** Hash of the file now: the `baseHash` of the next change. */
  hash: string;
  /** Its entry in the history; absent when nothing was written. */
  id?: string | null;
  ok: boolean;
  /** The file. */
  path: string;
  /** Those of them that hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that wait for the next start, from earlier changes too. */
  restartRequired: string[];
  /** What is worth knowing about the change. */
  warnings: Warning[];
};

export type ConfigUnsetParams = {
  /** `hash` of `config.get`; a change of whatever is there when absent. */
  baseHash?: string | null;
  idempotencyKey?: string | null;
  /** The same, as specification 003 names it. */
  key?: string | null;
  /** Why, for the history. */
  note?: string | null;
  /** Such as `gateway.port` or `agents.list[0]`. */
  path?: string | null;
};

export type ConfigUnsetReply = {
  /** Hash of the file before. */
  beforeHash: string;
  /** Whether the file was written; `false` when it said so already. */
  changed: boolean;
  /** Canonical paths of what has another value now. */
  changedPaths: string[];
  /** What is in force, under canonical names; secrets are replaced by a marker. */
  config: unknown;
  /** Hash of the file now: the `baseHash` of the next change. */
  hash: string;
  /** Its entry in the history; absent when nothing was written. */
  id?: string | null;
  ok: boolean;
  /** The file. */
  path: string;
  /** Those of them that hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that wait for the next start, from earlier changes too. */
  restartRequired: string[];
  /** What is worth knowing about the change. */
  warnings: Warning[];
};

export type ConfigValidateParams = {
  /** A patch, as of `config.patch`. */
  patch?: {
    [name: string]: unknown;
  } | null;
  /** Where the value is to stand. */
  path?: string | null;
  /** The whole text of the file, in its own format. */
  raw?: string | null;
  /** What is to stand there. */
  value?: unknown;
};

export type ConfigValidateReply = {
  /** Canonical paths of what would have another value. */
  changedPaths: string[];
  /** What would differ, as written; secrets are replaced by a marker. */
  differences: Differs[];
  /** What is wrong. */
  issues: ShownIssue[];
  /** Those of them that would hold for new connections only. */
  reconnectRequired: string[];
  /** Keys that would wait for the next start. */
  restartRequired: string[];
  valid: boolean;
  /** What is worth knowing about it. */
  warnings: Warning[];
};

export type ControlUiSessionPullRequestsSubscribeParams = {
  /** Understood and not needed. */
  sessionKeys?: unknown;
};

export type ControlUiSessionPullRequestsSubscribeReply = {
  subscribed: boolean;
};

export type Counts = {
  activeTasks: number;
  backgroundExecSessions: number;
  cronRuns: number;
  embeddedRuns: number;
  pendingReplies: number;
  queueSize: number;
  rootRequests: number;
  totalActive: number;
};

export type CronListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  compact?: unknown;
  /** Understood and not needed. */
  enabled?: unknown;
  /** Understood and not needed. */
  includeDeliveryPreviews?: unknown;
  /** Understood and not needed. */
  includeDisabled?: unknown;
  /** Understood and not needed. */
  lastRunStatus?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
  /** Understood and not needed. */
  offset?: unknown;
  /** Understood and not needed. */
  query?: unknown;
  /** Understood and not needed. */
  scheduleKind?: unknown;
  /** Understood and not needed. */
  sortBy?: unknown;
  /** Understood and not needed. */
  sortDir?: unknown;
  /** Understood and not needed. */
  trigger?: unknown;
};

export type CronListReply = unknown;

export type Current = {
  id: string;
  mode: string;
  overrides: NoOverrides;
  scope: string;
};

export type DashboardLinkParams = Record<string, never>;

export type DashboardLinkReply = {
  /** When the code ends unless it was used, milliseconds since the epoch; absent when no credential is needed. */
  expiresAtMs?: number | null;
  /** Path of the page, with the code behind `#` so that no server log sees it. The address before it is the one that the caller reached the gateway by. */
  path: string;
};

export type Defaults = {
  /** Tokens that fit into the model. */
  contextTokens: number;
  model: string;
  modelProvider: string;
};

export type DeviceId = string;

export type DevicePairApproveParams = {
  requestId: string;
};

export type DevicePairApproveReply = unknown;

export type DevicePairListParams = Record<string, never>;

export type DevicePairListReply = unknown;

export type DevicePairRejectParams = {
  requestId: string;
};

export type DevicePairRejectReply = unknown;

export type DevicePairRemoveParams = {
  deviceId: DeviceId;
};

export type DevicePairRemoveReply = unknown;

export type DeviceTokenRevokeParams = {
  deviceId: DeviceId;
  /** `operator` or `node`; `operator` when absent. */
  role?: string;
};

export type DeviceTokenRevokeReply = unknown;

export type DeviceTokenRotateParams = {
  deviceId: DeviceId;
  /** `operator` or `node`; `operator` when absent. */
  role?: string;
  /** Scopes of the new one, at most those of the device; as before when absent. */
  scopes?: string[] | null;
};

export type DeviceTokenRotateReply = unknown;

export type DiagnosticsLanesParams = Record<string, never>;

export type DiagnosticsLanesReply = {
  /** There are no lanes beside these. */
  dynamic: number | null;
  lanes: Lane[];
  /** When it was looked at. */
  ts: number;
};

export type Differs = {
  /** What is there then; absent when nothing is. */
  after?: unknown;
  /** What was there; absent when nothing was. A secret is replaced by a marker. */
  before?: unknown;
  /** Where, as it is written. */
  path: string;
};

export type DoctorMemoryStatusParams = {
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  deep?: unknown;
  /** Understood and not needed. */
  probe?: unknown;
};

export type DoctorMemoryStatusReply = {
  agentId: AgentId;
  embedding: Embedding;
  searchRuntimeRegistered: boolean;
};

export type Embedding = {
  error: string;
  ok: boolean;
};

export type Entry = {
  action: string;
  actor: Actor;
  agentId: AgentId;
  errorCode?: string | null;
  eventId: string;
  kind: string;
  occurredAt: number;
  /** The trail holds no text of conversations. */
  redaction: string;
  runId: string;
  /** Its number in the audit trail. */
  sequence: number;
  sessionKey: SessionKey;
  sourceSequence: number;
  status: Status;
};

export type Environment = {
  capabilities: string[];
  id: string;
  /** Name for people. */
  label: string;
  platform: string;
  /** Whether sessions run there. */
  sessionHost: boolean;
  status: string;
  trust: string;
  /** Always `local`. */
  type: string;
};

export type EnvironmentsListParams = Record<string, never>;

export type EnvironmentsListReply = {
  environments: Environment[];
};

export type EnvironmentsStatusParams = {
  /** `id` of `environments.list`. */
  environmentId: string;
};

export type EnvironmentsStatusReply = {
  capabilities: string[];
  id: string;
  /** Name for people. */
  label: string;
  platform: string;
  /** Whether sessions run there. */
  sessionHost: boolean;
  status: string;
  trust: string;
  /** Always `local`. */
  type: string;
};

export type GatewayRestartPreflightParams = Record<string, never>;

export type GatewayRestartPreflightReply = {
  /** What is at work. */
  blockers: Blocker[];
  counts: Counts;
  /** Nothing is at work. */
  safe: boolean;
  /** The same in words. */
  summary: string;
};

export type GatewaySuspendStatusParams = {
  /** Its name. */
  suspensionId: string;
};

export type GatewaySuspendStatusReply = {
  /** Always `running`. */
  status: string;
};

export type GitAuthor = {
  email: null;
  name: null;
};

export type HealthParams = {
  /** Understood and not needed. */
  includeSensitive?: unknown;
  /** Understood and not needed. */
  probe?: unknown;
};

export type HealthReply = object;

export type Hint = {
  advanced: boolean;
  /** The first key of its path. */
  group?: string | null;
  help?: string | null;
  label: string;
  order?: number | null;
  /** Whether its value is a secret. */
  sensitive?: boolean;
  /** `reconnect` where a change holds for new connections only, `restart` where it waits for the next start. */
  tags?: string[];
};

export type Identity = {
  accessExpiresAtMs: number | null;
  account: null;
  credentialKind: string;
  credentialState: string;
  evidence: string;
  gitAuthor: GitAuthor;
  oauthScopes: [];
  refreshState: string;
  repositoryGrants: string;
  source: string;
};

export type Install = {
  kind: string;
};

export type Kind = "agent_run" | "tool_action" | "message";

export type Lane = {
  activeCount: number;
  /** Nothing holds a lane up. */
  blockedBy: string | null;
  draining: boolean;
  generation: number;
  lane: string;
  maxConcurrent: number;
  queuedCount: number;
};

export type LastError = {
  at: number;
  issues: ShownIssue[];
  message: string;
};

export type LastHeartbeatParams = Record<string, never>;

export type LastHeartbeatReply = unknown;

export type LogsTailParams = {
  /** Where the last page ended; the newest lines when absent. */
  cursor?: number | null;
  /** Most lines, 1 to 5,000; 500 when absent. */
  limit?: number | null;
  /** Most bytes, 1 to 1,000,000; 250,000 when absent. */
  maxBytes?: number | null;
};

export type LogsTailReply = {
  /** Where the next page begins. */
  cursor: number;
  /** Where the lines are kept. */
  file: string;
  /** One JSON object a line, oldest first. */
  lines: string[];
  /** The cursor was from before: this is the newest page. */
  reset: boolean;
  /** Where the log ends: it grows by the bytes written, from a number of its own for each start of the gateway. */
  size: number;
  /** Older lines were left out. */
  truncated: boolean;
};

export type MentionsListParams = {
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
};

export type MentionsListReply = {
  /** Names this start of the gateway. */
  gatewayInstanceId: string;
  items: [];
  revision: number;
};

export type MessageActionParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** What to do, such as `react`. */
  action: string;
  /** Understood and not needed. */
  agentId?: unknown;
  /** The channel, such as `telegram`. */
  channel: string;
  /** Understood and not needed. */
  conversationReadOrigin?: unknown;
  /** Names the action. The same key again does not do it twice. */
  idempotencyKey: string;
  /** Understood and not needed. */
  inboundTurnKind?: unknown;
  /** What the action needs. */
  params: {
    [name: string]: unknown;
  };
  /** Understood and not needed. */
  reply?: unknown;
  /** Understood and not needed. */
  requesterAccountId?: unknown;
  /** Understood and not needed. */
  requesterSenderId?: unknown;
  /** Understood and not needed. */
  senderIsOwner?: unknown;
  /** Understood and not needed. */
  sessionId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** Understood and not needed. */
  toolContext?: unknown;
};

export type MessageActionReply = {
  ok: boolean;
};

export type MethodsDescribeParams = {
  /** Its name. */
  method: string;
};

export type MethodsDescribeReply = {
  /** What it does. */
  about: string;
  /** The name under which the audit keeps the change; none when nothing is changed. */
  audit: string | null;
  /** Tokens that a call takes from the caller's rate budget. */
  cost: number;
  /** Parameters of a good call. */
  example?: unknown;
  /** Whether hellos name it. */
  listed: boolean;
  /** Its name. */
  name: string;
  /** JSON Schema of what it takes. */
  params: unknown;
  /** What a second call with the same parameters does. */
  repeat: string;
  /** JSON Schema of what it answers. */
  reply: unknown;
  /** Who may call it. */
  role: string;
  /** The scope it needs at least; none for methods that everybody may call, and for those of nodes. */
  scope: string | null;
  /** Whether some parameters demand more than that scope. */
  scopeDependsOnParams: boolean;
  /** Why it cannot work yet. */
  unavailable: string | null;
};

export type MethodsListParams = {
  /** Only those of this family: the first word of their names. */
  family?: string | null;
};

export type MethodsListReply = {
  /** Sorted by name. */
  methods: Summary[];
};

export type Model = {
  /** Milliseconds since the epoch. */
  cooldownUntil: number;
  /** Its id, without the provider. */
  model: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason: string;
};

export type ModelsAuthStatusParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  refresh?: unknown;
};

export type ModelsAuthStatusReply = {
  /** Providers that were left out because their settings cannot work, each with what to do. */
  problems: string[];
  /** By id. */
  providers: Provider[];
  /** Now, milliseconds since the epoch. */
  ts: number;
};

export type ModelsAuthStatusReplyStatus = "ok" | "missing" | "cooldown";

export type ModelsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  includeDetails?: unknown;
  /** Understood and not needed. */
  includeProviderCapabilities?: unknown;
  /** Understood and not needed. */
  preparedOnly?: unknown;
  /** Understood and not needed. */
  refresh?: unknown;
  /** Understood and not needed. */
  view?: unknown;
};

export type ModelsListReply = unknown;

export type NoOverrides = object;

export type NodeListParams = Record<string, never>;

export type NodeListReply = unknown;

export type One = {
  /** Hash of the file: the `baseHash` of a change. */
  hash?: string | null;
  /** Canonical path of the key. */
  key: string;
  /** Who says so: `file`, `default`, `flag`, or `env:` with the variable's name. What a flag or variable says is not shown. */
  origin: string;
  /** The file. */
  path: string;
  /** Whether a change of it still waits for the next start. */
  restartRequired: boolean;
  /** Its value, or its default; `null` when there is neither. A secret is replaced by a marker. */
  value: unknown;
};

export type OpenclawChatHistoryParams = {
  /** Understood and not needed. */
  limit?: unknown;
  /** Understood and not needed. */
  sessionId?: unknown;
};

export type OpenclawChatHistoryReply = {
  turns: [];
};

export type OpenclawChatParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  answer?: unknown;
  /** Understood and not needed. */
  context?: unknown;
  /** Understood and not needed. */
  locale?: unknown;
  /** The text; the assistant's greeting when absent. */
  message?: string | null;
  /** Understood and not needed. */
  questionId?: unknown;
  /** Names the conversation. */
  sessionId: string;
  /** Understood and not needed. */
  surface?: unknown;
  /** Understood and not needed. */
  welcome?: unknown;
  /** Understood and not needed. */
  welcomeVariant?: unknown;
};

export type OpenclawChatReply = {
  /** What the view does then. */
  action: string;
  /** Whether the view may leave it out. */
  optionalWelcome: boolean;
  /** What the view shows. */
  reply: string;
  /** As it was asked. */
  sessionId: string;
};

export type Origin = "edit" | "undo" | "found";

export type PairingLimits = {
  pendingPerAccount: number;
  ttlMs: number;
};

export type Personal = {
  accessExpiresAtMs: number | null;
  account: null;
  generation: number | null;
  pending: null;
  refreshState: string;
  state: string;
};

export type PingParams = {
  /** Understood and not needed. */
  ts?: unknown;
};

export type PingReply = {
  /** When it was answered, milliseconds since the epoch. */
  ts: number;
};

export type PluginsCatalogBrowseParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  category?: unknown;
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  intent?: unknown;
  /** Understood and not needed. */
  pageSize?: unknown;
  /** Understood and not needed. */
  query?: unknown;
  /** Understood and not needed. */
  sort?: unknown;
};

export type PluginsCatalogBrowseReply = {
  items: [];
};

export type PluginsControlUiListParams = Record<string, never>;

export type PluginsControlUiListReply = {
  diagnostics: [];
  plugins: [];
  revision: string;
};

export type PluginsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
};

export type PluginsListReply = {
  diagnostics: [];
  /** Whether plugins can be installed. */
  mutationAllowed: boolean;
  plugins: [];
};

export type PluginsUiDescriptorsParams = Record<string, never>;

export type PluginsUiDescriptorsReply = {
  descriptors: [];
  ok: boolean;
};

export type PollParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `telegram`. */
  channel?: string | null;
  /** Understood and not needed. */
  durationHours?: unknown;
  /** Understood and not needed. */
  durationSeconds?: unknown;
  /** Names the poll. The same key again does not ask twice. */
  idempotencyKey: string;
  /** Understood and not needed. */
  isAnonymous?: unknown;
  /** Understood and not needed. */
  maxSelections?: unknown;
  /** 2 to 12 answers to choose from. */
  options: string[];
  question: string;
  /** Understood and not needed. */
  silent?: unknown;
  /** Understood and not needed. */
  threadId?: unknown;
  /** Who is asked, as the channel names people and places. */
  to: string;
};

export type PollReply = {
  channel: string;
  messageId: string;
  runId: string;
};

export type PortalListParams = Record<string, never>;

export type PortalListReply = {
  portals: [];
};

export type PresenceEntry = {
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Verified device. */
  deviceId?: string | null;
  /** Host name, or the client's display name. */
  host?: string | null;
  /** Tells two windows of one program apart. */
  instanceId?: string | null;
  /** Address it connects from. */
  ip?: string | null;
  /** Seconds since the person's last input. */
  lastInputSeconds?: number | null;
  /** `gateway`, or the client's mode. */
  mode?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** For example `linux`. */
  platform?: string | null;
  /** Why the entry is here: `self`, `connect`, `disconnect`, … */
  reason?: string | null;
  /** Roles it has. */
  roles?: Role[] | null;
  /** Scopes it has. */
  scopes?: Scopes | null;
  /** One line for people. */
  text?: string | null;
  /** When it was last touched. */
  ts: number;
  /** Version of the program. */
  version?: string | null;
};

export type Profile = {
  /** Milliseconds since the epoch. */
  cooldownUntil?: number;
  /** Models for which it is left alone. */
  models?: Model[];
  /** `key-1`, `key-2`, … */
  profileId: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason?: string;
  status: ModelsAuthStatusReplyStatus;
  /** `api_key`, or `none` for a provider that is asked without one. */
  type: string;
};

export type ProgressCardGetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Which session. */
  sessionKey: SessionKey;
};

export type ProgressCardGetReply = {
  card: null;
};

export type Project = {
  /** Whose workspace it is. */
  agentId: AgentId;
  /** Name for people. */
  displayName: string;
  id: string;
  repoRoot: string;
  /** Always `workspace`. */
  source: string;
};

export type ProjectsListParams = {
  /** Understood and not needed. */
  includeObserved?: unknown;
};

export type ProjectsListReply = {
  projects: Project[];
  /** Folders that were used last; nobody counts that. */
  recents: [];
};

export type Provider = {
  apiKey: ApiKey;
  /** Whose keys it uses: its own. */
  authProvider: string;
  /** Milliseconds since the epoch. */
  cooldownUntil?: number;
  /** Its name for people. */
  displayName: string;
  /** Models that are left alone whatever the key. */
  models?: Model[];
  /** Its keys in the order of the configuration. */
  profiles: Profile[];
  /** Its id. */
  provider: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason?: string;
  status: ModelsAuthStatusReplyStatus;
};

export type ReloadKind = "hot" | "restart";

export type Role = "operator" | "node";

export type RunId = string;

export type Schedule = {
  autoEnabled: boolean;
  channel: string;
  install: Install;
};

export type Scope = "operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing" | "operator.questions" | "operator.talk" | "operator.talk.secrets" | "operator.sessions.read" | "operator.sessions.write";

export type Scopes = Scope[];

export type SecretsStoreListParams = Record<string, never>;

export type SecretsStoreListReply = {
  entries: [];
};

export type Selected = {
  configured: boolean;
  identity: Identity;
  scope: string;
};

export type SelectedScope = "system" | "agent";

export type SendParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  asVoice?: unknown;
  /** Understood and not needed. */
  buffer?: unknown;
  /** The channel, such as `telegram`. */
  channel?: string | null;
  /** Understood and not needed. */
  contentType?: unknown;
  /** Understood and not needed. */
  filename?: unknown;
  /** Understood and not needed. */
  forceDocument?: unknown;
  /** Understood and not needed. */
  gifPlayback?: unknown;
  /** Names the message. The same key again does not send twice. */
  idempotencyKey: string;
  /** Understood and not needed. */
  mediaUrl?: unknown;
  /** Understood and not needed. */
  mediaUrls?: unknown;
  /** The text. */
  message?: string | null;
  /** Understood and not needed. */
  parseMode?: unknown;
  /** Understood and not needed. */
  replyToId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** Understood and not needed. */
  silent?: unknown;
  /** Understood and not needed. */
  threadId?: unknown;
  /** Who gets it, as the channel names people and places. */
  to: string;
};

export type SendReply = {
  channel: string;
  messageId: string;
  runId: string;
};

export type SessionDiscussionInfoParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Which session. */
  sessionKey: SessionKey;
};

export type SessionDiscussionInfoReply = {
  state: string;
};

export type SessionKey = string;

export type SessionsCatalogListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  allowPartialResults?: unknown;
  /** Understood and not needed. */
  catalogId?: unknown;
  /** Understood and not needed. */
  cursors?: unknown;
  /** Understood and not needed. */
  hostIds?: unknown;
  /** Understood and not needed. */
  limitPerHost?: unknown;
  /** Understood and not needed. */
  metadataOnly?: unknown;
  /** Understood and not needed. */
  progressId?: unknown;
  /** Understood and not needed. */
  search?: unknown;
};

export type SessionsCatalogListReply = {
  catalogs: [];
};

export type SessionsCompactParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Session key. */
  key: SessionKey;
  /** Lines that stay, at least 1; 400 when absent. */
  maxLines?: number | null;
};

export type SessionsCompactReply = unknown;

export type SessionsCompanionStateParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Which session. */
  sessionKey: SessionKey;
};

export type SessionsCompanionStateReply = {
  exchanges: [];
};

export type SessionsCreateParams = {
  /** Whose it is. */
  agentId?: AgentId | null;
  /** Images of the first message. */
  attachments?: Attachment[];
  /** Understood and not needed. */
  catalogId?: unknown;
  /** Understood and not needed. */
  category?: unknown;
  /** Understood and not needed. */
  contextWindow?: unknown;
  /** Understood and not needed. */
  cwd?: unknown;
  /** Understood and not needed. */
  displayName?: unknown;
  /** Understood and not needed. */
  emitCommandHooks?: unknown;
  /** Understood and not needed. */
  execNode?: unknown;
  /** Understood and not needed. */
  fastMode?: unknown;
  /** Understood and not needed. */
  fork?: unknown;
  /** Understood and not needed. */
  forkFrom?: unknown;
  /** The same key again makes no second session. */
  idempotencyKey?: string | null;
  /** Understood and not needed. */
  incognito?: unknown;
  /** Its key; one is made when absent. */
  key?: SessionKey | null;
  /** Name for people, unique. */
  label?: string | null;
  /** First message. */
  message?: string | null;
  /** `provider/model`. */
  model?: string | null;
  /** Understood and not needed. */
  parentSessionKey?: unknown;
  /** Understood and not needed. */
  permissionMode?: unknown;
  /** Understood and not needed. */
  projectGitUrl?: unknown;
  /** Understood and not needed. */
  projectId?: unknown;
  /** Understood and not needed. */
  spawnDepth?: unknown;
  /** Understood and not needed. */
  succeedsParent?: unknown;
  /** The same as `message`. */
  task?: string | null;
  /** Thinking level. */
  thinkingLevel?: string | null;
  /** Understood and not needed. */
  toolOverrides?: unknown;
  /** Understood and not needed. */
  visibility?: unknown;
  /** Understood and not needed. */
  worktree?: unknown;
  /** Understood and not needed. */
  worktreeBaseRef?: unknown;
  /** Understood and not needed. */
  worktreeName?: unknown;
};

export type SessionsCreateReply = unknown;

export type SessionsDeleteParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  archivedOnly?: unknown;
  /** Whether the transcript is removed rather than archived; true when absent. */
  deleteTranscript?: boolean | null;
  /** Understood and not needed. */
  emitLifecycleHooks?: unknown;
  /** Understood and not needed. */
  expectedLifecycleRevision?: unknown;
  /** Understood and not needed. */
  expectedSessionId?: unknown;
  /** Understood and not needed. */
  expectedSessionUpdatedAt?: unknown;
  /** Session key. */
  key: SessionKey;
};

export type SessionsDeleteReply = unknown;

export type SessionsDescribeParams = {
  /** Understood and not needed. */
  includeDerivedTitles?: unknown;
  /** Understood and not needed. */
  includeLastMessage?: unknown;
  key: SessionKey;
};

export type SessionsDescribeReply = unknown;

export type SessionsListParams = {
  /** Only sessions touched in the last so many minutes. */
  activeMinutes?: number | null;
  /** Understood and not needed. */
  activeOnly?: unknown;
  /** Only of this agent. */
  agentId?: AgentId | null;
  /** Only those set aside, only the others, or `"all"`. */
  archived?: unknown;
  /** Understood and not needed. */
  boardFace?: unknown;
  /** Understood and not needed. */
  configuredAgentsOnly?: unknown;
  /** Understood and not needed. */
  creatorId?: unknown;
  /** `nextCursor` of the page before. */
  cursor?: number | null;
  /** Adds `derivedTitle`: the first words of the conversation. */
  includeDerivedTitles?: boolean;
  /** Understood and not needed. */
  includeGlobal?: unknown;
  /** Adds `lastMessagePreview`. */
  includeLastMessage?: boolean;
  /** Understood and not needed. */
  includePeople?: unknown;
  /** Understood and not needed. */
  includeUnknown?: unknown;
  /** Understood and not needed. */
  involvingMe?: unknown;
  /** Understood and not needed. */
  involvingProfileId?: unknown;
  /** Only with exactly this label. */
  label?: string | null;
  /** Most rows, 1 to 1,000; 100 when absent. */
  limit?: number | null;
  /** Rows to pass over; prefer the cursor. */
  offset?: number | null;
  /** Understood and not needed. */
  ownerFirst?: unknown;
  /** Understood and not needed. */
  ownerId?: unknown;
  /** Understood and not needed. */
  requireLastInteraction?: unknown;
  /** Only with this text in label or key. */
  search?: string | null;
  /** Understood and not needed. */
  sortBy?: unknown;
  /** Understood and not needed. */
  spawnedBy?: unknown;
};

export type SessionsListReply = {
  /** Rows in this answer. */
  count: number;
  defaults: Defaults;
  /** Whether older ones follow. */
  hasMore: boolean;
  /** Most rows that were asked for. */
  limitApplied: number;
  /** `cursor` of the next page. */
  nextCursor: number | null;
  /** `offset` of the next page. */
  nextOffset: number | null;
  /** Nobody owns a session yet, so this is empty. */
  owners: unknown[];
  /** Where sessions are kept. */
  path: string;
  /** The rows, newest first. */
  sessions: unknown[];
  /** Sessions there are, of the agent and in or out of the archive as asked. */
  totalCount: number;
  /** Now, milliseconds since the epoch. */
  ts: number;
};

export type SessionsMessagesSubscribeParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Adds the approvals that wait. */
  includeApprovals?: boolean;
  /** Session key. */
  key: SessionKey;
};

export type SessionsMessagesSubscribeReply = unknown;

export type SessionsMessagesUnsubscribeParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
};

export type SessionsMessagesUnsubscribeReply = unknown;

export type SessionsObserverVisibilityParams = {
  /** Whether it is seen. */
  visible: boolean;
};

export type SessionsObserverVisibilityReply = {
  ok: boolean;
};

export type SessionsPatchParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  archived?: boolean | null;
  /** Understood and not needed. */
  attention?: unknown;
  /** Understood and not needed. */
  boardFace?: unknown;
  /** Kept for clients. */
  category?: unknown;
  /** Kept for clients. */
  color?: unknown;
  /** Understood and not needed. */
  completionOwnerSessionKey?: unknown;
  /** Understood and not needed. */
  contextWindow?: unknown;
  elevatedLevel?: string | null;
  /** Understood and not needed. */
  execAsk?: unknown;
  /** Understood and not needed. */
  execHost?: unknown;
  /** Understood and not needed. */
  execNode?: unknown;
  /** Understood and not needed. */
  execSecurity?: unknown;
  /** Understood and not needed. */
  expectedLifecycleRevision?: unknown;
  /** Understood and not needed. */
  expectedMarkedUnreadAt?: unknown;
  /** Understood and not needed. */
  expectedPermissionMode?: unknown;
  /** Understood and not needed. */
  expectedSessionId?: unknown;
  /** Understood and not needed. */
  expectedToolOverrides?: unknown;
  /** Models that stand in for it, in order, each `provider/model`, at most 7; empty for none. */
  fallbacks?: string[] | null;
  /** Understood and not needed. */
  fastMode?: unknown;
  groupActivation?: string | null;
  /** Kept for clients. */
  icon?: unknown;
  /** Understood and not needed. */
  inheritedToolAllow?: unknown;
  /** Understood and not needed. */
  inheritedToolDeny?: unknown;
  /** Understood and not needed. */
  inheritedToolPolicyVersion?: unknown;
  /** Which session. */
  key: SessionKey;
  /** Name for people, unique, at most 512 characters. */
  label?: string | null;
  /** `provider/model`. */
  model?: string | null;
  /** Understood and not needed. */
  permissionMode?: unknown;
  pinned?: boolean | null;
  queueMode?: string | null;
  reasoningLevel?: string | null;
  responseUsage?: string | null;
  sendPolicy?: string | null;
  /** Understood and not needed. */
  spawnedBy?: unknown;
  /** Understood and not needed. */
  statusNote?: unknown;
  thinkingLevel?: string | null;
  /** Understood and not needed. */
  toolOverrides?: unknown;
  /** Understood and not needed. */
  traceLevel?: unknown;
  /** Understood and not needed. */
  ttlMinutes?: unknown;
  /** Kept for clients. */
  unread?: boolean | null;
  verboseLevel?: string | null;
};

export type SessionsPatchReply = unknown;

export type SessionsPreviewParams = {
  /** 1 to 200 keys. */
  keys: SessionKey[];
  /** Lines of each, 1 to 100; 12 when absent. */
  limit?: number | null;
  /** Longest line, at least 20 characters; 240 when absent. */
  maxChars?: number | null;
};

export type SessionsPreviewReply = unknown;

export type SessionsResetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
  /** Understood and not needed. */
  reason?: unknown;
};

export type SessionsResetReply = unknown;

export type SessionsResolveParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Answer `ok: false` instead of an error. */
  allowMissing?: boolean;
  /** Understood and not needed. */
  includeGlobal?: unknown;
  /** Understood and not needed. */
  includeUnknown?: unknown;
  key?: SessionKey | null;
  label?: string | null;
  sessionId?: string | null;
  /** Understood and not needed. */
  shortId?: unknown;
  /** Understood and not needed. */
  slugHint?: unknown;
  /** Understood and not needed. */
  spawnedBy?: unknown;
};

export type SessionsResolveReply = unknown;

export type SessionsSubscribeParams = unknown;

export type SessionsSubscribeReply = unknown;

export type SessionsUnsubscribeParams = Record<string, never>;

export type SessionsUnsubscribeReply = unknown;

export type SessionsViewersSetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** The sessions, at most 64. */
  sessionKeys: SessionKey[];
};

export type SessionsViewersSetReply = {
  /** Their canonical keys. */
  sessionKeys: SessionKey[];
};

export type Shown = {
  /** Hash of the configuration in force. */
  appliedConfigHash: string;
  /** Hash of the file as it is now; absent when it cannot be read. */
  fileHash?: string | null;
  /** Why the file cannot be used. */
  lastError?: LastError | null;
  /** When a changed configuration was last put in force. */
  lastReloadAt?: number | null;
  /** Changed keys that wait for the next start. */
  restartRequired: string[];
  /** Whether the file is in force. */
  status: ConfigGetReplyStatus;
};

export type ShownIssue = {
  /** The words that are allowed there, when it is a closed list. */
  allowedValues?: string[];
  /** What was expected, what was found, and what to do. */
  message: string;
  /** Where, as it is written: `gateway.auth.mode`. Empty for the whole file. */
  path: string;
  /** What was probably meant. */
  suggestion?: string | null;
};

export type SkillsBinsParams = {
  [name: string]: unknown;
};

export type SkillsBinsReply = null;

export type SkillsLibraryListParams = {
  /** Understood and not needed. */
  scope?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type SkillsLibraryListReply = {
  canManageWorkspace: boolean;
  defaultSelectionLimit: number;
  defaultTarget: string;
  entries: [];
  multipleProfiles: boolean;
  /** Whose they would be. */
  profileId: string;
};

export type SkillsProposalsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
};

export type SkillsProposalsListReply = {
  proposals: [];
  schema: string;
  /** Nothing was ever proposed. */
  updatedAt: string;
};

export type SkillsSearchParams = {
  /** Understood and not needed. */
  limit?: unknown;
  /** Understood and not needed. */
  query?: unknown;
};

export type SkillsSearchReply = {
  results: [];
};

export type SkillsStatusParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type SkillsStatusReply = unknown;

export type SpawnParams = {
  /** Its arguments. Never passed to a shell. */
  args?: string[];
  /** Program name or absolute path, exactly as listed in `spawn.allow`. */
  command: string;
  /** Folder it starts in. */
  cwd?: string | null;
  /** Variables set for it. */
  env?: {
    [name: string]: string;
  };
};

export type SpawnReply = unknown;

export type State = {
  /** How it came to be. */
  cause: Origin;
  /** What differs from the state before. */
  changedPaths: string[];
  /** Its hash. */
  hash: string;
  /** Twelve hexadecimal digits; any beginning that fits one entry alone names it too. */
  id: string;
  /** What they said about it. */
  note?: string | null;
  /** Hash of the state before. */
  parentHash?: string | null;
  /** When it was kept. */
  ts: number;
  /** Who made it, as the audit names them; `file` for an edit by hand. */
  who: string;
};

export type Status = "started" | "succeeded" | "failed" | "cancelled" | "timed_out" | "blocked" | "unknown";

export type StatusParams = {
  /** Understood and not needed. */
  includeChannelSummary?: unknown;
};

export type StatusReply = unknown;

export type Summary = {
  /** What it does. */
  about: string;
  /** Whether hellos name it. */
  listed: boolean;
  /** Its name. */
  name: string;
  /** Who may call it. */
  role: string;
  /** The scope it needs at least; none for methods that everybody may call, and for those of nodes. */
  scope: string | null;
  /** Why it cannot work yet. */
  unavailable: string | null;
};

export type SystemInfoParams = Record<string, never>;

export type SystemInfoReply = {
  /** Such as `x86_64`. */
  arch: string;
  cpuCount: number;
  cpuModel?: string | null;
  diskAvailableBytes?: number | null;
  /** The state directory; told to administrators. */
  diskPath?: string | null;
  /** Of the file system that holds the state directory. */
  diskTotalBytes?: number | null;
  hostname: string;
  /** Over one, five and fifteen minutes. */
  loadAverage?: number[] | null;
  /** Name for people. */
  machineName: string;
  /** What programs could still get, caches included. */
  memoryFreeBytes: number;
  memoryTotalBytes: number;
  /** Clients show the runtime here; this gateway needs none. */
  nodeVersion: string;
  /** System, release and architecture in one line. */
  osLabel: string;
  /** Process id of the gateway. */
  pid: number;
  /** `linux` or `macos`. */
  platform: string;
  port?: number | null;
  /** Names this start of the gateway. */
  processInstanceId: string;
  /** Release of the kernel. */
  release: string;
  /** How long the gateway has been running, milliseconds. */
  uptimeMs: number;
};

export type SystemPresenceParams = Record<string, never>;

export type SystemPresenceReply = PresenceEntry[];

export type TalkCatalogParams = Record<string, never>;

export type TalkCatalogReply = {
  brains: [];
  modes: [];
  realtime: Voices;
  speech: Voices;
  transcription: Voices;
  transports: [];
};

export type TalkConfig = {
  session: TalkSession;
};

export type TalkConfigParams = {
  /** Understood and not needed. */
  includeSecrets?: unknown;
};

export type TalkConfigReply = {
  config: TalkConfig;
};

export type TalkSession = {
  mainKey: string;
};

export type TaskSuggestionsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type TaskSuggestionsListReply = {
  suggestions: [];
};

export type TasksListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** Understood and not needed. */
  sortBy?: unknown;
  /** Understood and not needed. */
  sortDir?: unknown;
  /** Understood and not needed. */
  status?: unknown;
};

export type TasksListReply = {
  tasks: [];
};

export type Theme = {
  description: string;
  id: string;
  modes: string[];
  name: string;
  source: string;
};

export type ThemesListParams = Record<string, never>;

export type ThemesListReply = {
  current: Current;
  theme: Theme;
  themes: Theme[];
};

export type ToolsCatalogParams = {
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  includePlugins?: unknown;
};

export type ToolsCatalogReply = {
  agentId: AgentId;
  /** Tools by group. */
  groups: [];
  /** Sets of tools that a configuration can name. */
  profiles: ToolsCatalogReplyProfile[];
};

export type ToolsCatalogReplyProfile = {
  id: string;
  label: string;
};

export type ToolsEffectiveParams = {
  /** Which agent; the session's when absent. */
  agentId?: AgentId | null;
  /** Which session. */
  sessionKey: SessionKey;
};

export type ToolsEffectiveReply = {
  agentId: AgentId;
  /** The tools by group. */
  groups: [];
  /** Which set of tools is in force. */
  profile: string;
};

export type ToolsGithubStatusParams = {
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Whose identity; the gateway's when absent. */
  selectedScope?: SelectedScope | null;
};

export type ToolsGithubStatusReply = {
  agentId: AgentId;
  effective: Identity;
  selected: Selected;
  selectedScope: string;
};

export type TtsPersonasParams = Record<string, never>;

export type TtsPersonasReply = {
  active: null;
  personas: [];
};

export type TtsProvidersParams = Record<string, never>;

export type TtsProvidersReply = {
  active: null;
  providers: [];
};

export type TtsStatusParams = Record<string, never>;

export type TtsStatusReply = {
  auto: string;
  enabled: boolean;
  fallbackProvider: null;
  fallbackProviders: [];
  persona: null;
  personas: [];
  provider: string;
  providerStates: [];
};

export type UpdateStatusParams = {
  /** Understood and not needed. */
  refreshCheckout?: unknown;
};

export type UpdateStatusReply = {
  schedule: Schedule;
  /** What the last update left behind: the gateway does not update itself. */
  sentinel: string | null;
  /** A newer version, when one is known. */
  updateAvailable: string | null;
};

export type UsersGithubStatusParams = {
  /** Understood and not needed. */
  profileId?: unknown;
};

export type UsersGithubStatusReply = {
  personal: Personal;
  system: Identity;
};

export type UsersListModelAccountsParams = {
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
  /** Whose. */
  profileId?: string | null;
};

export type UsersListModelAccountsReply = {
  accounts: [];
  links: [];
  profileId: string;
};

export type UsersListParams = {
  /** Understood and not needed. */
  includeMerged?: unknown;
};

export type UsersListReply = {
  profiles: UsersListReplyProfile[];
};

export type UsersListReplyProfile = {
  avatarMime: string | null;
  /** When the gateway began to remember. */
  createdAt: number;
  displayName: string | null;
  emails: [];
  githubIdentity: string | null;
  hasAvatar: boolean;
  id: string;
  mergedInto: string | null;
  updatedAt: number;
};

export type UsersPrefsGetParams = {
  /** Their names; all when absent. */
  keys?: string[] | null;
};

export type UsersPrefsGetReply = {
  /** Values by name; names without one are left out. */
  entries: {
    [name: string]: unknown;
  };
  /** Always `ok`. */
  status: string;
};

export type UsersPrefsSetParams = {
  /** Values by name; `null` removes one. At most 32. */
  entries: {
    [name: string]: unknown;
  };
  /** Values that must be there now, `null` for none. Otherwise nothing is kept and the status is `conflict`. */
  expectedEntries?: {
    [name: string]: unknown;
  };
};

export type UsersPrefsSetReply = {
  /** `ok`, or `conflict` when something else is there than was expected. */
  status: string;
};

export type UsersSelfParams = Record<string, never>;

export type UsersSelfReply = {
  profile: UsersSelfReplyProfile;
};

export type UsersSelfReplyProfile = {
  avatarMime: string | null;
  /** When the gateway began to remember. */
  createdAt: number;
  displayName: string | null;
  emails: [];
  githubIdentity: string | null;
  hasAvatar: boolean;
  id: string;
  mergedInto: string | null;
  updatedAt: number;
};

export type Voices = {
  providers: [];
  ready: boolean;
};

export type VoicewakeGetParams = Record<string, never>;

export type VoicewakeGetReply = {
  triggers: [];
};

export type Warning = {
  /** What, and what to do. */
  message: string;
  /** Where. */
  path: string;
};

export type WebLoginStartParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** Understood and not needed. */
  force?: unknown;
  /** Milliseconds. */
  timeoutMs?: number | null;
  /** Understood and not needed. */
  verbose?: unknown;
};

export type WebLoginStartReply = {
  message: string;
};

export type WebLoginWaitParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** Understood and not needed. */
  currentQrDataUrl?: unknown;
  /** Milliseconds. */
  timeoutMs?: number | null;
};

export type WebLoginWaitReply = {
  message: string;
};

export type Whole = {
  /** As above. */
  agentRosterIncludeOwned: boolean;
  /** Hash of what is in force. */
  appliedConfigHash: string;
  /** As above. */
  bindingsIncludeOwned: boolean;
  /** The same. */
  config: unknown;
  /** The same. */
  configRevisionHash?: string | null;
  /** Whether the file is there. */
  exists: boolean;
  /** Hash of the file: the `baseHash` of a change. Absent when the file cannot be read. */
  hash?: string | null;
  /** Kept for the official clients; what an include gave is not told apart. */
  includeProvenance: [];
  /** Files that it includes. */
  includedPaths: string[];
  /** What is wrong with the file. */
  issues: ShownIssue[];
  /** Kept for the official clients: old names are mapped and among the warnings. */
  legacyIssues: [];
  /** What it says, as written. */
  parsed: unknown;
  /** The file. */
  path: string;
  /** Its text. For administrators, because people write anything into comments; `null` also where a secret cannot be cut out of it. */
  raw: string | null;
  /** How the file stands to what is in force. */
  reload: Shown;
  /** What is in force, under canonical names. */
  resolved: unknown;
  /** Changed keys that wait for the next start. */
  restartRequired: string[];
  /** The same. */
  runtimeConfig: unknown;
  /** The same. */
  sourceConfig: unknown;
  /** Whether the file can be used. */
  valid: boolean;
  /** What is worth knowing about what is in force. */
  warnings: Warning[];
};

export type WorktreesBranchesParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  includeRepositoryStatus?: unknown;
  /** Where it is. */
  repoRoot: string;
};

export type WorktreesBranchesReply = {
  branches: [];
  repositoryStatus: string;
};

export type WorktreesListParams = Record<string, never>;

export type WorktreesListReply = {
  worktrees: [];
};
