// Made from the method table by `cargo xtask schema`; do not edit.

/** What a method takes and answers, by its name. */
export interface Methods {
  /** A turn of an agent: answers accepted at once and the result when the run has ended. */
  "agent": { params: AgentParams; reply: AgentReply };
  /** Who an agent is: name, avatar, emoji. */
  "agent.identity.get": { params: AgentIdentityGetParams; reply: AgentIdentityGetReply };
  /** Waits for the end of a run; status timeout when it has not ended by then. */
  "agent.wait": { params: AgentWaitParams; reply: AgentWaitReply };
  /** Adds an agent to the configuration, in force at once; its workspace is made. */
  "agents.create": { params: AgentsCreateParams; reply: AgentsCreateReply };
  /** Takes an agent out of the configuration and ends its runs and conversations; its workspace goes to the trash. */
  "agents.delete": { params: AgentsDeleteParams; reply: AgentsDeleteReply };
  /** Removes one of an agent's files. */
  "agents.files.delete": { params: AgentsFilesDeleteParams; reply: AgentsFilesDeleteReply };
  /** What one of an agent's files says; one that is not there is told as missing. */
  "agents.files.get": { params: AgentsFilesGetParams; reply: AgentsFilesGetReply };
  /** The files that make an agent who it is, there or not. */
  "agents.files.list": { params: AgentsFilesListParams; reply: AgentsFilesListReply };
  /** Writes one of an agent's files, whole or not at all. */
  "agents.files.set": { params: AgentsFilesSetParams; reply: AgentsFilesSetReply };
  /** The agents, their identity, their folder and their model. */
  "agents.list": { params: AgentsListParams; reply: AgentsListReply };
  /** Gives an agent a token of its own for HTTP, and shows it once. */
  "agents.token.create": { params: AgentsTokenCreateParams; reply: AgentsTokenCreateReply };
  /** Which agents have a token of their own, without the tokens. */
  "agents.token.list": { params: AgentsTokenListParams; reply: AgentsTokenListReply };
  /** Withdraws an agent's token; it ends at once. */
  "agents.token.revoke": { params: AgentsTokenRevokeParams; reply: AgentsTokenRevokeReply };
  /** Replaces an agent's token, and shows the new one once; the old one ends at once. */
  "agents.token.rotate": { params: AgentsTokenRotateParams; reply: AgentsTokenRotateReply };
  /** Changes an agent's name, identity, workspace or model, in force at once. */
  "agents.update": { params: AgentsUpdateParams; reply: AgentsUpdateReply };
  /** What a file in an agent's folder holds, up to 512 KiB. */
  "agents.workspace.get": { params: AgentsWorkspaceGetParams; reply: AgentsWorkspaceGetReply };
  /** What is in an agent's folder: folders and plain files, no links. */
  "agents.workspace.list": { params: AgentsWorkspaceListParams; reply: AgentsWorkspaceListReply };
  /** An approval, waiting or over. */
  "approval.get": { params: ApprovalGetParams; reply: ApprovalGetReply };
  /** Approvals that are over, newest first, for 30 days and at most 10,000 of them. */
  "approval.history": { params: ApprovalHistoryParams; reply: ApprovalHistoryReply };
  /** Decides about an approval. The first answer counts, and everybody is told what stands. */
  "approval.resolve": { params: ApprovalResolveParams; reply: ApprovalResolveReply };
  /** Known to official clients, and refused: runs make no files that could be fetched. */
  "artifacts.download": { params: ArtifactsDownloadParams; reply: ArtifactsDownloadReply };
  /** Known to official clients, and refused: runs make no files that could be fetched. */
  "artifacts.get": { params: ArtifactsGetParams; reply: ArtifactsGetReply };
  /** Files that runs made for people: none are kept. */
  "artifacts.list": { params: ArtifactsListParams; reply: ArtifactsListReply };
  /** Known to official clients, and refused: runs make no files that could be fetched. */
  "assistant.media.get": { params: AssistantMediaGetParams; reply: AssistantMediaGetReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "attach.grant": { params: AttachGrantParams; reply: AttachGrantReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "attach.revoke": { params: AttachRevokeParams; reply: AttachRevokeReply };
  /** What agents did, newest first, from the audit trail. */
  "audit.activity.list": { params: AuditActivityListParams; reply: AuditActivityListReply };
  /** When runs were accepted and how they ended, newest first, from the audit trail. */
  "audit.list": { params: AuditListParams; reply: AuditListReply };
  /** Records of the audit trail, newest first, and whether the trail is as it was written. */
  "audit.records.list": { params: AuditRecordsListParams; reply: AuditRecordsListReply };
  /** Known to official clients, and refused: one run is not told apart in the audit; audit.list has every record. */
  "audit.run.inspect": { params: AuditRunInspectParams; reply: AuditRunInspectReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.action": { params: BoardActionParams; reply: BoardActionReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.data.read": { params: BoardDataReadParams; reply: BoardDataReadReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.event": { params: BoardEventParams; reply: BoardEventReply };
  /** The board of a session: it is empty. */
  "board.get": { params: BoardGetParams; reply: BoardGetReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.prompt.authorize": { params: BoardPromptAuthorizeParams; reply: BoardPromptAuthorizeReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.update": { params: BoardUpdateParams; reply: BoardUpdateReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.widget.appView": { params: BoardWidgetAppViewParams; reply: BoardWidgetAppViewReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.widget.grant": { params: BoardWidgetGrantParams; reply: BoardWidgetGrantReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "board.widget.put": { params: BoardWidgetPutParams; reply: BoardWidgetPutReply };
  /** Sends a request to the browser that agents drive. */
  "browser.request": { params: BrowserRequestParams; reply: BrowserRequestReply };
  /** Ends a channel's account. */
  "channels.logout": { params: ChannelsLogoutParams; reply: ChannelsLogoutReply };
  /** Known to official clients, and refused: no channel is connected. */
  "channels.pairing.approve": { params: ChannelsPairingApproveParams; reply: ChannelsPairingApproveReply };
  /** Known to official clients, and refused: no channel is connected. */
  "channels.pairing.dismiss": { params: ChannelsPairingDismissParams; reply: ChannelsPairingDismissReply };
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
  /** One message of a conversation, in full. */
  "chat.message.get": { params: ChatMessageGetParams; reply: ChatMessageGetReply };
  /** What a composer offers: models and commands. */
  "chat.metadata": { params: ChatMetadataParams; reply: ChatMetadataReply };
  /** Says something in a conversation; the reply streams as chat events. */
  "chat.send": { params: ChatSendParams; reply: ChatSendReply };
  /** Everything a chat view shows first, in one answer. */
  "chat.startup": { params: ChatStartupParams; reply: ChatStartupReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "chat.toolTitles": { params: ChatToolTitlesParams; reply: ChatToolTitlesReply };
  /** The commands that a message may be. */
  "commands.list": { params: CommandsListParams; reply: CommandsListReply };
  /** Replaces the whole configuration and puts that in force. */
  "config.apply": { params: ConfigApplyParams; reply: ConfigApplyReply };
  /** What differs between two states of the configuration; secrets are replaced by a marker. */
  "config.diff": { params: ConfigDiffParams; reply: ConfigDiffReply };
  /** The configuration's file and what is in force; secrets are replaced by a marker. */
  "config.get": { params: ConfigGetParams; reply: ConfigGetReply };
  /** The states that the configuration was in, newest first, without values. */
  "config.history": { params: ConfigHistoryParams; reply: ConfigHistoryReply };
  /** Known to official clients, and refused: this is done on the gateway's host, in the configuration and with the command line. */
  "config.openFile": { params: ConfigOpenFileParams; reply: ConfigOpenFileReply };
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
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "controlUi.githubPreview": { params: ControlUiGithubPreviewParams; reply: ControlUiGithubPreviewReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "controlUi.sessionPreview": { params: ControlUiSessionPreviewParams; reply: ControlUiSessionPreviewReply };
  /** Follows the pull requests of sessions: there are none. */
  "controlUi.sessionPullRequests.subscribe": { params: ControlUiSessionPullRequestsSubscribeParams; reply: ControlUiSessionPullRequestsSubscribeReply };
  /** Known to official clients, and refused: no channel is connected. */
  "conversations.list": { params: ConversationsListParams; reply: ConversationsListReply };
  /** Known to official clients, and refused: no channel is connected. */
  "conversations.send": { params: ConversationsSendParams; reply: ConversationsSendReply };
  /** Known to official clients, and refused: no channel is connected. */
  "conversations.turn": { params: ConversationsTurnParams; reply: ConversationsTurnReply };
  /** Known to official clients, and refused: no channel is connected. */
  "conversations.turn.cancel": { params: ConversationsTurnCancelParams; reply: ConversationsTurnCancelReply };
  /** Schedules a job: once, at intervals, or by the calendar of a time zone. */
  "cron.add": { params: CronAddParams; reply: CronAddReply };
  /** One scheduled job. */
  "cron.get": { params: CronGetParams; reply: CronGetReply };
  /** The scheduled jobs, filtered, sorted and in pages. */
  "cron.list": { params: CronListParams; reply: CronListReply };
  /** Takes a job away. A run at work goes on, and the history stays. */
  "cron.remove": { params: CronRemoveParams; reply: CronRemoveReply };
  /** Runs a job now, beside its schedule. */
  "cron.run": { params: CronRunParams; reply: CronRunReply };
  /** What came of scheduled jobs: the runs of one or of all, in pages. */
  "cron.runs": { params: CronRunsParams; reply: CronRunsReply };
  /** Known to official clients, and refused: only tools of agents would read a job's scratch space, and agents of this gateway run no tools. */
  "cron.scratch.get": { params: CronScratchGetParams; reply: CronScratchGetReply };
  /** Known to official clients, and refused: only tools of agents would read a job's scratch space, and agents of this gateway run no tools. */
  "cron.scratch.set": { params: CronScratchSetParams; reply: CronScratchSetReply };
  /** Whether scheduled jobs run, how many there are, and when the next is due. */
  "cron.status": { params: CronStatusParams; reply: CronStatusReply };
  /** Changes a job; what is not named stays. */
  "cron.update": { params: CronUpdateParams; reply: CronUpdateReply };
  /** A link that signs one browser in, once, within ten minutes. */
  "dashboard.link": { params: DashboardLinkParams; reply: DashboardLinkReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "desktop.launch": { params: DesktopLaunchParams; reply: DesktopLaunchReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "desktop.observe": { params: DesktopObserveParams; reply: DesktopObserveReply };
  /** Admits a device that asks; the caller cannot give scopes that it lacks itself. */
  "device.pair.approve": { params: DevicePairApproveParams; reply: DevicePairApproveReply };
  /** Devices that ask to be admitted, and devices that were. */
  "device.pair.list": { params: DevicePairListParams; reply: DevicePairListReply };
  /** Turns a device away that asks to be admitted. */
  "device.pair.reject": { params: DevicePairRejectParams; reply: DevicePairRejectReply };
  /** Takes a device back out: its tokens end and its connections close. */
  "device.pair.remove": { params: DevicePairRemoveParams; reply: DevicePairRemoveReply };
  /** Makes a code by which one device comes in, once and soon, with no more than the caller has. */
  "device.pair.setupCode": { params: DevicePairSetupCodeParams; reply: DevicePairSetupCodeReply };
  /** Which setup codes there are, without the codes. */
  "device.pair.setupList": { params: DevicePairSetupListParams; reply: DevicePairSetupListReply };
  /** Takes a setup code back that nobody has used. */
  "device.pair.setupRevoke": { params: DevicePairSetupRevokeParams; reply: DevicePairSetupRevokeReply };
  /** Which device came in by a setup code, for an hour after the code's time. */
  "device.pair.setupStatus": { params: DevicePairSetupStatusParams; reply: DevicePairSetupStatusReply };
  /** Withdraws a device's token and closes its connections; it must be approved again. */
  "device.token.revoke": { params: DeviceTokenRevokeParams; reply: DeviceTokenRevokeReply };
  /** Replaces a device's token; only the device itself is told the new one. */
  "device.token.rotate": { params: DeviceTokenRotateParams; reply: DeviceTokenRotateReply };
  /** Runs that are at work and runs that wait. */
  "diagnostics.lanes": { params: DiagnosticsLanesParams; reply: DiagnosticsLanesReply };
  /** Known to official clients, and refused: figures are at /metrics. */
  "diagnostics.stability": { params: DiagnosticsStabilityParams; reply: DiagnosticsStabilityReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "doctor.memory.backfillDreamDiary": { params: DoctorMemoryBackfillDreamDiaryParams; reply: DoctorMemoryBackfillDreamDiaryReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "doctor.memory.dedupeDreamDiary": { params: DoctorMemoryDedupeDreamDiaryParams; reply: DoctorMemoryDedupeDreamDiaryReply };
  /** What an agent dreamed: agents do not dream here. */
  "doctor.memory.dreamDiary": { params: DoctorMemoryDreamDiaryParams; reply: DoctorMemoryDreamDiaryReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "doctor.memory.repairDreamingArtifacts": { params: DoctorMemoryRepairDreamingArtifactsParams; reply: DoctorMemoryRepairDreamingArtifactsReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "doctor.memory.resetDreamDiary": { params: DoctorMemoryResetDreamDiaryParams; reply: DoctorMemoryResetDreamDiaryReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "doctor.memory.resetGroundedShortTerm": { params: DoctorMemoryResetGroundedShortTermParams; reply: DoctorMemoryResetGroundedShortTermReply };
  /** Whether an agent's memory can be searched: it cannot yet. */
  "doctor.memory.status": { params: DoctorMemoryStatusParams; reply: DoctorMemoryStatusReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "environments.create": { params: EnvironmentsCreateParams; reply: EnvironmentsCreateReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "environments.destroy": { params: EnvironmentsDestroyParams; reply: EnvironmentsDestroyReply };
  /** Where sessions can run: on the gateway's own machine. */
  "environments.list": { params: EnvironmentsListParams; reply: EnvironmentsListReply };
  /** One place where sessions can run. */
  "environments.status": { params: EnvironmentsStatusParams; reply: EnvironmentsStatusReply };
  /** One command that waits for people. */
  "exec.approval.get": { params: ExecApprovalGetParams; reply: ExecApprovalGetReply };
  /** Commands that people allowed for good, newest first, with those taken back. */
  "exec.approval.grants.list": { params: ExecApprovalGrantsListParams; reply: ExecApprovalGrantsListReply };
  /** Takes back what people allowed for good; the next time they are asked again. */
  "exec.approval.grants.revoke": { params: ExecApprovalGrantsRevokeParams; reply: ExecApprovalGrantsRevokeReply };
  /** Commands that wait for people, oldest first. */
  "exec.approval.list": { params: ExecApprovalListParams; reply: ExecApprovalListReply };
  /** Asks whether a command may run: the policy, what was allowed for good, then people. */
  "exec.approval.request": { params: ExecApprovalRequestParams; reply: ExecApprovalRequestReply };
  /** Decides whether a command may run. The first answer counts. */
  "exec.approval.resolve": { params: ExecApprovalResolveParams; reply: ExecApprovalResolveReply };
  /** Waits for what people decide about a command; at once when they have, also after a restart. */
  "exec.approval.waitDecision": { params: ExecApprovalWaitDecisionParams; reply: ExecApprovalWaitDecisionReply };
  /** The policy of commands: what may run, and about what people are asked. */
  "exec.approvals.get": { params: ExecApprovalsGetParams; reply: ExecApprovalsGetReply };
  /** What a node lets be run on it, as the node tells it. */
  "exec.approvals.node.get": { params: ExecApprovalsNodeGetParams; reply: ExecApprovalsNodeGetReply };
  /** Changes what a node lets be run on it; the node refuses a change of something that it no longer has. */
  "exec.approvals.node.set": { params: ExecApprovalsNodeSetParams; reply: ExecApprovalsNodeSetReply };
  /** Replaces the policy of commands, if it is still what the caller looked at. */
  "exec.approvals.set": { params: ExecApprovalsSetParams; reply: ExecApprovalsSetReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "fs.listDir": { params: FsListDirParams; reply: FsListDirReply };
  /** Known to official clients, and refused: this gateway has no key of its own; its TLS certificate is what clients can pin. */
  "gateway.identity.get": { params: GatewayIdentityGetParams; reply: GatewayIdentityGetReply };
  /** Whether a restart would cut off work. A run that is cut off is kept as interrupted. */
  "gateway.restart.preflight": { params: GatewayRestartPreflightParams; reply: GatewayRestartPreflightReply };
  /** Known to official clients, and refused: who started the gateway stops and starts it: the service manager, or openclaw gateway stop and openclaw gateway run. */
  "gateway.restart.request": { params: GatewayRestartRequestParams; reply: GatewayRestartRequestReply };
  /** Makes a new shared token, writes it to the configuration, and ends every connection that the old one let in. */
  "gateway.secret.rotate": { params: GatewaySecretRotateParams; reply: GatewaySecretRotateReply };
  /** Known to official clients, and refused: who started the gateway stops and starts it: the service manager, or openclaw gateway stop and openclaw gateway run. */
  "gateway.suspend.prepare": { params: GatewaySuspendPrepareParams; reply: GatewaySuspendPrepareReply };
  /** Known to official clients, and refused: who started the gateway stops and starts it: the service manager, or openclaw gateway stop and openclaw gateway run. */
  "gateway.suspend.resume": { params: GatewaySuspendResumeParams; reply: GatewaySuspendResumeReply };
  /** Whether the gateway is suspended: it never is. */
  "gateway.suspend.status": { params: GatewaySuspendStatusParams; reply: GatewaySuspendStatusReply };
  /** Makes a named access token for a person or a program, and shows it once. */
  "gateway.token.create": { params: GatewayTokenCreateParams; reply: GatewayTokenCreateReply };
  /** Which named access tokens there are, without the tokens. */
  "gateway.token.list": { params: GatewayTokenListParams; reply: GatewayTokenListReply };
  /** Withdraws a named access token and ends its holder's connections at once. */
  "gateway.token.revoke": { params: GatewayTokenRevokeParams; reply: GatewayTokenRevokeReply };
  /** Replaces a named access token, shows the new one once, and ends the connections of the old one. */
  "gateway.token.rotate": { params: GatewayTokenRotateParams; reply: GatewayTokenRotateReply };
  /** Adds another gateway and connects to it. */
  "gateways.add": { params: GatewaysAddParams; reply: GatewaysAddReply };
  /** Connects the caller to another gateway with the caller's own scopes: its events come as gateways.event, and gateways.line tells of gaps and of the end. It ends with gateways.detach or the caller's connection. */
  "gateways.attach": { params: GatewaysAttachParams; reply: GatewaysAttachReply };
  /** Calls a method of another gateway. The caller needs the scope here that the method needs, and has no more there. */
  "gateways.call": { params: GatewaysCallParams; reply: GatewaysCallReply };
  /** Gives up the caller's connection to another gateway, with what it had subscribed there. */
  "gateways.detach": { params: GatewaysDetachParams; reply: GatewaysDetachReply };
  /** Shows one gateway that is reached through this one, with the looks at it of the last hour. */
  "gateways.get": { params: GatewaysGetParams; reply: GatewaysGetReply };
  /** Lists the other gateways that are reached through this one, and how they are. */
  "gateways.list": { params: GatewaysListParams; reply: GatewaysListReply };
  /** Forgets a gateway with its token, and ends the connections to it. */
  "gateways.remove": { params: GatewaysRemoveParams; reply: GatewaysRemoveReply };
  /** Connects to a gateway once, says what came of it, and keeps nothing. */
  "gateways.test": { params: GatewaysTestParams; reply: GatewaysTestReply };
  /** Changes a gateway that is reached through this one. */
  "gateways.update": { params: GatewaysUpdateParams; reply: GatewaysUpdateReply };
  /** Whether everything is well, from memory. */
  "health": { params: HealthParams; reply: HealthReply };
  /** Whether web hooks are served, by what senders get in, and what they did since the start. */
  "hooks.status": { params: HooksStatusParams; reply: HooksStatusReply };
  /** What came of the newest look of an agent since the start, or null. */
  "last-heartbeat": { params: LastHeartbeatParams; reply: LastHeartbeatReply };
  /** Lines of the log, from a cursor on. */
  "logs.tail": { params: LogsTailParams; reply: LogsTailReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.callTool": { params: McpAppCallToolParams; reply: McpAppCallToolReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.listResourceTemplates": { params: McpAppListResourceTemplatesParams; reply: McpAppListResourceTemplatesReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.listResources": { params: McpAppListResourcesParams; reply: McpAppListResourcesReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.listTools": { params: McpAppListToolsParams; reply: McpAppListToolsReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.readResource": { params: McpAppReadResourceParams; reply: McpAppReadResourceReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.updateModelContext": { params: McpAppUpdateModelContextParams; reply: McpAppUpdateModelContextReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "mcp.app.view": { params: McpAppViewParams; reply: McpAppViewReply };
  /** Known to official clients, and refused: agents of this gateway keep no memory beside their files and transcripts. */
  "memory.search": { params: MemorySearchParams; reply: MemorySearchReply };
  /** Places where somebody was mentioned: none. */
  "mentions.list": { params: MentionsListParams; reply: MentionsListReply };
  /** Does something with a message on a chat channel. */
  "message.action": { params: MessageActionParams; reply: MessageActionReply };
  /** Everything about one method: who may call it, what it takes and answers, and an example. */
  "methods.describe": { params: MethodsDescribeParams; reply: MethodsDescribeReply };
  /** The methods that the caller may call, also those that a hello does not list. */
  "methods.list": { params: MethodsListParams; reply: MethodsListReply };
  /** Connections, requests, latency, memory, tokens and cost over the last hour or day. */
  "metrics.history": { params: MetricsHistoryParams; reply: MetricsHistoryReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "migrations.memory.apply": { params: MigrationsMemoryApplyParams; reply: MigrationsMemoryApplyReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "migrations.memory.plan": { params: MigrationsMemoryPlanParams; reply: MigrationsMemoryPlanReply };
  /** Known to official clients, and refused: this is done on the gateway's host, in the configuration and with the command line. */
  "models.authLogout": { params: ModelsAuthLogoutParams; reply: ModelsAuthLogoutReply };
  /** How model providers and their keys are: ready, without a key, or left alone until when. */
  "models.authStatus": { params: ModelsAuthStatusParams; reply: ModelsAuthStatusReply };
  /** The models that agents can use, by provider. */
  "models.list": { params: ModelsListParams; reply: ModelsListReply };
  /** Really asks a provider for a word with each of its keys. That costs a few tokens. */
  "models.probe": { params: ModelsProbeParams; reply: ModelsProbeReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "nativeHook.invoke": { params: NativeHookInvokeParams; reply: NativeHookInvokeReply };
  /** Everything about one node. */
  "node.describe": { params: NodeDescribeParams; reply: NodeDescribeReply };
  /** A node tells that something happened; the answer says whether the gateway does something about it. */
  "node.event": { params: NodeEventParams; reply: NodeEventReply };
  /** Asks a node for one of its commands and waits for the answer. Commands that reach the machine itself take an administrator. */
  "node.invoke": { params: NodeInvokeParams; reply: NodeInvokeReply };
  /** A node tells how a command goes on; at most 1 MiB for each command reaches its caller. */
  "node.invoke.progress": { params: NodeInvokeProgressParams; reply: NodeInvokeProgressReply };
  /** A node answers a command. What comes late, or twice, is ignored. */
  "node.invoke.result": { params: NodeInvokeResultParams; reply: NodeInvokeResultReply };
  /** The machines that offer commands, those that are connected first. */
  "node.list": { params: NodeListParams; reply: NodeListReply };
  /** Lets a node do what it declared, at once and on the connection that it has. Commands need the scopes that the request names in requiredApproveScopes. */
  "node.pair.approve": { params: NodePairApproveParams; reply: NodePairApproveReply };
  /** Nodes that are approved, and what waits for an owner. */
  "node.pair.list": { params: NodePairListParams; reply: NodePairListReply };
  /** Says no to what a node wants; what was approved before stays. It asks again when it connects again. */
  "node.pair.reject": { params: NodePairRejectParams; reply: NodePairRejectReply };
  /** Forgets a node: what was approved, what waits for it and its device's role end, and its connections close. */
  "node.pair.remove": { params: NodePairRemoveParams; reply: NodePairRemoveReply };
  /** Announces a node, so that an owner can approve it before it connects. Its approval gives out a token for node.pair.verify. */
  "node.pair.request": { params: NodePairRequestParams; reply: NodePairRequestReply };
  /** Whether a token is the one that the approval of an announced node gave out. */
  "node.pair.verify": { params: NodePairVerifyParams; reply: NodePairVerifyReply };
  /** A node has dealt with commands that waited for it. */
  "node.pending.ack": { params: NodePendingAckParams; reply: NodePendingAckReply };
  /** A node takes the work that waited for it, most urgent first, and is asked how it is. */
  "node.pending.drain": { params: NodePendingDrainParams; reply: NodePendingDrainReply };
  /** Keeps work for a node until it asks for it; the same work waits once. */
  "node.pending.enqueue": { params: NodePendingEnqueueParams; reply: NodePendingEnqueueReply };
  /** Commands that wait for a node to be in the foreground; node.pending.ack forgets them. */
  "node.pending.pull": { params: NodePendingPullParams; reply: NodePendingPullReply };
  /** A node asks for a new address of a page that a plugin hosts. */
  "node.pluginSurface.refresh": { params: NodePluginSurfaceRefreshParams; reply: NodePluginSurfaceRefreshReply };
  /** A node publishes its tools, for as long as it is connected; node.describe shows them. */
  "node.pluginTools.update": { params: NodePluginToolsUpdateParams; reply: NodePluginToolsUpdateReply };
  /** Gives a node a name for people; it wins over the one that the node has itself. */
  "node.rename": { params: NodeRenameParams; reply: NodeRenameReply };
  /** A node says whether it could host sessions. This gateway hosts them itself; node.describe shows what the node said. */
  "node.runnerInventory.update": { params: NodeRunnerInventoryUpdateParams; reply: NodeRunnerInventoryUpdateReply };
  /** A node publishes its skills, for as long as it is connected; node.describe names them. */
  "node.skills.update": { params: NodeSkillsUpdateParams; reply: NodeSkillsUpdateReply };
  /** What waits of an agent that looks after the gateway itself: nothing, because there is no such agent. */
  "openclaw.approval.list": { params: OpenclawApprovalListParams; reply: OpenclawApprovalListReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.changes.list": { params: OpenclawChangesListParams; reply: OpenclawChangesListReply };
  /** The set-up assistant: says where things are set up instead. No model is asked. */
  "openclaw.chat": { params: OpenclawChatParams; reply: OpenclawChatReply };
  /** What was said to the set-up assistant: there is none. */
  "openclaw.chat.history": { params: OpenclawChatHistoryParams; reply: OpenclawChatHistoryReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.activate": { params: OpenclawSetupActivateParams; reply: OpenclawSetupActivateReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.activate.start": { params: OpenclawSetupActivateStartParams; reply: OpenclawSetupActivateStartReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.auth.start": { params: OpenclawSetupAuthStartParams; reply: OpenclawSetupAuthStartReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.detect": { params: OpenclawSetupDetectParams; reply: OpenclawSetupDetectReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.prepare.start": { params: OpenclawSetupPrepareStartParams; reply: OpenclawSetupPrepareStartReply };
  /** Known to official clients, and refused: the assistant for setting up is not part of this gateway; openclaw onboard and config.patch change it. */
  "openclaw.setup.verify": { params: OpenclawSetupVerifyParams; reply: OpenclawSetupVerifyReply };
  /** Passkeys that confirm sign-ins, and whether one is asked for. */
  "passkeys.list": { params: PasskeysListParams; reply: PasskeysListReply };
  /** Begins to register a passkey, from a page in a browser; it is kept by passkeys.register.finish. */
  "passkeys.register.begin": { params: PasskeysRegisterBeginParams; reply: PasskeysRegisterBeginReply };
  /** Keeps the passkey that was begun with passkeys.register.begin on the same connection. */
  "passkeys.register.finish": { params: PasskeysRegisterFinishParams; reply: PasskeysRegisterFinishReply };
  /** Removes a passkey and ends the connections that were opened with it. */
  "passkeys.remove": { params: PasskeysRemoveParams; reply: PasskeysRemoveReply };
  /** Calls a passkey something else. */
  "passkeys.rename": { params: PasskeysRenameParams; reply: PasskeysRenameReply };
  /** Answers at once, so that a client can measure the way. */
  "ping": { params: PingParams; reply: PingReply };
  /** Wishes of plugins that wait for people, oldest first. */
  "plugin.approval.list": { params: PluginApprovalListParams; reply: PluginApprovalListReply };
  /** Asks people about a wish of a plugin. */
  "plugin.approval.request": { params: PluginApprovalRequestParams; reply: PluginApprovalRequestReply };
  /** Decides about a wish of a plugin. The first answer counts. */
  "plugin.approval.resolve": { params: PluginApprovalResolveParams; reply: PluginApprovalResolveReply };
  /** Waits for what people decide about a wish of a plugin; at once when they have, also after a restart. */
  "plugin.approval.waitDecision": { params: PluginApprovalWaitDecisionParams; reply: PluginApprovalWaitDecisionReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugin.surface.refresh": { params: PluginSurfaceRefreshParams; reply: PluginSurfaceRefreshReply };
  /** Plugins that could be installed: plugins are not part of this gateway. */
  "plugins.catalog.browse": { params: PluginsCatalogBrowseParams; reply: PluginsCatalogBrowseReply };
  /** Views that plugins bring: there are no plugins. */
  "plugins.controlUi.list": { params: PluginsControlUiListParams; reply: PluginsControlUiListReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.inspect": { params: PluginsInspectParams; reply: PluginsInspectReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.install": { params: PluginsInstallParams; reply: PluginsInstallReply };
  /** Plugins: there are none. */
  "plugins.list": { params: PluginsListParams; reply: PluginsListReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.refresh": { params: PluginsRefreshParams; reply: PluginsRefreshReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.search": { params: PluginsSearchParams; reply: PluginsSearchReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.sessionAction": { params: PluginsSessionActionParams; reply: PluginsSessionActionReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.setEnabled": { params: PluginsSetEnabledParams; reply: PluginsSetEnabledReply };
  /** What plugins add to views: there are no plugins. */
  "plugins.uiDescriptors": { params: PluginsUiDescriptorsParams; reply: PluginsUiDescriptorsReply };
  /** Known to official clients, and refused: this gateway has no plugins. */
  "plugins.uninstall": { params: PluginsUninstallParams; reply: PluginsUninstallReply };
  /** Asks people on a chat channel to choose. */
  "poll": { params: PollParams; reply: PollReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "portal.close": { params: PortalCloseParams; reply: PortalCloseReply };
  /** Local servers that are shown to others: none. */
  "portal.list": { params: PortalListParams; reply: PortalListReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "portal.open": { params: PortalOpenParams; reply: PortalOpenReply };
  /** The plan that a run shows while it works: none. */
  "progressCard.get": { params: ProgressCardGetParams; reply: ProgressCardGetReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "progressCard.put": { params: ProgressCardPutParams; reply: ProgressCardPutReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "projects.add": { params: ProjectsAddParams; reply: ProjectsAddReply };
  /** Folders that agents work in: the workspaces that are configured. */
  "projects.list": { params: ProjectsListParams; reply: ProjectsListReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "projects.register": { params: ProjectsRegisterParams; reply: ProjectsRegisterReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "projects.remove": { params: ProjectsRemoveParams; reply: ProjectsRemoveReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "projects.searchRemote": { params: ProjectsSearchRemoteParams; reply: ProjectsSearchRemoteReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.test": { params: PushTestParams; reply: PushTestReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.preferences.get": { params: PushWebPreferencesGetParams; reply: PushWebPreferencesGetReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.preferences.set": { params: PushWebPreferencesSetParams; reply: PushWebPreferencesSetReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.subscribe": { params: PushWebSubscribeParams; reply: PushWebSubscribeReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.test": { params: PushWebTestParams; reply: PushWebTestReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.unsubscribe": { params: PushWebUnsubscribeParams; reply: PushWebUnsubscribeReply };
  /** Known to official clients, and refused: the gateway sends no push messages; clients that are connected hear events. */
  "push.web.vapidPublicKey": { params: PushWebVapidPublicKeyParams; reply: PushWebVapidPublicKeyReply };
  /** An agent's questions, waiting or over. */
  "question.get": { params: QuestionGetParams; reply: QuestionGetReply };
  /** Questions of agents that wait for people, oldest first. */
  "question.list": { params: QuestionListParams; reply: QuestionListReply };
  /** Asks people one to three questions; question.waitAnswer waits for what they say. */
  "question.request": { params: QuestionRequestParams; reply: QuestionRequestReply };
  /** Answers an agent's questions, or takes them back. The first answer counts. */
  "question.resolve": { params: QuestionResolveParams; reply: QuestionResolveReply };
  /** Waits for what people answer; status pending when they have not by then. */
  "question.waitAnswer": { params: QuestionWaitAnswerParams; reply: QuestionWaitAnswerReply };
  /** Reads the configuration again, with the files and variables that it refers to. */
  "secrets.reload": { params: SecretsReloadParams; reply: SecretsReloadReply };
  /** Known to official clients, and refused: this gateway keeps no store of secrets; the configuration refers to variables of the environment. */
  "secrets.resolve": { params: SecretsResolveParams; reply: SecretsResolveReply };
  /** Known to official clients, and refused: this gateway keeps no store of secrets; the configuration refers to variables of the environment. */
  "secrets.store.delete": { params: SecretsStoreDeleteParams; reply: SecretsStoreDeleteReply };
  /** Secrets that people keep in the gateway: its own are in its configuration. */
  "secrets.store.list": { params: SecretsStoreListParams; reply: SecretsStoreListReply };
  /** Known to official clients, and refused: this gateway keeps no store of secrets; the configuration refers to variables of the environment. */
  "secrets.store.set": { params: SecretsStoreSetParams; reply: SecretsStoreSetReply };
  /** Judges how safely the gateway is set up, from its configuration's file and what is around it. */
  "security.audit": { params: SecurityAuditParams; reply: SecurityAuditReply };
  /** Closes everything but this machine at once: configuration, connections, programs, runs, jobs and device tokens; `undo` ends that. */
  "security.lockdown": { params: SecurityLockdownParams; reply: SecurityLockdownReply };
  /** Sends a message on a chat channel. */
  "send": { params: SendParams; reply: SendReply };
  /** Whether a session is discussed elsewhere: it is not. */
  "session.discussion.info": { params: SessionDiscussionInfoParams; reply: SessionDiscussionInfoReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.discussion.open": { params: SessionDiscussionOpenParams; reply: SessionDiscussionOpenReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.members.add": { params: SessionMembersAddParams; reply: SessionMembersAddReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.members.list": { params: SessionMembersListParams; reply: SessionMembersListReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.members.listEvidence": { params: SessionMembersListEvidenceParams; reply: SessionMembersListEvidenceReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.members.remove": { params: SessionMembersRemoveParams; reply: SessionMembersRemoveReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.suggestions.add": { params: SessionSuggestionsAddParams; reply: SessionSuggestionsAddReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.suggestions.list": { params: SessionSuggestionsListParams; reply: SessionSuggestionsListReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.suggestions.resolve": { params: SessionSuggestionsResolveParams; reply: SessionSuggestionsResolveReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.typing": { params: SessionTypingParams; reply: SessionTypingReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "session.visibility.set": { params: SessionVisibilitySetParams; reply: SessionVisibilitySetReply };
  /** Stops the run at work in a session, or the run that is named. Nothing to stop is no error. */
  "sessions.abort": { params: SessionsAbortParams; reply: SessionsAbortReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.assignOwner": { params: SessionsAssignOwnerParams; reply: SessionsAssignOwnerReply };
  /** The branches of a transcript: the one that there is. */
  "sessions.branches.list": { params: SessionsBranchesListParams; reply: SessionsBranchesListReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.branches.switch": { params: SessionsBranchesSwitchParams; reply: SessionsBranchesSwitchReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.catalog.archive": { params: SessionsCatalogArchiveParams; reply: SessionsCatalogArchiveReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.catalog.continue": { params: SessionsCatalogContinueParams; reply: SessionsCatalogContinueReply };
  /** Conversations that other programs on this machine keep: the gateway does not look for them. */
  "sessions.catalog.list": { params: SessionsCatalogListParams; reply: SessionsCatalogListReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.catalog.read": { params: SessionsCatalogReadParams; reply: SessionsCatalogReadReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.catalog.startTerminal": { params: SessionsCatalogStartTerminalParams; reply: SessionsCatalogStartTerminalReply };
  /** Counts, or removes, sessions of agents that are not configured any more. */
  "sessions.cleanup": { params: SessionsCleanupParams; reply: SessionsCleanupReply };
  /** Sets all but the newest lines of a transcript aside. */
  "sessions.compact": { params: SessionsCompactParams; reply: SessionsCompactReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.compaction.branch": { params: SessionsCompactionBranchParams; reply: SessionsCompactionBranchReply };
  /** When lines of a session's transcript were set aside. */
  "sessions.compaction.list": { params: SessionsCompactionListParams; reply: SessionsCompactionListReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.compaction.restore": { params: SessionsCompactionRestoreParams; reply: SessionsCompactionRestoreReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.companion.ask": { params: SessionsCompanionAskParams; reply: SessionsCompanionAskReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.companion.reset": { params: SessionsCompanionResetParams; reply: SessionsCompanionResetReply };
  /** What was asked about a session beside it: nothing. */
  "sessions.companion.state": { params: SessionsCompanionStateParams; reply: SessionsCompanionStateReply };
  /** Makes a session, and begins a turn in it when a message is given. */
  "sessions.create": { params: SessionsCreateParams; reply: SessionsCreateReply };
  /** Removes a session; the main session of the default agent stays. */
  "sessions.delete": { params: SessionsDeleteParams; reply: SessionsDeleteReply };
  /** One session as the list shows it, or null. */
  "sessions.describe": { params: SessionsDescribeParams; reply: SessionsDescribeReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.diff": { params: SessionsDiffParams; reply: SessionsDiffReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.dispatch": { params: SessionsDispatchParams; reply: SessionsDispatchReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.files.get": { params: SessionsFilesGetParams; reply: SessionsFilesGetReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.files.list": { params: SessionsFilesListParams; reply: SessionsFilesListReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.files.reveal": { params: SessionsFilesRevealParams; reply: SessionsFilesRevealReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.files.set": { params: SessionsFilesSetParams; reply: SessionsFilesSetReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.fork": { params: SessionsForkParams; reply: SessionsForkReply };
  /** The newest lines of a session, oldest first. */
  "sessions.get": { params: SessionsGetParams; reply: SessionsGetReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.github.confirm": { params: SessionsGithubConfirmParams; reply: SessionsGithubConfirmReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.github.options": { params: SessionsGithubOptionsParams; reply: SessionsGithubOptionsReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.github.publish": { params: SessionsGithubPublishParams; reply: SessionsGithubPublishReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.github.status": { params: SessionsGithubStatusParams; reply: SessionsGithubStatusReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.goal.clear": { params: SessionsGoalClearParams; reply: SessionsGoalClearReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.goal.update": { params: SessionsGoalUpdateParams; reply: SessionsGoalUpdateReply };
  /** Where sessions of groups begin, as people set it for them. */
  "sessions.groups.defaults": { params: SessionsGroupsDefaultsParams; reply: SessionsGroupsDefaultsReply };
  /** Removes a group; its sessions belong to none then. */
  "sessions.groups.delete": { params: SessionsGroupsDeleteParams; reply: SessionsGroupsDeleteReply };
  /** Groups of sessions, in their order. */
  "sessions.groups.list": { params: SessionsGroupsListParams; reply: SessionsGroupsListReply };
  /** Sets the groups of sessions and their order. */
  "sessions.groups.put": { params: SessionsGroupsPutParams; reply: SessionsGroupsPutReply };
  /** Gives a group of sessions another name. */
  "sessions.groups.rename": { params: SessionsGroupsRenameParams; reply: SessionsGroupsRenameReply };
  /** Keeps for clients where sessions of a group begin. */
  "sessions.groups.update": { params: SessionsGroupsUpdateParams; reply: SessionsGroupsUpdateReply };
  /** Sessions, newest first, a page at a time. */
  "sessions.list": { params: SessionsListParams; reply: SessionsListReply };
  /** Follows one session: session.message events come to this connection, and session.approval when asked for. */
  "sessions.messages.subscribe": { params: SessionsMessagesSubscribeParams; reply: SessionsMessagesSubscribeReply };
  /** Stops following a session. */
  "sessions.messages.unsubscribe": { params: SessionsMessagesUnsubscribeParams; reply: SessionsMessagesUnsubscribeReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.move": { params: SessionsMoveParams; reply: SessionsMoveReply };
  /** Says whether a view of sessions is seen. Nothing is summarised for it, so nothing depends on that. */
  "sessions.observer.visibility": { params: SessionsObserverVisibilityParams; reply: SessionsObserverVisibilityReply };
  /** Changes what people set for a session; makes it when there is none. */
  "sessions.patch": { params: SessionsPatchParams; reply: SessionsPatchReply };
  /** Makes the same change of several sessions, each for itself. */
  "sessions.patchMany": { params: SessionsPatchManyParams; reply: SessionsPatchManyReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.pluginPatch": { params: SessionsPluginPatchParams; reply: SessionsPluginPatchReply };
  /** The last lines of some sessions. */
  "sessions.preview": { params: SessionsPreviewParams; reply: SessionsPreviewReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "sessions.reclaim": { params: SessionsReclaimParams; reply: SessionsReclaimReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.recover": { params: SessionsRecoverParams; reply: SessionsRecoverReply };
  /** Starts a session over; the old transcript is archived. */
  "sessions.reset": { params: SessionsResetParams; reply: SessionsResetReply };
  /** Finds a session by key, transcript identifier or label. */
  "sessions.resolve": { params: SessionsResolveParams; reply: SessionsResolveReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.rewind": { params: SessionsRewindParams; reply: SessionsRewindReply };
  /** Lines of conversations that hold these words, newest first. */
  "sessions.search": { params: SessionsSearchParams; reply: SessionsSearchReply };
  /** Says something in a session that is there; the reply streams as chat events. */
  "sessions.send": { params: SessionsSendParams; reply: SessionsSendReply };
  /** Says something in a session at once: the run at work there is ended for it. */
  "sessions.steer": { params: SessionsSteerParams; reply: SessionsSteerReply };
  /** Turns sessions.changed on for this connection; with list parameters it answers the list too. */
  "sessions.subscribe": { params: SessionsSubscribeParams; reply: SessionsSubscribeReply };
  /** Known to official clients, and refused: transcripts are neither branched, forked, rewound nor titled by this gateway. */
  "sessions.title.prepare": { params: SessionsTitlePrepareParams; reply: SessionsTitlePrepareReply };
  /** Turns sessions.changed off for this connection. */
  "sessions.unsubscribe": { params: SessionsUnsubscribeParams; reply: SessionsUnsubscribeReply };
  /** Tokens and US dollars that sessions used, by session, day, model and agent. */
  "sessions.usage": { params: SessionsUsageParams; reply: SessionsUsageReply };
  /** The newest lines of a session with what each cost. */
  "sessions.usage.logs": { params: SessionsUsageLogsParams; reply: SessionsUsageLogsReply };
  /** What the turns of a session used, one after the other. */
  "sessions.usage.timeseries": { params: SessionsUsageTimeseriesParams; reply: SessionsUsageTimeseriesReply };
  /** Says which sessions a view shows. Others are not told, so nothing is kept. */
  "sessions.viewers.set": { params: SessionsViewersSetParams; reply: SessionsViewersSetReply };
  /** Turns the regular looks of all agents on or off; that outlives a restart. */
  "set-heartbeats": { params: SetHeartbeatsParams; reply: SetHeartbeatsReply };
  /** Names the programs that skills of any agent need. */
  "skills.bins": { params: SkillsBinsParams; reply: SkillsBinsReply };
  /** Installs a skill from a folder or an archive on the gateway's machine, checked and whole. */
  "skills.install": { params: SkillsInstallParams; reply: SkillsInstallReply };
  /** Skills that people keep: none; those of agents are in skills.status. */
  "skills.library.list": { params: SkillsLibraryListParams; reply: SkillsLibraryListReply };
  /** Skills that agents propose: none. */
  "skills.proposals.list": { params: SkillsProposalsListParams; reply: SkillsProposalsListReply };
  /** Skills that could be installed from elsewhere: the gateway asks nobody. */
  "skills.search": { params: SkillsSearchParams; reply: SkillsSearchReply };
  /** The skills of an agent, where they are, what they need, and what of that is missing. */
  "skills.status": { params: SkillsStatusParams; reply: SkillsStatusReply };
  /** Turns a skill on or off and keeps its API key and variables, in force at once. */
  "skills.update": { params: SkillsUpdateParams; reply: SkillsUpdateReply };
  /** Starts a program that spawn.allow lists. How it ends is told by spawn_result, what it writes by log events. */
  "spawn": { params: SpawnParams; reply: SpawnReply };
  /** Asks a program to end (SIGTERM), ends it when its grace is over (SIGKILL), and answers when it is gone. */
  "spawn.kill": { params: SpawnKillParams; reply: SpawnKillReply };
  /** The newest programs that were started with spawn. */
  "spawn.list": { params: SpawnListParams; reply: SpawnListReply };
  /** What a program wrote, from a cursor on; the newest 256 KiB are kept. */
  "spawn.output": { params: SpawnOutputParams; reply: SpawnOutputReply };
  /** One page about everything: version, uptime, sessions, runs, store, memory. */
  "status": { params: StatusParams; reply: StatusReply };
  /** Says how a program is: in the list of who is there, and to the default agent with its next turn. */
  "system-event": { params: SystemEventParams; reply: SystemEventReply };
  /** Who is connected. */
  "system-presence": { params: SystemPresenceParams; reply: SystemPresenceReply };
  /** The machine that the gateway runs on: processors, memory, disk, uptime. */
  "system.info": { params: SystemInfoParams; reply: SystemInfoReply };
  /** Ways to talk with an agent: none. */
  "talk.catalog": { params: TalkCatalogParams; reply: TalkCatalogReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.client.close": { params: TalkClientCloseParams; reply: TalkClientCloseReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.client.create": { params: TalkClientCreateParams; reply: TalkClientCreateReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.client.steer": { params: TalkClientSteerParams; reply: TalkClientSteerReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.client.toolCall": { params: TalkClientToolCallParams; reply: TalkClientToolCallReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.client.transcript": { params: TalkClientTranscriptParams; reply: TalkClientTranscriptReply };
  /** How to talk with an agent: nothing is configured, so there are no secrets either. */
  "talk.config": { params: TalkConfigParams; reply: TalkConfigReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.mode": { params: TalkModeParams; reply: TalkModeReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.acknowledgeMark": { params: TalkSessionAcknowledgeMarkParams; reply: TalkSessionAcknowledgeMarkReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.appendAudio": { params: TalkSessionAppendAudioParams; reply: TalkSessionAppendAudioReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.cancelOutput": { params: TalkSessionCancelOutputParams; reply: TalkSessionCancelOutputReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.close": { params: TalkSessionCloseParams; reply: TalkSessionCloseReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.create": { params: TalkSessionCreateParams; reply: TalkSessionCreateReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.steer": { params: TalkSessionSteerParams; reply: TalkSessionSteerReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.session.submitToolResult": { params: TalkSessionSubmitToolResultParams; reply: TalkSessionSubmitToolResultReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "talk.speak": { params: TalkSpeakParams; reply: TalkSpeakReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "taskSuggestions.accept": { params: TaskSuggestionsAcceptParams; reply: TaskSuggestionsAcceptReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "taskSuggestions.create": { params: TaskSuggestionsCreateParams; reply: TaskSuggestionsCreateReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "taskSuggestions.dismiss": { params: TaskSuggestionsDismissParams; reply: TaskSuggestionsDismissReply };
  /** Tasks that a run suggests: none. */
  "taskSuggestions.list": { params: TaskSuggestionsListParams; reply: TaskSuggestionsListReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "tasks.cancel": { params: TasksCancelParams; reply: TasksCancelReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "tasks.dismiss": { params: TasksDismissParams; reply: TasksDismissReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "tasks.get": { params: TasksGetParams; reply: TasksGetReply };
  /** Work that runs beside conversations: none. */
  "tasks.list": { params: TasksListParams; reply: TasksListReply };
  /** Known to official clients, and refused: this gateway keeps no tasks; cron.list has scheduled jobs, sessions.list the conversations. */
  "tasks.retry": { params: TasksRetryParams; reply: TasksRetryReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.attach": { params: TerminalAttachParams; reply: TerminalAttachReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.close": { params: TerminalCloseParams; reply: TerminalCloseReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.input": { params: TerminalInputParams; reply: TerminalInputReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.list": { params: TerminalListParams; reply: TerminalListReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.open": { params: TerminalOpenParams; reply: TerminalOpenReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.resize": { params: TerminalResizeParams; reply: TerminalResizeReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "terminal.upload": { params: TerminalUploadParams; reply: TerminalUploadReply };
  /** Looks of the Control UI: the one that it comes with. */
  "themes.list": { params: ThemesListParams; reply: ThemesListReply };
  /** Tools that an agent could use: none is there yet. */
  "tools.catalog": { params: ToolsCatalogParams; reply: ToolsCatalogReply };
  /** Tools that runs of a session may use: none is there yet. */
  "tools.effective": { params: ToolsEffectiveParams; reply: ToolsEffectiveReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "tools.github.authorize.cancel": { params: ToolsGithubAuthorizeCancelParams; reply: ToolsGithubAuthorizeCancelReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "tools.github.authorize.poll": { params: ToolsGithubAuthorizePollParams; reply: ToolsGithubAuthorizePollReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "tools.github.authorize.start": { params: ToolsGithubAuthorizeStartParams; reply: ToolsGithubAuthorizeStartReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "tools.github.configure": { params: ToolsGithubConfigureParams; reply: ToolsGithubConfigureReply };
  /** Which account agents have at a code host: none. */
  "tools.github.status": { params: ToolsGithubStatusParams; reply: ToolsGithubStatusReply };
  /** Known to official clients, and refused: agents of this gateway run no tools. */
  "tools.invoke": { params: ToolsInvokeParams; reply: ToolsInvokeReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.convert": { params: TtsConvertParams; reply: TtsConvertReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.disable": { params: TtsDisableParams; reply: TtsDisableReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.enable": { params: TtsEnableParams; reply: TtsEnableReply };
  /** Voices that text could be spoken with: none. */
  "tts.personas": { params: TtsPersonasParams; reply: TtsPersonasReply };
  /** Who could speak text: nobody. */
  "tts.providers": { params: TtsProvidersParams; reply: TtsProvidersReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.setPersona": { params: TtsSetPersonaParams; reply: TtsSetPersonaReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.setProvider": { params: TtsSetProviderParams; reply: TtsSetProviderReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "tts.speak": { params: TtsSpeakParams; reply: TtsSpeakReply };
  /** Whether text is spoken: it is not. */
  "tts.status": { params: TtsStatusParams; reply: TtsStatusReply };
  /** Known to official clients, and refused: this gateway keeps no boards and steers no interface. */
  "ui.command": { params: UiCommandParams; reply: UiCommandReply };
  /** Known to official clients, and refused: this gateway does not replace itself; install the new binary and restart it. */
  "update.hold": { params: UpdateHoldParams; reply: UpdateHoldReply };
  /** Known to official clients, and refused: this gateway does not replace itself; install the new binary and restart it. */
  "update.run": { params: UpdateRunParams; reply: UpdateRunReply };
  /** Newer versions: none is known, because the gateway asks nobody by itself. */
  "update.status": { params: UpdateStatusParams; reply: UpdateStatusReply };
  /** Tokens and US dollars that were used, day by day. */
  "usage.cost": { params: UsageCostParams; reply: UsageCostReply };
  /** What model providers say about what is left of a plan: none of them has one. */
  "usage.status": { params: UsageStatusParams; reply: UsageStatusReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.github.authorize.cancel": { params: UsersGithubAuthorizeCancelParams; reply: UsersGithubAuthorizeCancelReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.github.authorize.poll": { params: UsersGithubAuthorizePollParams; reply: UsersGithubAuthorizePollReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.github.authorize.start": { params: UsersGithubAuthorizeStartParams; reply: UsersGithubAuthorizeStartReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.github.disconnect": { params: UsersGithubDisconnectParams; reply: UsersGithubDisconnectReply };
  /** Which account a person has at a code host: none. */
  "users.github.status": { params: UsersGithubStatusParams; reply: UsersGithubStatusReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.linkEmail": { params: UsersLinkEmailParams; reply: UsersLinkEmailReply };
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
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.setAvatar": { params: UsersSetAvatarParams; reply: UsersSetAvatarReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.setDisplayName": { params: UsersSetDisplayNameParams; reply: UsersSetDisplayNameReply };
  /** Known to official clients, and refused: this gateway keeps no profiles of people, and whoever may read sessions sees all of them. */
  "users.setRole": { params: UsersSetRoleParams; reply: UsersSetRoleReply };
  /** Words that wake an agent up when they are spoken: none. */
  "voicewake.get": { params: VoicewakeGetParams; reply: VoicewakeGetReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "voicewake.routing.get": { params: VoicewakeRoutingGetParams; reply: VoicewakeRoutingGetReply };
  /** Known to official clients, and refused: the gateway neither speaks nor listens. */
  "voicewake.set": { params: VoicewakeSetParams; reply: VoicewakeSetReply };
  /** Tells an agent something, and has it look at once or with its next turn. */
  "wake": { params: WakeParams; reply: WakeReply };
  /** Begins to log a channel in by a code. */
  "web.login.start": { params: WebLoginStartParams; reply: WebLoginStartReply };
  /** Waits until a channel is logged in by a code. */
  "web.login.wait": { params: WebLoginWaitParams; reply: WebLoginWaitReply };
  /** Gives a guided setup of the caller up; nothing was changed. */
  "wizard.cancel": { params: WizardCancelParams; reply: WizardCancelReply };
  /** Answers a step of a guided setup and shows the next; the last answer writes the configuration. */
  "wizard.next": { params: WizardNextParams; reply: WizardNextReply };
  /** Begins a setup that asks for exposure, model and first agent, and changes nothing before the last step. */
  "wizard.start": { params: WizardStartParams; reply: WizardStartReply };
  /** How far a guided setup of the caller is. */
  "wizard.status": { params: WizardStatusParams; reply: WizardStatusReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "worker.desktop.launch": { params: WorkerDesktopLaunchParams; reply: WorkerDesktopLaunchReply };
  /** Known to official clients, and refused: this gateway runs no environments, desktops or terminals; node.invoke asks machines. */
  "worker.desktop.observe": { params: WorkerDesktopObserveParams; reply: WorkerDesktopObserveReply };
  /** Branches of a repository: the gateway does not look at repositories. */
  "worktrees.branches": { params: WorktreesBranchesParams; reply: WorktreesBranchesReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "worktrees.create": { params: WorktreesCreateParams; reply: WorktreesCreateReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "worktrees.gc": { params: WorktreesGcParams; reply: WorktreesGcReply };
  /** Working copies that the gateway made of repositories: none. */
  "worktrees.list": { params: WorktreesListParams; reply: WorktreesListReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "worktrees.remove": { params: WorktreesRemoveParams; reply: WorktreesRemoveReply };
  /** Known to official clients, and refused: sessions have no folder, work tree or place of their own. */
  "worktrees.restore": { params: WorktreesRestoreParams; reply: WorktreesRestoreReply };
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
  | "cron"
  | "device.pair.requested"
  | "device.pair.resolved"
  | "device.pair.setup.completed"
  | "exec.approval.requested"
  | "exec.approval.resolved"
  | "gateways.changed"
  | "gateways.event"
  | "gateways.line"
  | "health"
  | "heartbeat"
  | "log"
  | "model.fallback"
  | "node.hostStats"
  | "node.invoke.cancel"
  | "node.invoke.progress"
  | "node.invoke.request"
  | "node.pair.requested"
  | "node.pair.resolved"
  | "node.presence"
  | "passkeys.changed"
  | "plugin.approval.requested"
  | "plugin.approval.resolved"
  | "presence"
  | "question.requested"
  | "question.resolved"
  | "session.approval"
  | "session.message"
  | "sessions.changed"
  | "shutdown"
  | "skills.changed"
  | "spawn_result"
  | "tick";

export type Action = {
  /** What to do. */
  command: string;
  /** Since when it waits. */
  enqueuedAtMs: number;
  /** Names it for `node.pending.ack`. */
  id: string;
  /** Its parameters as JSON text. */
  paramsJSON: string | null;
};

export type Actor = {
  id: AgentId;
  type: string;
};

export type Agent = {
  id: AgentId;
  identity: Identity;
  model: Model;
  name?: string | null;
  /** How much its model thinks when nobody says. */
  thinkingDefault?: string | null;
  /** The folder it works in. */
  workspace: string;
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
  /** A URL, a picture as a `data:` URL, or a letter. */
  avatar: string;
  /** Why a configured picture is not shown. */
  avatarReason?: string | null;
  /** As it is configured. */
  avatarSource?: string | null;
  /** `remote`, `data`, `local` (a picture of the workspace), or `none`. */
  avatarStatus: string;
  emoji?: string | null;
  /** Name for people. */
  name: string;
  /** Where the name comes from: `config`, or `default` when nobody gave one. */
  nameSource: string;
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

export type AgentPolicy = {
  /** What may run without asking. */
  allowlist?: AllowlistEntry[];
  /** When people are asked. */
  ask?: Ask | null;
  /** What holds when somebody should be asked and nobody is there. */
  askFallback?: Security | null;
  /** Allow programs that skills name. */
  autoAllowSkills?: boolean | null;
  /** Tools of MCP servers that were allowed for good; kept for other implementations. */
  mcpTools?: McpToolGrant[];
  /** What may run. */
  security?: Security | null;
};

export type AgentReply = unknown;

export type AgentWaitParams = {
  /** Which run. */
  runId: RunId;
  /** Milliseconds; 30,000 when absent. */
  timeoutMs?: number | null;
};

export type AgentWaitReply = unknown;

export type AgentsCreateParams = {
  /** Its picture: a URL, or a path in its workspace. */
  avatar?: string | null;
  /** Its emoji. */
  emoji?: string | null;
  /** `provider/model`; the common one when absent. */
  model?: string | null;
  /** Its name. A name that is an id already, such as `mc-7f0c…`, is its id; else the id is made from it. */
  name: string;
  /** Its theme. */
  theme?: string | null;
  /** Folder it works in; `workspace-<id>` beside the common one when absent. */
  workspace?: string | null;
};

export type AgentsCreateReply = {
  /** Its id. */
  agentId: AgentId;
  /** Its model, when one was named. */
  model?: string | null;
  /** Its name, as it was sent. */
  name: string;
  ok: boolean;
  /** Its folder, which is there now. */
  workspace: string;
};

export type AgentsDeleteParams = {
  /** Its id. */
  agentId: AgentId;
  /** Whether its workspace is moved to the trash and its transcripts are removed; true when absent. */
  deleteFiles?: boolean | null;
};

export type AgentsDeleteReply = {
  /** Which agent. */
  agentId: AgentId;
  /** Folders that were left where they are, each with the reason. */
  failed: Left[];
  ok: boolean;
  /** Folders that were moved away. */
  removed: Removed[];
  /** Rules of `bindings` that led to it and are gone. */
  removedBindings: number;
};

export type AgentsFilesDeleteParams = {
  agentId: AgentId;
  /** `AGENTS.md`, `SOUL.md`, … */
  name: string;
};

export type AgentsFilesDeleteReply = {
  agentId: AgentId;
  /** Whether it was there. */
  deleted: boolean;
  file: File;
  ok: boolean;
  /** Its folder. */
  workspace: string;
};

export type AgentsFilesGetParams = {
  agentId: AgentId;
  /** `AGENTS.md`, `SOUL.md`, … */
  name: string;
};

export type AgentsFilesGetReply = {
  agentId: AgentId;
  file: File;
  /** Its folder. */
  workspace: string;
};

export type AgentsFilesListParams = {
  agentId: AgentId;
};

export type AgentsFilesListReply = {
  agentId: AgentId;
  /** Every file that it may have. */
  files: File[];
  /** Its folder. */
  workspace: string;
};

export type AgentsFilesSetParams = {
  agentId: AgentId;
  /** All of it, at most 512 KiB. */
  content: string;
  /** `AGENTS.md`, `SOUL.md`, … */
  name: string;
};

export type AgentsFilesSetReply = {
  agentId: AgentId;
  file: File;
  ok: boolean;
  /** Its folder. */
  workspace: string;
};

export type AgentsListParams = {
  /** Understood and not needed. */
  includeSystem?: unknown;
};

export type AgentsListReply = {
  /** The default one first. */
  agents: Agent[];
  /** The one that answers when none is named. */
  defaultId: AgentId;
  /** Name of an agent's main session. */
  mainKey: string;
  /** From version 4 on: nobody else owns this list. */
  ownership?: string | null;
  /** How conversations become sessions. */
  scope: string;
  /** From version 4 on: nobody has to choose before something can be said. */
  selectionRequired?: boolean | null;
};

export type AgentsTokenCreateParams = {
  /** An agent that is configured. */
  agentId: AgentId;
};

export type AgentsTokenCreateReply = {
  agentId: AgentId;
  createdAtMs: number;
  fingerprint: string;
  rotatedAtMs?: number | null;
  /** The token. It is kept as a hash, so nobody can show it again. */
  token: string;
};

export type AgentsTokenListParams = Record<string, never>;

export type AgentsTokenListReply = {
  /** By agent; those withdrawn too. Never a token itself. */
  tokens: Row[];
};

export type AgentsTokenRevokeParams = {
  /** An agent that has a token; it need not be configured any more. */
  agentId: AgentId;
};

export type AgentsTokenRevokeReply = {
  agentId: AgentId;
  /** When the agent got its first token. */
  createdAtMs: number;
  /** Names the token: the beginning of its hash. */
  fingerprint: string;
  /** When it was withdrawn. */
  revokedAtMs?: number | null;
  /** When this one took the place of another. */
  rotatedAtMs?: number | null;
  /** Whether it lets its holder in. */
  status: Status;
};

export type AgentsTokenRotateParams = {
  /** An agent that has a token. */
  agentId: AgentId;
};

export type AgentsTokenRotateReply = {
  agentId: AgentId;
  createdAtMs: number;
  fingerprint: string;
  rotatedAtMs?: number | null;
  /** The token. It is kept as a hash, so nobody can show it again. */
  token: string;
};

export type AgentsUpdateParams = {
  /** Which agent. */
  agentId: AgentId;
  /** Its picture: a URL, or a path in its workspace. */
  avatar?: string | null;
  /** Makes it the one that answers when no agent is named. */
  default?: boolean | null;
  /** Its emoji. */
  emoji?: string | null;
  /** Models that stand in for it, in order, each `provider/model`. */
  fallbacks?: string[] | null;
  /** `provider/model`; `null` for the common one. */
  model?: string | null;
  /** Its name for people. */
  name?: string | null;
  /** Its theme. */
  theme?: string | null;
  /** How much its model thinks: `off`, `minimal`, `low`, `medium`, `high`, `xhigh`, `adaptive`; `null` for the common level. */
  thinkingDefault?: string | null;
  /** Folder it works in; what is in the former one stays there. */
  workspace?: string | null;
};

export type AgentsUpdateReply = {
  /** Which agent. */
  agentId: AgentId;
  ok: boolean;
};

export type AgentsWorkspaceGetParams = {
  agentId: AgentId;
  /** In the workspace, with `/` between names. */
  path: string;
};

export type AgentsWorkspaceGetReply = {
  agentId: AgentId;
  file: Content;
};

export type AgentsWorkspaceListParams = {
  agentId: AgentId;
  /** Most entries, 1 to 1,000; 200 when absent. */
  limit?: number | null;
  /** Entries to pass over. */
  offset?: number;
  /** A folder in the workspace, with `/` between names; the workspace itself when absent. */
  path?: string | null;
};

export type AgentsWorkspaceListReply = {
  agentId: AgentId;
  /** Folders first, then files, by name. Links are left out. */
  entries: Shown[];
  /** Entries that were passed over. */
  offset: number;
  /** The folder above; absent for the workspace itself. */
  parentPath?: string | null;
  /** The folder, in the workspace; empty for the workspace itself. */
  path: string;
  /** Entries that there are, at most 10,000. */
  totalEntries: number;
};

export type Aggregates = {
  byAgent: ByAgent[];
  /** Channels are to come. */
  byChannel: [];
  byCreator: [];
  byModel: ByModel[];
  byProvider: ByProvider[];
  costDaily: DayFigures[];
  daily: Day[];
  dailyLatency: DayLatency[];
  messages: Messages;
  modelDaily: DayModel[];
  /** Sessions that used something, at most 1,000. */
  sessionCount: number;
  tools: SessionsUsageReplyTools;
};

export type AllowlistEntry = {
  /** A regular expression that its arguments, joined by spaces, must fit. */
  argPattern?: string | null;
  /** Of other implementations. */
  commandText?: string | null;
  /** Names the entry. */
  id?: string | null;
  /** Of other implementations. */
  lastResolvedPath?: string | null;
  /** Of other implementations. */
  lastUsedAt?: number | null;
  /** Of other implementations. */
  lastUsedCommand?: string | null;
  /** The program: a path with `*`, `?` and `**`, or a bare name for what was called by that name alone. */
  pattern: string;
  /** `allow-always` when another implementation made it. */
  source?: string | null;
};

export type Answer = {
  /** The step. */
  stepId: string;
  /** What is answered; without it, the step's `initialValue`. */
  value?: unknown;
};

export type AnswersShown = {
  /** By question. */
  answers: {
    [name: string]: string[];
  };
};

export type ApiKey = {
  /** Whether it has a key, or needs none. */
  configured: boolean;
  /** Whether it can be asked without a key. */
  required: boolean;
};

export type Approval = "approved" | "pending-approval" | "pending-reapproval" | "unapproved";

export type ApprovalGetParams = {
  id: string;
};

export type ApprovalGetReply = {
  approval: ApprovalSnapshot;
};

export type ApprovalHistoryParams = {
  /** Where the page begins: `nextCursor` of the page before. */
  cursor?: string | null;
  /** `exec`, `plugin` or `system-agent`; all when absent. */
  kind?: string | null;
  /** 1 to 100; 50 when absent. */
  limit?: number | null;
};

export type ApprovalHistoryReply = {
  /** Approvals that are over. */
  items: ApprovalSnapshot[];
  /** Where the next page begins. */
  nextCursor?: string | null;
};

export type ApprovalReplay = {
  /** Oldest first; all of them. */
  approvals: ApprovalSnapshot[];
  /** Canonical key. */
  sessionKey: SessionKey;
  /** `false`. */
  truncated: boolean;
  /** Now. */
  updatedAtMs: number;
};

export type ApprovalRequested = {
  /** `exec` or `plugin`. */
  approvalKind: string;
  /** When it was asked. */
  createdAtMs: number;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Its name. */
  id: string;
  /** What is asked. */
  request: Asked;
};

export type ApprovalResolveParams = {
  /** `allow-once`, `allow-always` or `deny`. */
  decision: string;
  /** With `allow-always`: days after which the permission ends; it holds until it is revoked when absent. */
  grantExpiresInDays?: number | null;
  /** Its name. */
  id: string;
  /** `exec` or `plugin`: what the caller takes it for. */
  kind: string;
  /** Understood and not needed. */
  reviewer?: unknown;
};

export type ApprovalResolveReply = {
  /** Whether this call decided. */
  applied: boolean;
  /** The approval. */
  approval: ApprovalSnapshot;
};

export type ApprovalSnapshot = {
  /** When it was asked. */
  createdAtMs: number;
  /** What was decided. */
  decision?: string | null;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Its name. */
  id: string;
  /** What it is about. */
  presentation: Presentation;
  /** Why it ended so: `user`, `timeout`, `no-route`, `run-aborted`. */
  reason?: string | null;
  /** When it ended. */
  resolvedAtMs?: number | null;
  /** Who decided. */
  resolver?: Resolver | null;
  /** Where it came from, once it ended. */
  source?: ApprovalSource | null;
  /** `pending`, `allowed`, `denied`, `expired` or `cancelled`. */
  status: string;
  /** Path of its page. */
  urlPath: string;
};

export type ApprovalSource = {
  /** For which agent. */
  agentId?: string | null;
  /** In which session. */
  sessionKey?: string | null;
};

export type Artifacts = {
  freedBytes: number;
  removedFiles: number;
};

export type ArtifactsDownloadParams = {
  [name: string]: unknown;
};

export type ArtifactsDownloadReply = null;

export type ArtifactsGetParams = {
  [name: string]: unknown;
};

export type ArtifactsGetReply = null;

export type ArtifactsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
  /** Understood and not needed. */
  runId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** Understood and not needed. */
  taskId?: unknown;
  /** Understood and not needed. */
  type?: unknown;
};

export type ArtifactsListReply = {
  artifacts: [];
};

export type Ask = "off" | "on-miss" | "always";

export type Asked = ExecAsked | PluginAsked;

export type AskedDelivery = {
  accountId?: unknown;
  bestEffort?: boolean | null;
  /** `last`, or a channel. */
  channel?: string | null;
  completionDestination?: unknown;
  failureDestination?: unknown;
  /** `none` or `announce`. */
  mode?: string | null;
  threadId?: unknown;
  /** Of channels, which are not available. */
  to?: unknown;
};

export type AskedPayload = {
  allowUnsafeExternalContent?: boolean | null;
  /** Of kinds that are not available. */
  argv?: unknown;
  cwd?: unknown;
  env?: unknown;
  /** Models that stand in for it; `null` takes them back. */
  fallbacks?: string[] | null;
  input?: unknown;
  /** `systemEvent` or `agentTurn`. */
  kind: string;
  lightContext?: boolean | null;
  /** `agentTurn`: what the agent is asked. */
  message?: string | null;
  /** `provider/model`; `null` takes it back. */
  model?: string | null;
  noOutputTimeoutSeconds?: unknown;
  outputMaxBytes?: unknown;
  script?: unknown;
  /** `systemEvent`: what the agent is told. */
  text?: string | null;
  /** Thinking level; `null` takes it back. */
  thinking?: string | null;
  /** Longest run; 0 is no bound of its own, `null` takes it back. */
  timeoutSeconds?: number | null;
  toolBudget?: unknown;
  /** Tools it may use at most; `null` takes them back. */
  toolsAllow?: string[] | null;
  toolsAllowIsDefault?: boolean | null;
};

export type AskedSchedule = {
  /** `every`: a moment from which the intervals are counted. Default: now. */
  anchorMs?: number | null;
  /** `at`: ISO 8601, or milliseconds since the epoch. */
  at?: string | number | null;
  batchMs?: unknown;
  /** Of kinds that are not available. */
  command?: unknown;
  cwd?: unknown;
  /** `every`: milliseconds, at least 1000. */
  everyMs?: number | null;
  /** `cron`: five or six fields. */
  expr?: string | null;
  /** `at`, `every` or `cron`. */
  kind: string;
  match?: unknown;
  maxBatchBytes?: unknown;
  mode?: unknown;
  /** `cron`: spreads jobs of one time over so many milliseconds. */
  staggerMs?: number | null;
  /** `cron`: IANA name of the zone. Default: the gateway's. */
  tz?: string | null;
};

export type AssistantMediaGetParams = {
  [name: string]: unknown;
};

export type AssistantMediaGetReply = null;

export type AttachGrantParams = {
  [name: string]: unknown;
};

export type AttachGrantReply = null;

export type AttachRevokeParams = {
  [name: string]: unknown;
};

export type AttachRevokeReply = null;

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
  status?: AuditActivityListParamsStatus | null;
};

export type AuditActivityListParamsStatus = "started" | "succeeded" | "failed" | "cancelled" | "timed_out" | "blocked" | "unknown";

export type AuditActivityListReply = {
  /** Newest first. */
  events: Entry[];
  /** Where to go on; none when everything was looked through. */
  nextCursor?: string | null;
};

export type AuditActivityListReplyStatus = "started" | "succeeded" | "failed" | "cancelled" | "timed_out" | "blocked" | "unknown";

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
  status?: AuditListParamsStatus | null;
};

export type AuditListParamsStatus = "started" | "succeeded" | "failed" | "cancelled" | "timed_out" | "blocked" | "unknown";

export type AuditListReply = {
  /** Newest first. */
  events: AuditListReplyEntry[];
  /** Where to go on; none when everything was looked through. */
  nextCursor?: string | null;
};

export type AuditListReplyEntry = {
  action: string;
  actor: Actor;
  agentId: AgentId;
  errorCode?: string | null;
  eventId: string;
  /** What kind of record this is, and the version of its shape; in `audit.activity.list` alone. */
  eventType?: string | null;
  kind: string;
  occurredAt: number;
  /** The trail holds no text of conversations. */
  redaction: string;
  runId: string;
  schemaVersion?: number | null;
  /** Its number in the audit trail. */
  sequence: number;
  sessionKey: SessionKey;
  sourceSequence: number;
  status: AuditListReplyStatus;
};

export type AuditListReplyStatus = "started" | "succeeded" | "failed" | "cancelled" | "timed_out" | "blocked" | "unknown";

export type AuditRecordsListParams = {
  /** Only by whoever is called so. */
  actor?: string | null;
  /** Only from this time on, milliseconds since the epoch. */
  after?: number | null;
  /** Only before this time, milliseconds since the epoch. */
  before?: number | null;
  /** `nextCursor` of the answer before. */
  cursor?: string | null;
  /** Names of events: a record's (`device.approved`), a family (`device.*`), or a word of specification 004 (`authentication`). At most 32; empty means all. */
  events?: string[];
  /** Records, 1 to 500; 100 when absent. */
  limit?: number | null;
  /** Only with this outcome, such as `ok`, `denied` or `error`. */
  outcome?: string | null;
  /** Only of this severity: `info`, `warn`, `error` or `critical`. */
  severity?: Severity | null;
};

export type AuditRecordsListReply = {
  /** Whether the trail is as it was written. */
  chain: AuditRecordsListReplyShown;
  /** Where to go on; none when everything was looked through. A page may be empty and have one. */
  nextCursor?: string | null;
  /** Newest first. */
  records: AuditRecordsListReplyRow[];
};

export type AuditRecordsListReplyRow = {
  actor: string;
  detail?: unknown;
  event: string;
  /** Its own. */
  hash: string;
  ip?: string | null;
  method?: string | null;
  outcome: string;
  /** Hash of the record before. */
  prevHash: string;
  reason?: string | null;
  /** Its number. */
  seq: number;
  severity: string;
  target?: string | null;
  /** Milliseconds since the epoch. */
  ts: number;
};

export type AuditRecordsListReplyShown = {
  /** When the whole trail was last looked at, milliseconds since the epoch. */
  at?: number | null;
  /** The first record that is not as it was written. */
  firstBad?: number | null;
  /** When that was found, milliseconds since the epoch. */
  since?: number | null;
  state: Standing;
  /** The newest record that is proved. */
  verified: number;
  /** What is wrong with it. */
  why?: string | null;
};

export type AuditRunInspectParams = {
  [name: string]: unknown;
};

export type AuditRunInspectReply = null;

export type Blocker = {
  count: number;
  kind: string;
  message: string;
};

export type BoardActionParams = {
  [name: string]: unknown;
};

export type BoardActionReply = null;

export type BoardDataReadParams = {
  [name: string]: unknown;
};

export type BoardDataReadReply = null;

export type BoardEventParams = {
  [name: string]: unknown;
};

export type BoardEventReply = null;

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

export type BoardPromptAuthorizeParams = {
  [name: string]: unknown;
};

export type BoardPromptAuthorizeReply = null;

export type BoardUpdateParams = {
  [name: string]: unknown;
};

export type BoardUpdateReply = null;

export type BoardWidgetAppViewParams = {
  [name: string]: unknown;
};

export type BoardWidgetAppViewReply = null;

export type BoardWidgetGrantParams = {
  [name: string]: unknown;
};

export type BoardWidgetGrantReply = null;

export type BoardWidgetPutParams = {
  [name: string]: unknown;
};

export type BoardWidgetPutReply = null;

export type Branch = {
  /** It is the one that goes on. */
  active: boolean;
  /** What was said last. */
  headline: string;
  /** Its last line. */
  leafEntryId: string;
  messageCount: number;
  /** When, RFC 3339. */
  updatedAt: string;
};

export type BrowserRequestParams = {
  [name: string]: unknown;
};

export type BrowserRequestReply = null;

export type ByAgent = {
  agentId: string;
  totals: Figures;
};

export type ByModel = {
  /** Turns. */
  count: number;
  model: string;
  provider: string;
  totals: Figures;
};

export type ByProvider = {
  /** Turns. */
  count: number;
  provider: string;
  totals: Figures;
};

export type Changed = {
  /** What stands there then; absent when nothing does. */
  after?: unknown;
  /** What stands there before; absent when nothing does. */
  before?: unknown;
  /** Where. */
  path: string;
  /** What becomes of it. */
  state: Fate;
};

export type ChannelsLogoutParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `webhook`. */
  channel: string;
};

export type ChannelsLogoutReply = {
  channel: string;
};

export type ChannelsPairingApproveParams = {
  [name: string]: unknown;
};

export type ChannelsPairingApproveReply = null;

export type ChannelsPairingDismissParams = {
  [name: string]: unknown;
};

export type ChannelsPairingDismissReply = null;

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
  /** The channel, such as `webhook`. */
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
  /** The channel, such as `webhook`. */
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

export type ChatMessageGetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Longest text, 1 to 2,000,000 characters. */
  maxChars?: number | null;
  /** `__openclaw.id` of `chat.history`. */
  messageId: string;
  sessionKey: SessionKey;
};

export type ChatMessageGetReply = {
  /** As `chat.history` shows it. */
  message?: unknown;
  /** Whether it is there. */
  ok: boolean;
  /** `not_found`. */
  unavailableReason?: string | null;
};

export type ChatMetadataParams = {
  /** Whose default model is marked; the default agent's when absent. */
  agentId?: AgentId | null;
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

export type ChatToolTitlesParams = {
  [name: string]: unknown;
};

export type ChatToolTitlesReply = null;

export type Check = {
  path: string;
  satisfied: boolean;
};

export type Checkpoint = {
  checkpointId: string;
  /** When, milliseconds since the epoch. */
  createdAt: number;
  postCompaction: Place;
  preCompaction: Place;
  /** Somebody asked for it. */
  reason: string;
  /** Identifier that the transcript had. */
  sessionId: string;
  sessionKey: SessionKey;
  /** How many lines were set aside. */
  summary: string;
};

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

export type Choice = {
  bins: string[];
  id: string;
  kind: string;
  label: string;
};

export type Columns = {
  /** Ends of the times, milliseconds since the epoch, rising. Where two are further apart than a step, nobody measured. */
  at: number[];
  /** Connections, the most that were there. */
  connections: number[];
  /** US dollars, where prices are known. */
  cost: number[];
  /** Those among them that were refused or failed. */
  errors: number[];
  /** Events that were written to connections. */
  events: number[];
  /** How late the gateway's own alarm rang, milliseconds: more than a few say that it has too much to do. */
  lagMs: number[];
  /** Memory of the process; `null` where the system does not tell. */
  memoryBytes: (number | null)[];
  /** Milliseconds within which half of the answers came; `null` when there was none. Answers that wait for people, machines or runs on purpose do not count. */
  p50Ms: (number | null)[];
  /** Milliseconds within which 99 of 100 came. */
  p99Ms: (number | null)[];
  /** Requests that were answered, over sockets and HTTP. */
  requests: number[];
  /** Runs that ended. */
  runs: number[];
  /** Runs at work, the most that were. */
  runsActive: number[];
  /** How long each is, milliseconds. */
  spanMs: number[];
  /** Tokens that models read. */
  tokensRead: number[];
  /** Tokens that models wrote. */
  tokensWritten: number[];
};

export type CommandAnalysis = {
  /** Commands side by side. */
  commandCount: number;
  /** Commands inside others. */
  nestedCommandCount: number;
  /** `inline-eval`, `shell-wrapper`, `command-carrier`, `privilege`, `destructive`, `unparsed`, `hidden-characters`. */
  riskKinds: string[];
  /** For people. */
  warningLines: string[];
};

export type CommandsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  includeArgs?: unknown;
  /** Understood and not needed. */
  provider?: unknown;
  /** Only those that are written as text, only those that a client offers by itself, or `both`. */
  scope?: Where | null;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type CommandsListReply = {
  /** As composers offer them. */
  commands: unknown;
};

export type CompactRow = {
  agentId?: AgentId | null;
  displayName?: string | null;
  effectiveAgentId: AgentId;
  enabled: boolean;
  id: string;
  lastRunAt: string | null;
  lastRunAtMs?: number | null;
  lastRunStatus?: string | null;
  name: string;
  nextRunAt: string | null;
  nextRunAtMs?: number | null;
  schedule: Schedule;
  scheduleKind: string;
  updatedAtMs: number;
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

export type ConfigGetReplyShown = {
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

export type ConfigOpenFileParams = {
  [name: string]: unknown;
};

export type ConfigOpenFileReply = null;

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

export type Content = {
  content: string;
  /** `utf8` or `base64`. */
  encoding: string;
  /** As its name says. */
  mimeType: string;
  name: string;
  /** In the workspace. */
  path: string;
  /** Bytes. */
  size: number;
  /** When it was last written, milliseconds since the epoch. */
  updatedAtMs: number;
};

export type ControlUiGithubPreviewParams = {
  [name: string]: unknown;
};

export type ControlUiGithubPreviewReply = null;

export type ControlUiSessionPreviewParams = {
  [name: string]: unknown;
};

export type ControlUiSessionPreviewReply = null;

export type ControlUiSessionPullRequestsSubscribeParams = {
  /** Understood and not needed. */
  sessionKeys?: unknown;
};

export type ControlUiSessionPullRequestsSubscribeReply = {
  subscribed: boolean;
};

export type ConversationsListParams = {
  [name: string]: unknown;
};

export type ConversationsListReply = null;

export type ConversationsSendParams = {
  [name: string]: unknown;
};

export type ConversationsSendReply = null;

export type ConversationsTurnCancelParams = {
  [name: string]: unknown;
};

export type ConversationsTurnCancelReply = null;

export type ConversationsTurnParams = {
  [name: string]: unknown;
};

export type ConversationsTurnReply = null;

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

export type Created = {
  response: CreatedResponse;
};

export type CreatedResponse = {
  attestationObject: string;
  clientDataJSON: string;
  transports?: string[];
};

export type CronAddParams = {
  /** Whose work it is. Default: the default agent's. */
  agentId?: AgentId | null;
  /** Not available. */
  declarationKey?: string | null;
  /** Whether it goes once it has run well. Default: for jobs that come once. */
  deleteAfterRun?: boolean | null;
  /** Where the result goes. Default: announced for agent turns. */
  delivery?: AskedDelivery | null;
  /** For people. */
  description?: string | null;
  /** What lists show instead of the name. */
  displayName?: string | null;
  /** Whether it runs by itself. Default true. */
  enabled?: boolean | null;
  /** Not available, but for `false`. */
  failureAlert?: unknown;
  /** Name for people, at most 200 bytes. */
  name: string;
  /** Understood and not needed. */
  owner?: unknown;
  /** Not available. */
  pacing?: unknown;
  /** What it does. */
  payload: AskedPayload;
  /** When it is due. */
  schedule: AskedSchedule;
  /** Conversation that is told instead of the agent's main one, and that `current` means. */
  sessionKey?: SessionKey | null;
  /** `main`, `isolated`, `current` or `session:<key>`. Default: as the payload needs. */
  sessionTarget?: string | null;
  /** Not available. */
  trigger?: unknown;
  /** `now` or `next-heartbeat`. Default `now`. */
  wakeMode?: string | null;
};

export type CronAddReply = {
  agentId?: AgentId | null;
  /** Changes with what the job is, not with what comes of it. */
  configRevision: string;
  createdAtMs: number;
  deleteAfterRun?: boolean | null;
  delivery?: Delivery | null;
  /** What becomes of a result; only in the answer to `cron.add`. */
  deliveryPreview?: Preview | null;
  description?: string | null;
  displayName?: string | null;
  /** The agent that does it; only in lists. */
  effectiveAgentId?: AgentId | null;
  enabled: boolean;
  id: string;
  lastDeliveryStatus?: DeliveryStatus | null;
  lastRunAtMs?: number | null;
  lastRunError?: string | null;
  lastRunStatus?: string | null;
  name: string;
  nextRunAtMs?: number | null;
  payload: Payload;
  schedule: Schedule;
  sessionKey?: SessionKey | null;
  /** `main`, `isolated` or `session:<key>`. */
  sessionTarget: string;
  state: StateRow;
  updatedAtMs: number;
  wakeMode: Wake;
};

export type CronGetParams = {
  /** Which job. */
  id?: string | null;
  /** The same. */
  jobId?: string | null;
};

export type CronGetReply = {
  agentId?: AgentId | null;
  /** Changes with what the job is, not with what comes of it. */
  configRevision: string;
  createdAtMs: number;
  deleteAfterRun?: boolean | null;
  delivery?: Delivery | null;
  /** What becomes of a result; only in the answer to `cron.add`. */
  deliveryPreview?: Preview | null;
  description?: string | null;
  displayName?: string | null;
  /** The agent that does it; only in lists. */
  effectiveAgentId?: AgentId | null;
  enabled: boolean;
  id: string;
  lastDeliveryStatus?: DeliveryStatus | null;
  lastRunAtMs?: number | null;
  lastRunError?: string | null;
  lastRunStatus?: string | null;
  name: string;
  nextRunAtMs?: number | null;
  payload: Payload;
  schedule: Schedule;
  sessionKey?: SessionKey | null;
  /** `main`, `isolated` or `session:<key>`. */
  sessionTarget: string;
  state: StateRow;
  updatedAtMs: number;
  wakeMode: Wake;
};

export type CronListParams = {
  /** Only this agent's. */
  agentId?: AgentId | null;
  /** Short rows. */
  compact?: boolean | null;
  /** `all`, `enabled` or `disabled`. */
  enabled?: string | null;
  /** What becomes of the results. Default true for full rows. */
  includeDeliveryPreviews?: boolean | null;
  /** Also those that do not run by themselves. Default false. */
  includeDisabled?: boolean | null;
  /** `all`, `ok`, `error`, `skipped` or `unknown`. */
  lastRunStatus?: string | null;
  /** Most jobs on the page, 1 to 200. */
  limit?: number | null;
  /** How many to pass over. */
  offset?: number | null;
  /** With this text in name or description. */
  query?: string | null;
  /** `all`, `at`, `every` or `cron`. */
  scheduleKind?: string | null;
  /** `nextRunAtMs`, `updatedAtMs` or `name`. */
  sortBy?: string | null;
  /** `asc` or `desc`. */
  sortDir?: string | null;
  /** `all`, `conditional` or `unconditional`; no job has a condition. */
  trigger?: string | null;
};

export type CronListReply = {
  deliveryPreviews?: {
    [name: string]: Preview;
  } | null;
  hasMore?: boolean;
  jobs: Jobs;
  limit?: number;
  nextOffset?: number | null;
  offset?: number;
  /** Changes with the jobs on the page. */
  snapshotRevision?: string;
  total?: number;
};

export type CronRemoveParams = {
  /** Which job. */
  id?: string | null;
  /** The same. */
  jobId?: string | null;
};

export type CronRemoveReply = {
  ok: boolean;
  /** Whether there was one. */
  removed: boolean;
};

export type CronRunParams = {
  /** Refuse when the gateway has started again since it gave this word. */
  expectedProcessInstanceId?: string | null;
  /** Which job. */
  id?: string | null;
  /** The same. */
  jobId?: string | null;
  /** `force` (the default), `due` for only when it is due, `if-enabled` for only when it runs by itself. */
  mode?: string | null;
};

export type CronRunReply = {
  /** Whether it will run; absent when it will not. */
  enqueued?: boolean | null;
  ok: boolean;
  /** Names this start of the gateway. */
  processInstanceId?: string | null;
  /** In dialect 3 whether it has run; else false when it will not. */
  ran?: boolean | null;
  /** Why it will not: `not-due`, `already-running` or `disabled`. */
  reason?: string | null;
  /** Names the run for `cron.runs`. */
  runId?: string | null;
};

export type CronRunsParams = {
  /** Only this agent's. */
  agentId?: AgentId | null;
  /** `delivered`, `not-delivered`, `unknown` or `not-requested`. */
  deliveryStatus?: string | null;
  /** Several of them. */
  deliveryStatuses?: string[] | null;
  /** Of this job. */
  id?: string | null;
  /** The same. */
  jobId?: string | null;
  /** Most runs on the page, 1 to 200. Default 50. */
  limit?: number | null;
  /** How many to pass over. */
  offset?: number | null;
  /** With this text in summary, error or name. */
  query?: string | null;
  /** Only this run. */
  runId?: string | null;
  /** `job`, or `all` for every job's. Default: `job` when one is named. */
  scope?: string | null;
  /** `desc` (newest first) or `asc`. */
  sortDir?: string | null;
  /** `all`, `ok`, `error` or `skipped`. */
  status?: string | null;
  /** Several of them. */
  statuses?: string[] | null;
};

export type CronRunsReply = {
  entries: RunRow[];
  hasMore?: boolean;
  limit?: number;
  nextOffset?: number | null;
  offset?: number;
  total?: number;
};

export type CronScratchGetParams = {
  [name: string]: unknown;
};

export type CronScratchGetReply = null;

export type CronScratchSetParams = {
  [name: string]: unknown;
};

export type CronScratchSetReply = null;

export type CronStatusParams = Record<string, never>;

export type CronStatusReply = {
  /** Whether jobs run by themselves. */
  enabled: boolean;
  /** How many jobs there are. */
  jobs: number;
  /** When the first is due. */
  nextWakeAtMs: number | null;
  sqlitePath: string;
  storage: string;
  storePath: string;
  /** The zone of expressions that name none. */
  timezone: string;
  /** Whether programs may start jobs: never. */
  triggersEnabled: boolean;
};

export type CronUpdateParams = {
  /** Refuse when the job's `configRevision` is another one. */
  expectedConfigRevision?: string | null;
  /** Which job. */
  id?: string | null;
  /** The same. */
  jobId?: string | null;
  /** What to change: absent leaves, `null` clears. */
  patch: Patch;
};

export type CronUpdateReply = {
  agentId?: AgentId | null;
  /** Changes with what the job is, not with what comes of it. */
  configRevision: string;
  createdAtMs: number;
  deleteAfterRun?: boolean | null;
  delivery?: Delivery | null;
  /** What becomes of a result; only in the answer to `cron.add`. */
  deliveryPreview?: Preview | null;
  description?: string | null;
  displayName?: string | null;
  /** The agent that does it; only in lists. */
  effectiveAgentId?: AgentId | null;
  enabled: boolean;
  id: string;
  lastDeliveryStatus?: DeliveryStatus | null;
  lastRunAtMs?: number | null;
  lastRunError?: string | null;
  lastRunStatus?: string | null;
  name: string;
  nextRunAtMs?: number | null;
  payload: Payload;
  schedule: Schedule;
  sessionKey?: SessionKey | null;
  /** `main`, `isolated` or `session:<key>`. */
  sessionTarget: string;
  state: StateRow;
  updatedAtMs: number;
  wakeMode: Wake;
};

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

export type Day = {
  cost: number;
  date: string;
  errors: number;
  messages: number;
  tokens: number;
  toolCalls: number;
};

export type DayCost = {
  cost: number;
  date: string;
  tokens: number;
};

export type DayFigures = {
  cacheRead: number;
  cacheReadCost: number;
  cacheWrite: number;
  cacheWriteCost: number;
  /** `YYYY-MM-DD`. */
  date: string;
  /** Tokens sent, without those read from or written to a cache. */
  input: number;
  inputCost: number;
  /** Turns of models without a known price. */
  missingCostEntries: number;
  /** Tokens produced. */
  output: number;
  outputCost: number;
  /** US dollars. */
  totalCost: number;
  totalTokens: number;
};

export type DayLatency = {
  avgMs: number;
  /** Turns. */
  count: number;
  date: string;
  maxMs: number;
  minMs: number;
  p95Ms?: number | null;
};

export type DayMessages = {
  assistant: number;
  date: string;
  /** Turns that ended with an error. */
  errors: number;
  toolCalls: number;
  toolResults: number;
  total: number;
  user: number;
};

export type DayModel = {
  cost: number;
  /** Turns. */
  count: number;
  date: string;
  model: string;
  provider: string;
  tokens: number;
};

export type DecisionWord = "allow-once" | "allow-always" | "deny";

export type Defaults = {
  /** When people are asked. */
  ask?: Ask | null;
  /** What holds when somebody should be asked and nobody is there. */
  askFallback?: Security | null;
  /** Allow programs that skills name. */
  autoAllowSkills?: boolean | null;
  /** What may run. */
  security?: Security | null;
};

export type Delivery = {
  /** Whether the job counts as well done when the result could not be told. */
  bestEffort?: boolean | null;
  /** `last`, or absent. */
  channel?: string | null;
  /** How. */
  mode: DeliveryMode;
};

export type DeliveryMode = "none" | "announce";

export type DeliveryStatus = "delivered" | "not-delivered" | "unknown" | "not-requested";

export type DesktopLaunchParams = {
  [name: string]: unknown;
};

export type DesktopLaunchReply = null;

export type DesktopObserveParams = {
  [name: string]: unknown;
};

export type DesktopObserveReply = null;

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

export type DevicePairSetupCodeParams = {
  /** `limited` or `node`. */
  bootstrapProfile?: Profile | null;
  /** How long it works, in milliseconds, from a minute to an hour. Default ten minutes. */
  expiresInMs?: number | null;
  /** Whether the reply holds the code as a picture. Default true. */
  includeQr?: boolean | null;
  /** A join link, which this gateway does not make. */
  joinUrl?: boolean | null;
  /** What the device is to be called. */
  label?: string | null;
  /** Rather `gateway.remote.url` or what Tailscale publishes than the gateway's own address. */
  preferRemoteUrl?: boolean;
  /** Address under which the device reaches the gateway. Otherwise the gateway's own. */
  publicUrl?: string | null;
  /** Roles, beside `scopes`. Default `operator`. */
  roles?: Role[] | null;
  /** Scopes as an operator, at most the caller's, instead of those of a profile. */
  scopes?: Scope[] | null;
};

export type DevicePairSetupCodeReply = {
  /** `full`, `limited` or `node`. */
  access: string;
  /** That it is limited because others could listen on the way. */
  accessDowngraded?: boolean | null;
  /** What lets in others, `token` or `password`; never in the code. */
  auth: string;
  /** When it ends. */
  expiresAtMs: number;
  /** Where the device connects to. */
  gatewayUrl: string;
  /** The same as a picture. */
  qrDataUrl?: string | null;
  /** What the device is given: an address and a token that works once. */
  setupCode: string;
  /** Names the code in `device.pair.setupStatus` and `device.pair.setupRevoke`. */
  setupId: string;
  /** What names the address. */
  urlSource: string;
};

export type DevicePairSetupCompleted = {
  /** `full`, `limited` or `node`. */
  access: string;
  /** Which device. */
  deviceId: string;
  /** What it is called. */
  deviceName?: string | null;
  /** Names the code; nothing of it can be told from that. */
  setupId: string;
  /** When. */
  ts: number;
};

export type DevicePairSetupListParams = Record<string, never>;

export type DevicePairSetupListReply = {
  /** The oldest first; those that are over, for an hour. */
  codes: DevicePairSetupListReplyRow[];
};

export type DevicePairSetupListReplyRow = {
  createdAtMs: number;
  /** The device that came in by it. */
  deviceId?: string | null;
  expiresAtMs: number;
  /** Beginning of its hash. */
  fingerprint: string;
  /** Who made it. */
  issuedBy: string;
  label?: string | null;
  roles: Role[];
  scopes: Scopes;
  setupId: string;
  /** `open`, `used` or `expired`. */
  status: string;
};

export type DevicePairSetupRevokeParams = {
  setupId: string;
};

export type DevicePairSetupRevokeReply = unknown;

export type DevicePairSetupStatusParams = {
  setupId: string;
};

export type DevicePairSetupStatusReply = {
  /** The device that came in by it; absent while nobody did, and once that is forgotten. */
  completion?: DevicePairSetupCompleted | null;
};

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

export type DiagnosticsStabilityParams = {
  [name: string]: unknown;
};

export type DiagnosticsStabilityReply = null;

export type Differs = {
  /** What is there then; absent when nothing is. */
  after?: unknown;
  /** What was there; absent when nothing was. A secret is replaced by a marker. */
  before?: unknown;
  /** Where, as it is written. */
  path: string;
};

export type DoctorMemoryBackfillDreamDiaryParams = {
  [name: string]: unknown;
};

export type DoctorMemoryBackfillDreamDiaryReply = null;

export type DoctorMemoryDedupeDreamDiaryParams = {
  [name: string]: unknown;
};

export type DoctorMemoryDedupeDreamDiaryReply = null;

export type DoctorMemoryDreamDiaryParams = {
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  cursor?: unknown;
  /** Understood and not needed. */
  limit?: unknown;
};

export type DoctorMemoryDreamDiaryReply = {
  agentId: AgentId;
  found: boolean;
};

export type DoctorMemoryRepairDreamingArtifactsParams = {
  [name: string]: unknown;
};

export type DoctorMemoryRepairDreamingArtifactsReply = null;

export type DoctorMemoryResetDreamDiaryParams = {
  [name: string]: unknown;
};

export type DoctorMemoryResetDreamDiaryReply = null;

export type DoctorMemoryResetGroundedShortTermParams = {
  [name: string]: unknown;
};

export type DoctorMemoryResetGroundedShortTermReply = null;

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

export type Encoding = "text" | "base64";

export type Entry = {
  action: string;
  actor: Actor;
  agentId: AgentId;
  errorCode?: string | null;
  eventId: string;
  /** What kind of record this is, and the version of its shape; in `audit.activity.list` alone. */
  eventType?: string | null;
  kind: string;
  occurredAt: number;
  /** The trail holds no text of conversations. */
  redaction: string;
  runId: string;
  schemaVersion?: number | null;
  /** Its number in the audit trail. */
  sequence: number;
  sessionKey: SessionKey;
  sourceSequence: number;
  status: AuditActivityListReplyStatus;
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

export type EnvironmentsCreateParams = {
  [name: string]: unknown;
};

export type EnvironmentsCreateReply = null;

export type EnvironmentsDestroyParams = {
  [name: string]: unknown;
};

export type EnvironmentsDestroyReply = null;

export type EnvironmentsListParams = {
  /** Understood and not needed. */
  projection?: unknown;
};

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

export type ExecApprovalGetParams = {
  id: string;
};

export type ExecApprovalGetReply = {
  /** For which agent. */
  agentId: string | null;
  /** What may be answered. */
  allowedDecisions: string[];
  /** Its beginning, when it is long. */
  commandPreview: string | null;
  /** The command line, with everything hidden shown. */
  commandText: string;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Where it would run. */
  host: string | null;
  /** Name of the approval. */
  id: string;
  /** On which node. */
  nodeId: string | null;
};

export type ExecApprovalGrantsListParams = {
  /** 1 to 500; 500 when absent. */
  limit?: number | null;
};

export type ExecApprovalGrantsListReply = {
  grants: ExecApprovalGrantsListReplyShown[];
};

export type ExecApprovalGrantsListReplyShown = {
  /** For which agent; `*` when none was named. */
  agentId: string;
  /** The command. */
  command: string;
  /** When it was given. */
  createdAtMs: number;
  /** The scheduled job that asked; `none` when it was no job. */
  cronJobId: string;
  /** Name of that job. */
  cronJobName: string | null;
  /** The folder. */
  cwd: string | null;
  /** From when on it holds no more. */
  expiresAtMs: number | null;
  /** Its name. */
  grantId: string;
  /** When it was last used. */
  lastUsedAtMs: number | null;
  /** The approval that it came from. */
  mintedByApprovalId: string;
  /** When it was taken back. */
  revokedAtMs: number | null;
  /** By whom. */
  revokedBy: string | null;
  /** How often. */
  useCount: number;
};

export type ExecApprovalGrantsRevokeParams = {
  grantId: string;
};

export type ExecApprovalGrantsRevokeReply = {
  /** `revoked`, `already-revoked` or `not-found`. */
  outcome: string;
};

export type ExecApprovalListParams = Record<string, never>;

export type ExecApprovalListReply = ApprovalRequested[];

export type ExecApprovalRequestParams = {
  /** For which agent; the session's when absent. */
  agentId?: AgentId | null;
  /** Devices that are asked and may answer; everybody who may when absent. */
  approvalReviewerDeviceIds?: string[] | null;
  /** When the asker's policy asks. */
  ask?: Ask | null;
  /** The command line. */
  command?: string | null;
  /** Its words; they and `command` must be the same. */
  commandArgv?: string[] | null;
  /** Understood and not needed. */
  commandSpans?: unknown;
  /** The folder. */
  cwd?: string | null;
  /** Understood and not needed. */
  deliverToApprovalClientsOnly?: unknown;
  /** Variables that it gets besides. Their values are neither kept nor shown. */
  env?: {
    [name: string]: string;
  } | null;
  /** Where: `gateway`, `node`, `sandbox`. */
  host?: string | null;
  /** Name of the approval; made when absent. */
  id?: string | null;
  /** On which node. */
  nodeId?: string | null;
  /** `false` waits even when nobody is connected who could answer. */
  requireDeliveryRoute?: boolean | null;
  /** The program. */
  resolvedPath?: string | null;
  /** In which run. */
  runId?: RunId | null;
  /** Understood and not needed. */
  scope?: unknown;
  /** What the asker's policy lets run: it can only be stricter than the gateway's. */
  security?: Security | null;
  /** Transcript of the session. */
  sessionId?: string | null;
  /** In which session. */
  sessionKey?: SessionKey | null;
  /** `true` tells nobody of it: it waits, and whoever looks for it finds it. */
  suppressDelivery?: boolean;
  /** What a node would run; it counts instead of what is said beside it. */
  systemRunPlan?: SystemRunPlan | null;
  /** Milliseconds that people have; 120,000 when absent, 1,800,000 in dialect 4, a day at most. */
  timeoutMs?: number | null;
  /** Call of a tool. */
  toolCallId?: string | null;
  /** Understood and not needed. */
  turnSourceAccountId?: unknown;
  /** Understood and not needed. */
  turnSourceChannel?: unknown;
  /** Understood and not needed. */
  turnSourceThreadId?: unknown;
  /** Understood and not needed. */
  turnSourceTo?: unknown;
  /** Answer at once that people are asked, and again with what they decided. */
  twoPhase?: boolean;
  /** `allow-always` when people may not allow it for good. */
  unavailableDecisions?: Unavailable[] | null;
  /** A warning for people. */
  warningText?: string | null;
};

export type ExecApprovalRequestReply = {
  /** When it was asked. */
  createdAtMs: number;
  /** `allow-once`, `allow-always` or `deny`; `null` when nobody decided. */
  decision: string | null;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Name of the approval. */
  id: string;
  /** Why nobody was asked. */
  message?: string | null;
  /** `user`, `timeout`, `no-route` or `run-aborted`; `policy` when nobody was asked. */
  terminalReason: string;
};

export type ExecApprovalResolveParams = {
  /** `allow-once`, `allow-always` or `deny`. */
  decision: string;
  /** With `allow-always`: days after which the permission ends; it holds until it is revoked when absent. */
  grantExpiresInDays?: number | null;
  /** Its name. */
  id: string;
  /** Understood and not needed. */
  reviewer?: unknown;
};

export type ExecApprovalResolveReply = {
  ok: boolean;
};

export type ExecApprovalWaitDecisionParams = {
  id: string;
};

export type ExecApprovalWaitDecisionReply = {
  /** When it was asked. */
  createdAtMs: number;
  /** `allow-once`, `allow-always` or `deny`; `null` when nobody decided. */
  decision: string | null;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Name of the approval. */
  id: string;
  /** Why nobody was asked. */
  message?: string | null;
  /** `user`, `timeout`, `no-route` or `run-aborted`; `policy` when nobody was asked. */
  terminalReason: string;
};

export type ExecApprovalsGetParams = Record<string, never>;

export type ExecApprovalsGetReply = {
  /** Whether there is one. */
  exists: boolean;
  /** What it says, without the secret of its socket. */
  file: Policy;
  /** Names this state of it, for the `baseHash` of `exec.approvals.set`. */
  hash: string;
  /** Where it is. */
  path: string;
  /** What holds where it says nothing; in dialect 4. */
  resolvedDefaults?: ResolvedDefaults | null;
};

export type ExecApprovalsNodeGetParams = {
  nodeId: NodeId;
};

export type ExecApprovalsNodeGetReply = unknown;

export type ExecApprovalsNodeSetParams = {
  /** `hash` of the policy that this one replaces. */
  baseHash?: string | null;
  /** The whole policy; the node checks it. */
  file: {
    [name: string]: unknown;
  };
  nodeId: NodeId;
};

export type ExecApprovalsNodeSetReply = unknown;

export type ExecApprovalsSetParams = {
  /** `hash` of `exec.approvals.get`; needed unless there is no file yet. */
  baseHash?: string | null;
  /** What it shall say. */
  file: ExecApprovalsSetParamsPolicy;
};

export type ExecApprovalsSetParamsPolicy = {
  /** By agent; `*` is every agent. */
  agents?: {
    [name: string]: AgentPolicy;
  };
  /** What holds for every agent that says nothing else. */
  defaults?: Defaults;
  /** A socket of other implementations; kept, not used. */
  socket?: SocketPlace | null;
  /** Always 1. */
  version: number;
};

export type ExecApprovalsSetReply = {
  /** Whether there is one. */
  exists: boolean;
  /** What it says, without the secret of its socket. */
  file: Policy;
  /** Names this state of it, for the `baseHash` of `exec.approvals.set`. */
  hash: string;
  /** Where it is. */
  path: string;
  /** What holds where it says nothing; in dialect 4. */
  resolvedDefaults?: ResolvedDefaults | null;
};

export type ExecAsked = {
  /** For which agent. */
  agentId: string | null;
  /** What may be answered. */
  allowedDecisions: string[];
  /** When the asker's policy asks. */
  ask: string | null;
  /** The command line. */
  command: string;
  /** What is known about the command. */
  commandAnalysis: CommandAnalysis;
  /** Its words, when they are known. */
  commandArgv?: string[] | null;
  /** The folder it would run in. */
  cwd: string | null;
  /** Names of the variables that it gets besides. */
  envKeys?: string[];
  /** Where: `gateway`, `node`, `sandbox`. */
  host: string | null;
  /** On which node. */
  nodeId: string | null;
  /** The program that would run. */
  resolvedPath: string | null;
  /** In which run. */
  runId: string | null;
  /** What the asker's policy lets run. */
  security: string | null;
  /** Transcript of the session. */
  sessionId: string | null;
  /** In which session. */
  sessionKey: string | null;
  /** Call of a tool that asks. */
  toolCallId: string | null;
  /** A warning of the asker. */
  warningText: string | null;
};

export type Fate = "changed" | "already" | "left";

export type Figures = {
  cacheRead: number;
  cacheReadCost: number;
  cacheWrite: number;
  cacheWriteCost: number;
  /** Tokens sent, without those read from or written to a cache. */
  input: number;
  inputCost: number;
  /** Turns of models without a known price. */
  missingCostEntries: number;
  /** Tokens produced. */
  output: number;
  outputCost: number;
  /** US dollars. */
  totalCost: number;
  totalTokens: number;
};

export type File = {
  /** What it says. */
  content?: string | null;
  /** Whether it is not there. */
  missing: boolean;
  /** Its name. */
  name: string;
  /** Where it is. */
  path: string;
  /** Bytes. */
  size?: number | null;
  /** When it was last written, milliseconds since the epoch. */
  updatedAtMs?: number | null;
};

export type Finding = {
  /** Names the check. */
  checkId: string;
  /** Where, and what follows from it. May have several lines. */
  detail: string;
  /** What to do. */
  remediation?: string | null;
  /** `critical`, `warn` or `info`. */
  severity: string;
  title: string;
};

export type Flow = "setup" | "channels";

export type FsListDirParams = {
  [name: string]: unknown;
};

export type FsListDirReply = null;

export type Gateway = {
  /** Whether it may be on this machine or in a private network. */
  allowPrivateNetwork: boolean;
  /** Whether any certificate is accepted. */
  allowSelfSigned: boolean;
  /** Attempts since it was last connected. */
  attempts: number;
  /** When it was added. */
  createdAtMs: number;
  /** Whether an authority is kept beside those of the system. */
  hasCaCertificate: boolean;
  /** Whether a token is kept for it. */
  has_token: boolean;
  /** The last looks at it, oldest first. */
  history: Sample[];
  /** Name of its machine. */
  host?: string | null;
  /** Names it in calls. */
  id: string;
  /** How long its last answer took, milliseconds. */
  latencyMs?: number | null;
  /** Its name for people. */
  name: string;
  /** Whether it is the one that people use first. */
  primary: boolean;
  /** Why it is not connected. */
  problem?: Problem | null;
  /** Protocol version that was agreed on. */
  protocol?: number | null;
  /** Since when. */
  sinceMs: number;
  /** `connecting`, `connected`, `waiting` or `refused`. */
  state: string;
  /** SHA-256 of the one certificate that is trusted. */
  tlsFingerprint?: string | null;
  /** Where it listens. */
  url: string;
  /** Its version, once it was connected. */
  version?: string | null;
  /** Whether that is one this gateway gets on with. */
  versionOk?: boolean | null;
  /** What should be known about the way there. */
  warnings: string[];
  /** Where agents work that are made through it. */
  workspaceRoot?: string | null;
};

export type GatewayIdentityGetParams = {
  [name: string]: unknown;
};

export type GatewayIdentityGetReply = null;

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

export type GatewayRestartRequestParams = {
  [name: string]: unknown;
};

export type GatewayRestartRequestReply = null;

export type GatewaySecretRotateParams = {
  /** Hash of the configuration's file as the caller saw it; another one is a conflict. */
  baseHash?: string | null;
  /** For the history and the audit. */
  reason?: string | null;
};

export type GatewaySecretRotateReply = {
  /** Connections that the old token had let in, and that end now. */
  closedSessions: number;
  /** Names the new token: the beginning of its hash. */
  fingerprint: string;
  /** Hash of the configuration's file now. */
  hash: string;
  /** The same for the one before. */
  previousFingerprint?: string | null;
  rotatedAtMs: number;
};

export type GatewaySuspendPrepareParams = {
  [name: string]: unknown;
};

export type GatewaySuspendPrepareReply = null;

export type GatewaySuspendResumeParams = {
  [name: string]: unknown;
};

export type GatewaySuspendResumeReply = null;

export type GatewaySuspendStatusParams = {
  /** Its name. */
  suspensionId: string;
};

export type GatewaySuspendStatusReply = {
  /** Always `running`. */
  status: string;
};

export type GatewayTokenCreateParams = {
  /** Its name: letters, digits and `.-_@`. Roles know its holder by it. */
  name: string;
  /** What it grants; at most what its maker holds. */
  scopes: Scope[];
};

export type GatewayTokenCreateReply = {
  createdAtMs: number;
  expiresAtMs?: number | null;
  fingerprint: string;
  id: string;
  name: string;
  scopes: Scopes;
  /** The token. It is kept as a hash, so nobody can show it again. */
  token: string;
};

export type GatewayTokenListParams = Record<string, never>;

export type GatewayTokenListReply = {
  /** The shared secret; absent in mode `none`. */
  shared?: Shared | null;
  /** The oldest first, those that are over too. Never a token itself. */
  tokens: GatewayTokenListReplyRow[];
};

export type GatewayTokenListReplyRow = {
  createdAtMs: number;
  createdBy: string;
  /** When it ends; never when absent. */
  expiresAtMs?: number | null;
  /** Names the secret: the beginning of its hash. */
  fingerprint: string;
  id: string;
  name: string;
  revokedAtMs?: number | null;
  scopes: Scopes;
  /** Whether it lets its holder in. */
  status: GatewayTokenListReplyStatus;
};

export type GatewayTokenListReplyStatus = "live" | "expired" | "revoked";

export type GatewayTokenRevokeParams = {
  /** Its name or id. */
  name: string;
};

export type GatewayTokenRevokeReply = {
  createdAtMs: number;
  createdBy: string;
  /** When it ends; never when absent. */
  expiresAtMs?: number | null;
  /** Names the secret: the beginning of its hash. */
  fingerprint: string;
  id: string;
  name: string;
  revokedAtMs?: number | null;
  scopes: Scopes;
  /** Whether it lets its holder in. */
  status: GatewayTokenRevokeReplyStatus;
};

export type GatewayTokenRevokeReplyStatus = "live" | "expired" | "revoked";

export type GatewayTokenRotateParams = {
  /** Its name or id. */
  name: string;
};

export type GatewayTokenRotateReply = {
  createdAtMs: number;
  expiresAtMs?: number | null;
  fingerprint: string;
  id: string;
  name: string;
  scopes: Scopes;
  /** The token. It is kept as a hash, so nobody can show it again. */
  token: string;
};

export type GatewaysAddParams = {
  /** Let it be on this machine or in a private network. */
  allowPrivateNetwork?: boolean;
  /** Accept any certificate. Weakens the transport; off unless said. */
  allowSelfSigned?: boolean;
  /** An authority to trust for it beside those of the system, PEM. */
  caCertificate?: string | null;
  /** Its name for people; no other has it. */
  name: string;
  /** Whether it is the one that people use first; whichever was is it no more. */
  primary?: boolean;
  /** SHA-256 of the one certificate to trust. */
  tlsFingerprint?: string | null;
  /** Its token. It is kept sealed and never shown again. */
  token?: string | null;
  /** Where it listens: `ws://host:port` or `wss://host:port`. */
  url: string;
  /** Where agents work that are made through it, as its machine writes it. */
  workspaceRoot?: string | null;
};

export type GatewaysAddReply = {
  /** Whether it may be on this machine or in a private network. */
  allowPrivateNetwork: boolean;
  /** Whether any certificate is accepted. */
  allowSelfSigned: boolean;
  /** Attempts since it was last connected. */
  attempts: number;
  /** When it was added. */
  createdAtMs: number;
  /** Whether an authority is kept beside those of the system. */
  hasCaCertificate: boolean;
  /** Whether a token is kept for it. */
  has_token: boolean;
  /** The last looks at it, oldest first. */
  history: Sample[];
  /** Name of its machine. */
  host?: string | null;
  /** Names it in calls. */
  id: string;
  /** How long its last answer took, milliseconds. */
  latencyMs?: number | null;
  /** Its name for people. */
  name: string;
  /** Whether it is the one that people use first. */
  primary: boolean;
  /** Why it is not connected. */
  problem?: Problem | null;
  /** Protocol version that was agreed on. */
  protocol?: number | null;
  /** Since when. */
  sinceMs: number;
  /** `connecting`, `connected`, `waiting` or `refused`. */
  state: string;
  /** SHA-256 of the one certificate that is trusted. */
  tlsFingerprint?: string | null;
  /** Where it listens. */
  url: string;
  /** Its version, once it was connected. */
  version?: string | null;
  /** Whether that is one this gateway gets on with. */
  versionOk?: boolean | null;
  /** What should be known about the way there. */
  warnings: string[];
  /** Where agents work that are made through it. */
  workspaceRoot?: string | null;
};

export type GatewaysAttachParams = {
  /** The events that are told; all that the caller may hear unless said. Whoever follows many gateways for one thing hears nothing else of them. */
  events?: string[] | null;
  /** Its id, as `gateways.list` says. */
  id: string;
};

export type GatewaysAttachReply = {
  /** Its hello: `protocol`, `server`, `features`, `snapshot`, `policy` and `auth` with role and scopes; no token. */
  hello: unknown;
  /** Which. */
  id: string;
  /** Its name for people. */
  name: string;
};

export type GatewaysCallParams = {
  /** The gateway, as `gateways.list` says. */
  id: string;
  /** The method. */
  method: string;
  /** Its parameters. */
  params?: {
    [name: string]: unknown;
  };
  /** How long its answer is waited for; 60 s unless said, 10 min at most. */
  timeoutMs?: number | null;
};

export type GatewaysCallReply = unknown;

export type GatewaysDetachParams = {
  /** Its id, as `gateways.list` says. */
  id: string;
};

export type GatewaysDetachReply = {
  detached: boolean;
};

export type GatewaysGetParams = {
  /** Its id, as `gateways.list` says. */
  id: string;
};

export type GatewaysGetReply = {
  /** Whether it may be on this machine or in a private network. */
  allowPrivateNetwork: boolean;
  /** Whether any certificate is accepted. */
  allowSelfSigned: boolean;
  /** Attempts since it was last connected. */
  attempts: number;
  /** When it was added. */
  createdAtMs: number;
  /** Whether an authority is kept beside those of the system. */
  hasCaCertificate: boolean;
  /** Whether a token is kept for it. */
  has_token: boolean;
  /** The last looks at it, oldest first. */
  history: Sample[];
  /** Name of its machine. */
  host?: string | null;
  /** Names it in calls. */
  id: string;
  /** How long its last answer took, milliseconds. */
  latencyMs?: number | null;
  /** Its name for people. */
  name: string;
  /** Whether it is the one that people use first. */
  primary: boolean;
  /** Why it is not connected. */
  problem?: Problem | null;
  /** Protocol version that was agreed on. */
  protocol?: number | null;
  /** Since when. */
  sinceMs: number;
  /** `connecting`, `connected`, `waiting` or `refused`. */
  state: string;
  /** SHA-256 of the one certificate that is trusted. */
  tlsFingerprint?: string | null;
  /** Where it listens. */
  url: string;
  /** Its version, once it was connected. */
  version?: string | null;
  /** Whether that is one this gateway gets on with. */
  versionOk?: boolean | null;
  /** What should be known about the way there. */
  warnings: string[];
  /** Where agents work that are made through it. */
  workspaceRoot?: string | null;
};

export type GatewaysListParams = Record<string, never>;

export type GatewaysListReply = {
  /** The primary one first, then by name. */
  gateways: Gateway[];
  /** Version of this gateway, to compare with. */
  version: string;
};

export type GatewaysRemoveParams = {
  /** Its id, as `gateways.list` says. */
  id: string;
};

export type GatewaysRemoveReply = {
  id: string;
};

export type GatewaysTestParams = {
  /** Let it be on this machine or in a private network. */
  allowPrivateNetwork?: boolean | null;
  /** Accept any certificate. */
  allowSelfSigned?: boolean | null;
  /** An authority to trust beside those of the system, PEM. */
  caCertificate?: string | null;
  /** A gateway that is known; its token is used where its address stays. */
  id?: string | null;
  /** SHA-256 of the one certificate to trust. */
  tlsFingerprint?: string | null;
  /** The token to show. */
  token?: string | null;
  /** Where to connect to. */
  url?: string | null;
};

export type GatewaysTestReply = {
  /** How long its answer took, milliseconds. */
  latencyMs?: number | null;
  /** Whether it let us in and answered. */
  ok: boolean;
  /** Why not. */
  problem?: Problem | null;
  /** Protocol version that was agreed on. */
  protocol?: number | null;
  /** Scopes that it gave us. */
  scopes?: string[];
  /** Its version. */
  version?: string | null;
  /** Whether that is one this gateway gets on with. */
  versionOk?: boolean | null;
  /** What is not wrong and should be known. */
  warnings: string[];
};

export type GatewaysUpdateParams = {
  /** Let it be on this machine or in a private network. */
  allowPrivateNetwork?: boolean | null;
  /** Accept any certificate. */
  allowSelfSigned?: boolean | null;
  /** An authority to trust for it beside those of the system, PEM. */
  caCertificate?: string | null;
  /** Which, as `gateways.list` says. */
  id: string;
  /** Its name for people. */
  name?: string | null;
  /** Whether it is the one that people use first. */
  primary?: boolean | null;
  /** SHA-256 of the one certificate to trust. */
  tlsFingerprint?: string | null;
  /** Its token. */
  token?: string | null;
  /** Where it listens. A token belongs to its address: whoever changes that gives the token again, or `null`. */
  url?: string | null;
  /** Where agents work that are made through it. */
  workspaceRoot?: string | null;
};

export type GatewaysUpdateReply = {
  /** Whether it may be on this machine or in a private network. */
  allowPrivateNetwork: boolean;
  /** Whether any certificate is accepted. */
  allowSelfSigned: boolean;
  /** Attempts since it was last connected. */
  attempts: number;
  /** When it was added. */
  createdAtMs: number;
  /** Whether an authority is kept beside those of the system. */
  hasCaCertificate: boolean;
  /** Whether a token is kept for it. */
  has_token: boolean;
  /** The last looks at it, oldest first. */
  history: Sample[];
  /** Name of its machine. */
  host?: string | null;
  /** Names it in calls. */
  id: string;
  /** How long its last answer took, milliseconds. */
  latencyMs?: number | null;
  /** Its name for people. */
  name: string;
  /** Whether it is the one that people use first. */
  primary: boolean;
  /** Why it is not connected. */
  problem?: Problem | null;
  /** Protocol version that was agreed on. */
  protocol?: number | null;
  /** Since when. */
  sinceMs: number;
  /** `connecting`, `connected`, `waiting` or `refused`. */
  state: string;
  /** SHA-256 of the one certificate that is trusted. */
  tlsFingerprint?: string | null;
  /** Where it listens. */
  url: string;
  /** Its version, once it was connected. */
  version?: string | null;
  /** Whether that is one this gateway gets on with. */
  versionOk?: boolean | null;
  /** What should be known about the way there. */
  warnings: string[];
  /** Where agents work that are made through it. */
  workspaceRoot?: string | null;
};

export type GitAuthor = {
  email: null;
  name: null;
};

export type Given = {
  /** By question. */
  answers: {
    [name: string]: string[];
  };
};

export type HealthParams = {
  /** Understood and not needed. */
  includeSensitive?: unknown;
  /** Understood and not needed. */
  probe?: unknown;
};

export type HealthReply = object;

export type Heartbeat = {
  /** How long it took. */
  durationMs?: number | null;
  /** The beginning of what was said. */
  preview?: string | null;
  /** Why it was skipped or failed. */
  reason?: string | null;
  /** `sent`, `ok-empty`, `ok-token`, `skipped` or `failed`. */
  status: string;
  /** Session that was told. */
  to?: string | null;
  /** When it ended. */
  ts: number;
};

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

export type Hit = {
  messageId: string;
  /** `user` or `assistant`. */
  role: string;
  /** How often the words stand in it, against its length: 0 to 1. */
  score: number;
  sessionId: string;
  sessionKey: SessionKey;
  /** The text around the first word. */
  snippet: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
};

export type HooksStatusParams = Record<string, never>;

export type HooksStatusReply = {
  /** Requests that did something. */
  accepted: number;
  enabled: boolean;
  mappings: Mapping[];
  maxBodyBytes: number;
  path: string;
  ratePerMinute: number;
  /** Requests that were refused. */
  refused: number;
  /** Deliveries that are remembered, so that they do nothing again. */
  remembered: number;
  replayWindowSeconds: number;
  /** Whether a signature lets a sender in. */
  signature: boolean;
  /** Whether a token lets a sender in. */
  token: boolean;
};

export type Identity = {
  avatar?: string | null;
  emoji?: string | null;
  name?: string | null;
  theme?: string | null;
};

export type Install = {
  kind: string;
};

export type Item = {
  /** Since when it waits. */
  createdAtMs: number;
  /** When it is given up; `null` for never. */
  expiresAtMs: number | null;
  /** Names it. */
  id: string;
  /** `high`, `normal`, or `default` for what every node is asked. */
  priority: string;
  /** What to do. */
  type: NodePendingDrainReplyKind;
};

export type JobRow = {
  agentId?: AgentId | null;
  /** Changes with what the job is, not with what comes of it. */
  configRevision: string;
  createdAtMs: number;
  deleteAfterRun?: boolean | null;
  delivery?: Delivery | null;
  /** What becomes of a result; only in the answer to `cron.add`. */
  deliveryPreview?: Preview | null;
  description?: string | null;
  displayName?: string | null;
  /** The agent that does it; only in lists. */
  effectiveAgentId?: AgentId | null;
  enabled: boolean;
  id: string;
  lastDeliveryStatus?: DeliveryStatus | null;
  lastRunAtMs?: number | null;
  lastRunError?: string | null;
  lastRunStatus?: string | null;
  name: string;
  nextRunAtMs?: number | null;
  payload: Payload;
  schedule: Schedule;
  sessionKey?: SessionKey | null;
  /** `main`, `isolated` or `session:<key>`. */
  sessionTarget: string;
  state: StateRow;
  updatedAtMs: number;
  wakeMode: Wake;
};

export type Jobs = JobRow[] | CompactRow[];

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

export type LastHeartbeatReply = Heartbeat | null;

export type Latency = {
  avgMs: number;
  /** Turns. */
  count: number;
  maxMs: number;
  minMs: number;
  p95Ms?: number | null;
};

export type Left = {
  path: string;
  reason: string;
};

export type Level = {
  id: string;
  label: string;
};

export type Line = {
  /** Its text, at most 2,000 characters. */
  content: string;
  /** US dollars. */
  cost?: number | null;
  /** `user`, `assistant`, … */
  role: string;
  /** Milliseconds since the epoch. */
  timestamp: number;
  tokens?: number | null;
};

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

export type Mapping = {
  /** `agent` or `wake`. */
  action: string;
  agentId?: string | null;
  id?: string | null;
  path?: string | null;
  source?: string | null;
};

export type Mcp = {
  /** Which server. */
  server: string;
  /** Which of its tools. */
  tool: string;
};

export type McpAppCallToolParams = {
  [name: string]: unknown;
};

export type McpAppCallToolReply = null;

export type McpAppListResourceTemplatesParams = {
  [name: string]: unknown;
};

export type McpAppListResourceTemplatesReply = null;

export type McpAppListResourcesParams = {
  [name: string]: unknown;
};

export type McpAppListResourcesReply = null;

export type McpAppListToolsParams = {
  [name: string]: unknown;
};

export type McpAppListToolsReply = null;

export type McpAppReadResourceParams = {
  [name: string]: unknown;
};

export type McpAppReadResourceReply = null;

export type McpAppUpdateModelContextParams = {
  [name: string]: unknown;
};

export type McpAppUpdateModelContextReply = null;

export type McpAppViewParams = {
  [name: string]: unknown;
};

export type McpAppViewReply = null;

export type McpToolGrant = {
  /** When. */
  addedAt: number;
  /** When it was last used. */
  lastUsedAt?: number | null;
  /** Which server. */
  server: string;
  /** `allow-always`. */
  source: string;
  /** Which tool. */
  tool: string;
};

export type MemorySearchParams = {
  [name: string]: unknown;
};

export type MemorySearchReply = null;

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
  /** The channel, such as `webhook`. */
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

export type Messages = {
  assistant: number;
  /** Turns that ended with an error. */
  errors: number;
  toolCalls: number;
  toolResults: number;
  total: number;
  user: number;
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

export type MetricsHistoryParams = {
  /** Milliseconds before now, by the gateway's clock, of which the caller's may be hours off; when absent as far back as the step is kept. */
  lastMs?: number | null;
  /** Seconds of one sample: 10 (kept for an hour) or 60 (kept for a day). When absent the finest that reaches back so far. */
  step?: number | null;
};

export type MetricsHistoryReply = {
  samples: Columns;
  /** Since when figures are told. */
  since: number;
  /** When this gateway started. */
  startedAt: number;
  /** Milliseconds from one sample to the next. */
  stepMs: number;
  /** When it was asked for, by the gateway's clock. */
  ts: number;
};

export type MigrationsMemoryApplyParams = {
  [name: string]: unknown;
};

export type MigrationsMemoryApplyReply = null;

export type MigrationsMemoryPlanParams = {
  [name: string]: unknown;
};

export type MigrationsMemoryPlanReply = null;

export type Mode = "local" | "remote";

export type Model = {
  /** What stands in for it, in order. */
  fallbacks: string[];
  /** `provider/model`. */
  primary: string;
};

export type ModelsAuthLogoutParams = {
  [name: string]: unknown;
};

export type ModelsAuthLogoutReply = null;

export type ModelsAuthStatusParams = {
  /** An agent; every agent uses the same providers. */
  agentId?: AgentId | null;
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

export type ModelsAuthStatusReplyModel = {
  /** Milliseconds since the epoch. */
  cooldownUntil: number;
  /** Its id, without the provider. */
  model: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason: string;
};

export type ModelsAuthStatusReplyProfile = {
  /** Milliseconds since the epoch. */
  cooldownUntil?: number;
  /** Models for which it is left alone. */
  models?: ModelsAuthStatusReplyModel[];
  /** `key-1`, `key-2`, … */
  profileId: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason?: string;
  status: ModelsAuthStatusReplyStatus;
  /** `api_key`, or `none` for a provider that is asked without one. */
  type: string;
};

export type ModelsAuthStatusReplyStatus = "ok" | "missing" | "cooldown";

export type ModelsListParams = {
  /** Whose default model is marked; the default agent's when absent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  includeDetails?: unknown;
  /** Understood and not needed. */
  includeProviderCapabilities?: unknown;
  /** Understood and not needed. */
  preparedOnly?: unknown;
  /** Understood and not needed. */
  refresh?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** `default` and `all`: every model that can be asked. `configured`: those of `models.providers` and those that agents are set to. `provider-config`: those of `models.providers` alone. */
  view?: View;
};

export type ModelsListReply = {
  /** By provider. */
  models: ModelsListReplyRow[];
  /** How the providers are. */
  providerOutcomes: ProviderOutcome[];
};

export type ModelsListReplyRow = {
  available: boolean;
  /** Tokens that fit in. */
  contextWindow?: number | null;
  /** Its id, without the provider. */
  id: string;
  input: string[];
  name: string;
  provider: string;
  /** Whether it can think before it answers. */
  reasoning: boolean;
  /** `default` for the model that an agent uses when nobody chooses. */
  tags?: string[];
  thinkingDefault: string;
  thinkingLevels: Level[];
  unavailableReason?: string | null;
  /** Milliseconds since the epoch. */
  unavailableUntil?: number | null;
};

export type ModelsProbeParams = {
  /** Whose model is asked for, when it is one of this provider; the default agent's when absent. */
  agentId?: AgentId | null;
  /** Only this key, `key-1`, `key-2`, … as `models.authStatus` names them. */
  profileId?: string | null;
  /** The provider's id. */
  provider: string;
  /** How long each answer may take, 1 to 60,000 ms; 8,000 when absent. */
  timeoutMs?: number | null;
};

export type ModelsProbeReply = {
  error?: string | null;
  latencyMs?: number | null;
  provider: string;
  /** Each key that was tried. */
  results: Tried[];
  /** Of the first key that answers, else of the first. */
  status: ModelsProbeReplyStatus;
};

export type ModelsProbeReplyStatus = "ok" | "auth" | "rate_limit" | "billing" | "timeout" | "format" | "unknown" | "no_model";

export type NativeHookInvokeParams = {
  [name: string]: unknown;
};

export type NativeHookInvokeReply = null;

export type NeedsShown = {
  /** Programs, one of them. */
  anyBins: string[];
  /** Programs, all of them. */
  bins: string[];
  /** Keys of the configuration. */
  config: string[];
  /** Variables. */
  env: string[];
  /** Systems, one of them. */
  os: string[];
};

export type NoOverrides = object;

export type NodeDescribeParams = {
  nodeId: NodeId;
};

export type NodeDescribeReply = {
  /** How far an owner has come with it. */
  approvalState: Approval;
  /** When it was approved. */
  approvedAtMs?: number | null;
  /** Features that it may use. */
  caps: string[];
  /** `client.id`. */
  clientId?: string | null;
  /** `client.mode`. */
  clientMode?: string | null;
  /** Commands that it may be asked for. */
  commands: string[];
  /** Names its connection. */
  connId?: string | null;
  /** Whether it is connected. */
  connected: boolean;
  /** Since when it is connected. */
  connectedAtMs?: number | null;
  /** Version of its core. */
  coreVersion?: string | null;
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Name for people. */
  displayName?: string | null;
  /** How its machine is doing. */
  hostStats?: {
    [name: string]: unknown;
  } | null;
  /** When a person last used it. */
  lastActiveAtMs?: number | null;
  /** When it last connected. */
  lastConnectedAtMs?: number | null;
  /** When it last gave a sign of life that was kept. */
  lastSeenAtMs?: number | null;
  /** Which one. */
  lastSeenReason?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** Its identifier. */
  nodeId: NodeId;
  /** Tools that it offers. */
  nodePluginTools?: unknown[] | null;
  /** Skills that it publishes, by name and description. */
  nodeSkills?: unknown[] | null;
  /** Whether its device is admitted, or an owner approved it. */
  paired: boolean;
  /** Its search path. */
  pathEnv?: string | null;
  /** What that asks for. */
  pendingDeclaredCaps?: string[] | null;
  /** What that asks for. */
  pendingDeclaredCommands?: string[] | null;
  /** What that asks for. */
  pendingDeclaredPermissions?: {
    [name: string]: boolean;
  } | null;
  /** The request that waits. */
  pendingRequestId?: string | null;
  /** What its operating system allows it. */
  permissions?: {
    [name: string]: boolean;
  };
  /** For example `linux`. */
  platform?: string | null;
  /** When it said so. */
  presenceUpdatedAtMs?: number | null;
  /** Where it connects from. */
  remoteIp?: string | null;
  /** Runners of work that it publishes. */
  runnerInventory?: unknown;
  /** Whether it hosts sessions; no node of this gateway does. */
  sessionHost: boolean;
  /** Now, milliseconds since the epoch. */
  ts: number;
  /** Version of its interface. */
  uiVersion?: string | null;
  /** Its version. */
  version?: string | null;
};

export type NodeError = {
  /** A word. */
  code?: string | null;
  /** A text. */
  message?: string | null;
};

export type NodeEventParams = {
  /** Its name. */
  event: string;
  /** Further facts. */
  payload?: unknown;
  /** The same as JSON text; it wins. */
  payloadJSON?: string | null;
};

export type NodeEventReply = {
  event?: string | null;
  /** Whether the gateway did something about it. */
  handled?: boolean | null;
  /** Always true. */
  ok: boolean;
  /** What, or why not. */
  reason?: string | null;
};

export type NodeId = string;

export type NodeInvokeParams = {
  /** One of the node's commands. */
  command: string;
  /** Names the work: the same key again does not do it again. */
  idempotencyKey: string;
  nodeId: NodeId;
  /** Its parameters. */
  params?: unknown;
  /** Tell how the command goes on with `node.invoke.progress` events. */
  progress?: boolean;
  /** Understood and not needed. */
  sessionKey?: unknown;
  /** How long to wait, milliseconds; 30,000 when absent, at most `gateway.nodes.invokeTimeoutMs`. */
  timeoutMs?: number | null;
  /** Understood and not needed. */
  turnSourceAccountId?: unknown;
  /** Understood and not needed. */
  turnSourceChannel?: unknown;
  /** Understood and not needed. */
  turnSourceThreadId?: unknown;
  /** Understood and not needed. */
  turnSourceTo?: unknown;
};

export type NodeInvokeProgressParams = {
  /** The part, at most 16,384 characters. */
  chunk: string;
  /** The `id` of `node.invoke.request`. */
  invokeId: string;
  nodeId: NodeId;
  /** Position of the part, from 0. A part that comes after a later one is ignored. */
  seq: number;
};

export type NodeInvokeProgressReply = {
  /** Set when nobody waits for it any more. */
  ignored?: boolean | null;
  /** Always true. */
  ok: boolean;
};

export type NodeInvokeReply = {
  command: string;
  nodeId: NodeId;
  /** Always true; a node that says no is an error. */
  ok: boolean;
  /** The answer. */
  payload: unknown;
  /** The answer as the node wrote it, when it wrote JSON text. */
  payloadJSON: string | null;
};

export type NodeInvokeResultParams = {
  /** What went wrong. */
  error?: NodeError | null;
  /** The `id` of `node.invoke.request`; dialect 1 calls it `requestId`. */
  id: string;
  /** The node; its own when absent. */
  nodeId?: NodeId | null;
  /** Whether it did what was asked. */
  ok: boolean;
  /** What came of it. */
  payload?: unknown;
  /** The same as JSON text; it wins. */
  payloadJSON?: string | null;
};

export type NodeInvokeResultReply = {
  /** Set when nobody waits for it any more. */
  ignored?: boolean | null;
  /** Always true. */
  ok: boolean;
};

export type NodeListParams = Record<string, never>;

export type NodeListReply = {
  /** Those that are connected first, then by name. */
  nodes: NodeRow[];
  /** Now, milliseconds since the epoch. */
  ts: number;
};

export type NodePairApproveParams = {
  requestId: string;
};

export type NodePairApproveReply = {
  node: PairedNode;
  requestId: string;
};

export type NodePairListParams = Record<string, never>;

export type NodePairListReply = {
  /** What is approved, by identifier. */
  paired: PairedNode[];
  /** What waits for an owner, oldest first. */
  pending: NodePairRequest[];
};

export type NodePairRejectParams = {
  requestId: string;
};

export type NodePairRejectReply = {
  nodeId: NodeId;
  requestId: string;
};

export type NodePairRemoveParams = {
  nodeId: NodeId;
};

export type NodePairRemoveReply = {
  nodeId: NodeId;
};

export type NodePairRequest = {
  /** Features that it wants to offer. */
  caps: string[];
  /** `client.id`. */
  clientId?: string | null;
  /** `client.mode`. */
  clientMode?: string | null;
  /** Commands that it wants to offer. */
  commands: string[];
  /** Version of its core. */
  coreVersion?: string | null;
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Name for people. */
  displayName?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** Which node. */
  nodeId: NodeId;
  /** What its operating system allows it. */
  permissions?: {
    [name: string]: boolean;
  };
  /** For example `linux`. */
  platform?: string | null;
  /** Where it connects from. */
  remoteIp?: string | null;
  /** Names the request for its approval. */
  requestId: string;
  /** Scopes that somebody needs to approve it. */
  requiredApproveScopes: Scope[];
  /** Whether nobody needs to be disturbed for it. */
  silent: boolean;
  /** When it asked. */
  ts: number;
  /** Version of its interface. */
  uiVersion?: string | null;
  /** Its version. */
  version?: string | null;
};

export type NodePairRequestParams = {
  /** Features that it wants to offer. */
  caps?: string[];
  /** Commands that it wants to offer. */
  commands?: string[];
  /** Version of its core. */
  coreVersion?: string | null;
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Name for people. */
  displayName?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  nodeId: NodeId;
  /** What its operating system allows it. */
  permissions?: {
    [name: string]: boolean;
  } | null;
  /** For example `linux`. */
  platform?: string | null;
  /** Where it connects from. */
  remoteIp?: string | null;
  /** Whether nobody needs to be disturbed for it. */
  silent?: boolean;
  /** Version of its interface. */
  uiVersion?: string | null;
  /** Its version. */
  version?: string | null;
};

export type NodePairRequestReply = {
  /** Whether it is new. */
  created: boolean;
  request: NodePairRequest;
  /** Always `pending`. */
  status: string;
};

export type NodePairVerifyParams = {
  nodeId: NodeId;
  token: string;
};

export type NodePairVerifyReply = {
  /** The node, when the token is right. */
  node?: PairedNode | null;
  ok: boolean;
};

export type NodePendingAckParams = {
  /** Identifiers of `node.pending.pull`, at least one. */
  ids: string[];
};

export type NodePendingAckReply = {
  /** Those that no longer wait. */
  ackedIds: string[];
  nodeId: NodeId;
  /** Commands that still wait. */
  remainingCount: number;
};

export type NodePendingDrainParams = {
  /** 1 to 10; 4 when absent. */
  maxItems?: number | null;
};

export type NodePendingDrainReply = {
  /** Whether there is more. */
  hasMore: boolean;
  /** Most urgent first; the gateway has forgotten it. */
  items: Item[];
  nodeId: NodeId;
  /** Grows with each change of the node's work; 0 when there was none. */
  revision: number;
};

export type NodePendingDrainReplyKind = "status.request" | "location.request";

export type NodePendingEnqueueParams = {
  /** When it is given up, milliseconds from now, 1,000 to 86,400,000; a day when absent. */
  expiresInMs?: number | null;
  nodeId: NodeId;
  /** How urgent; `normal` when absent. */
  priority?: Priority | null;
  /** What the node is to do. */
  type: NodePendingEnqueueParamsKind;
  /** Understood and not needed. */
  wake?: unknown;
};

export type NodePendingEnqueueParamsKind = "status.request" | "location.request";

export type NodePendingEnqueueReply = {
  nodeId: NodeId;
  /** It, or the same that waits already. */
  queued: NodePendingEnqueueReplyItem;
  /** Grows with each change of the node's work. */
  revision: number;
  /** Whether the node was woken: this gateway has no way to do that. */
  wakeTriggered: boolean;
};

export type NodePendingEnqueueReplyItem = {
  /** Since when it waits. */
  createdAtMs: number;
  /** When it is given up; `null` for never. */
  expiresAtMs: number | null;
  /** Names it. */
  id: string;
  /** `high`, `normal`, or `default` for what every node is asked. */
  priority: string;
  /** What to do. */
  type: NodePendingEnqueueReplyKind;
};

export type NodePendingEnqueueReplyKind = "status.request" | "location.request";

export type NodePendingPullParams = Record<string, never>;

export type NodePendingPullReply = {
  /** Oldest first. They wait until they are acknowledged. */
  actions: Action[];
  nodeId: NodeId;
};

export type NodePluginSurfaceRefreshParams = {
  [name: string]: unknown;
};

export type NodePluginSurfaceRefreshReply = null;

export type NodePluginToolsUpdateParams = {
  tools: Tool[];
};

export type NodePluginToolsUpdateReply = {
  nodeId: NodeId;
  tools: Tool[];
};

export type NodeRenameParams = {
  /** At most 256 bytes, not blank. */
  displayName: string;
  nodeId: NodeId;
};

export type NodeRenameReply = {
  displayName: string;
  nodeId: NodeId;
};

export type NodeRow = {
  /** How far an owner has come with it. */
  approvalState: Approval;
  /** When it was approved. */
  approvedAtMs?: number | null;
  /** Features that it may use. */
  caps: string[];
  /** `client.id`. */
  clientId?: string | null;
  /** `client.mode`. */
  clientMode?: string | null;
  /** Commands that it may be asked for. */
  commands: string[];
  /** Names its connection. */
  connId?: string | null;
  /** Whether it is connected. */
  connected: boolean;
  /** Since when it is connected. */
  connectedAtMs?: number | null;
  /** Version of its core. */
  coreVersion?: string | null;
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Name for people. */
  displayName?: string | null;
  /** How its machine is doing. */
  hostStats?: {
    [name: string]: unknown;
  } | null;
  /** When a person last used it. */
  lastActiveAtMs?: number | null;
  /** When it last connected. */
  lastConnectedAtMs?: number | null;
  /** When it last gave a sign of life that was kept. */
  lastSeenAtMs?: number | null;
  /** Which one. */
  lastSeenReason?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** Its identifier. */
  nodeId: NodeId;
  /** Tools that it offers. */
  nodePluginTools?: unknown[] | null;
  /** Whether its device is admitted, or an owner approved it. */
  paired: boolean;
  /** Its search path. */
  pathEnv?: string | null;
  /** What that asks for. */
  pendingDeclaredCaps?: string[] | null;
  /** What that asks for. */
  pendingDeclaredCommands?: string[] | null;
  /** What that asks for. */
  pendingDeclaredPermissions?: {
    [name: string]: boolean;
  } | null;
  /** The request that waits. */
  pendingRequestId?: string | null;
  /** What its operating system allows it. */
  permissions?: {
    [name: string]: boolean;
  };
  /** For example `linux`. */
  platform?: string | null;
  /** When it said so. */
  presenceUpdatedAtMs?: number | null;
  /** Where it connects from. */
  remoteIp?: string | null;
  /** Whether it hosts sessions; no node of this gateway does. */
  sessionHost: boolean;
  /** Version of its interface. */
  uiVersion?: string | null;
  /** Its version. */
  version?: string | null;
};

export type NodeRunnerInventoryUpdateParams = {
  /** Words for how it would host sessions; empty when it does not. */
  protocolFeatures: string[];
  /** How much it could host. */
  workerHost?: unknown;
  /** As older nodes say it. */
  workerRuns?: unknown;
};

export type NodeRunnerInventoryUpdateReply = {
  nodeId: NodeId;
  ok: boolean;
  /** Whether sessions are hosted there: this gateway hosts them itself. */
  sessionHost: boolean;
};

export type NodeSkillsUpdateParams = {
  skills: Skill[];
};

export type NodeSkillsUpdateReply = {
  nodeId: NodeId;
  skills: Skill[];
};

export type Noted = {
  /** Name of the folder or archive that it came from. */
  from: string;
  /** Milliseconds since the epoch. */
  installedAtMs: number;
  /** SHA-256 over everything in it. */
  sha256: string;
};

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

export type OpenclawApprovalListParams = Record<string, never>;

export type OpenclawApprovalListReply = ApprovalRequested[];

export type OpenclawChangesListParams = {
  [name: string]: unknown;
};

export type OpenclawChangesListReply = null;

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

export type OpenclawSetupActivateParams = {
  [name: string]: unknown;
};

export type OpenclawSetupActivateReply = null;

export type OpenclawSetupActivateStartParams = {
  [name: string]: unknown;
};

export type OpenclawSetupActivateStartReply = null;

export type OpenclawSetupAuthStartParams = {
  [name: string]: unknown;
};

export type OpenclawSetupAuthStartReply = null;

export type OpenclawSetupDetectParams = {
  [name: string]: unknown;
};

export type OpenclawSetupDetectReply = null;

export type OpenclawSetupPrepareStartParams = {
  [name: string]: unknown;
};

export type OpenclawSetupPrepareStartReply = null;

export type OpenclawSetupVerifyParams = {
  [name: string]: unknown;
};

export type OpenclawSetupVerifyReply = null;

export type Option = {
  /** What that means. */
  description?: string | null;
  /** What is chosen. */
  label: string;
};

export type OptionShown = {
  /** What that means. */
  description?: string | null;
  /** What is chosen. */
  label: string;
};

export type Origin = "edit" | "undo" | "found";

export type Outcome = {
  agentId?: AgentId | null;
  error?: Refusal | null;
  key: SessionKey;
  ok: boolean;
};

export type PairedNode = {
  /** When it was approved. */
  approvedAtMs: number;
  /** Features. */
  caps: string[];
  /** `client.id`. */
  clientId?: string | null;
  /** `client.mode`. */
  clientMode?: string | null;
  /** Commands. */
  commands: string[];
  /** Version of its core. */
  coreVersion?: string | null;
  /** When it was first heard of. */
  createdAtMs: number;
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Name for people. */
  displayName?: string | null;
  /** When it last connected. */
  lastConnectedAtMs?: number | null;
  /** When it last gave a sign of life that was kept. */
  lastSeenAtMs?: number | null;
  /** Which one. */
  lastSeenReason?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** Its identifier. */
  nodeId: NodeId;
  /** What its operating system allows it. */
  permissions?: {
    [name: string]: boolean;
  };
  /** For example `linux`. */
  platform?: string | null;
  /** Where it connects from. */
  remoteIp?: string | null;
  /** The token of a node that was announced, told once, to clients of before. */
  token?: string | null;
  /** Version of its interface. */
  uiVersion?: string | null;
  /** Its version. */
  version?: string | null;
};

export type PairingLimits = {
  pendingPerAccount: number;
  ttlMs: number;
};

export type PasskeysListParams = Record<string, never>;

export type PasskeysListReply = {
  /** How many there may be. */
  max: number;
  /** `gateway.auth.passkeys.mode`. */
  mode: string;
  passkeys: PasskeysListReplyShown[];
  /** The host for which one would be registered from here; absent for callers that are no page. */
  rpId?: string | null;
};

export type PasskeysListReplyShown = {
  createdAtMs: number;
  createdBy: string;
  /** Devices that it admitted. */
  devices: string[];
  id: string;
  lastUsedAtMs?: number | null;
  name: string;
  /** The host for which it works. */
  rpId: string;
};

export type PasskeysRegisterBeginParams = Record<string, never>;

export type PasskeysRegisterBeginReply = {
  publicKey: unknown;
};

export type PasskeysRegisterFinishParams = {
  /** What the browser gave. */
  credential: Created;
  /** What its owner calls it. */
  name: string;
};

export type PasskeysRegisterFinishReply = {
  createdAtMs: number;
  createdBy: string;
  /** Devices that it admitted. */
  devices: string[];
  id: string;
  lastUsedAtMs?: number | null;
  name: string;
  /** The host for which it works. */
  rpId: string;
};

export type PasskeysRemoveParams = {
  /** Whether the devices that it admitted are taken out as well, for an authenticator that was lost. Default false. */
  andDevices?: boolean | null;
  /** Its id. */
  id: string;
};

export type PasskeysRemoveReply = {
  /** Devices that were taken out with it. */
  devices: string[];
  id: string;
};

export type PasskeysRenameParams = {
  /** Its id. */
  id: string;
  /** What it is called from now on. */
  name: string;
};

export type PasskeysRenameReply = {
  createdAtMs: number;
  createdBy: string;
  /** Devices that it admitted. */
  devices: string[];
  id: string;
  lastUsedAtMs?: number | null;
  name: string;
  /** The host for which it works. */
  rpId: string;
};

export type Patch = {
  agentId?: AgentId | null;
  deleteAfterRun?: boolean | null;
  delivery?: AskedDelivery | null;
  description?: string | null;
  displayName?: string | null;
  enabled?: boolean | null;
  /** Not available, but for `false`. */
  failureAlert?: unknown;
  name?: string | null;
  /** Not available. */
  pacing?: unknown;
  payload?: AskedPayload | null;
  schedule?: AskedSchedule | null;
  sessionKey?: SessionKey | null;
  sessionTarget?: string | null;
  /** What came of a job is not for callers to say. */
  state?: unknown;
  /** Not available. */
  trigger?: unknown;
  wakeMode?: string | null;
};

export type Payload = {
  kind: "systemEvent";
  /** What. */
  text: string;
} | {
  /** Models that stand in for it; the agent's when absent, none when empty. */
  fallbacks?: string[] | null;
  kind: "agentTurn";
  /** Whether it runs without the workspace's files. */
  lightContext?: boolean | null;
  /** What. */
  message: string;
  /** `provider/model`; the agent's own when absent. */
  model?: string | null;
  /** Thinking level. */
  thinking?: string | null;
  /** Longest run; 0 is no bound of its own. */
  timeoutSeconds?: number | null;
  /** Tools it may use at most. */
  toolsAllow?: string[] | null;
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

export type Place = {
  sessionId: string;
};

export type Placed = {
  name: string;
  /** From 0. */
  position: number;
};

export type PluginApprovalListParams = Record<string, never>;

export type PluginApprovalListReply = ApprovalRequested[];

export type PluginApprovalRequestParams = {
  /** For which agent; the session's when absent. */
  agentId?: AgentId | null;
  /** What may be answered; everything when absent. `deny` always may. */
  allowedDecisions?: DecisionWord[] | null;
  /** Devices that are asked and may answer; everybody who may when absent. */
  approvalReviewerDeviceIds?: string[] | null;
  /** In at most 512 characters. */
  description: string;
  /** Everything, at most 16,384 characters. */
  detail?: string | null;
  /** Understood and not needed. */
  mcpTool?: unknown;
  /** Which plugin. */
  pluginId?: string | null;
  /** Understood and not needed. */
  scope?: unknown;
  /** In which session. */
  sessionKey?: SessionKey | null;
  /** `info`, `warning` or `critical`; `warning` when absent. */
  severity?: PluginApprovalRequestParamsSeverity | null;
  /** Milliseconds that people have; 120,000 when absent, 600,000 at most. */
  timeoutMs?: number | null;
  /** In at most 80 characters. */
  title: string;
  /** Which call of it. */
  toolCallId?: string | null;
  /** Which of its tools. */
  toolName?: string | null;
  /** Understood and not needed. */
  turnSourceAccountId?: unknown;
  /** Understood and not needed. */
  turnSourceChannel?: unknown;
  /** Understood and not needed. */
  turnSourceThreadId?: unknown;
  /** Understood and not needed. */
  turnSourceTo?: unknown;
  /** Answer at once that people are asked, and again with what they decided. */
  twoPhase?: boolean;
};

export type PluginApprovalRequestParamsSeverity = "info" | "warning" | "critical";

export type PluginApprovalRequestReply = {
  /** When it was asked. */
  createdAtMs: number;
  /** `allow-once`, `allow-always` or `deny`; `null` when nobody decided. */
  decision: string | null;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Name of the approval. */
  id: string;
  /** Why nobody was asked. */
  message?: string | null;
  /** `user`, `timeout`, `no-route` or `run-aborted`; `policy` when nobody was asked. */
  terminalReason: string;
};

export type PluginApprovalResolveParams = {
  /** `allow-once`, `allow-always` or `deny`. */
  decision: string;
  /** Its name. */
  id: string;
  /** Understood and not needed. */
  reviewer?: unknown;
};

export type PluginApprovalResolveReply = {
  ok: boolean;
};

export type PluginApprovalWaitDecisionParams = {
  id: string;
};

export type PluginApprovalWaitDecisionReply = {
  /** When it was asked. */
  createdAtMs: number;
  /** `allow-once`, `allow-always` or `deny`; `null` when nobody decided. */
  decision: string | null;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Name of the approval. */
  id: string;
  /** Why nobody was asked. */
  message?: string | null;
  /** `user`, `timeout`, `no-route` or `run-aborted`; `policy` when nobody was asked. */
  terminalReason: string;
};

export type PluginAsked = {
  /** For which agent. */
  agentId: string | null;
  /** What may be answered. */
  allowedDecisions: string[];
  /** In a sentence. */
  description: string;
  /** Everything. */
  detail: string | null;
  /** Which plugin. */
  pluginId: string | null;
  /** In which session. */
  sessionKey: string | null;
  /** `info`, `warning` or `critical`. */
  severity: string;
  /** In a few words. */
  title: string;
  /** Which call of it. */
  toolCallId: string | null;
  /** Which of its tools. */
  toolName: string | null;
};

export type PluginSurfaceRefreshParams = {
  [name: string]: unknown;
};

export type PluginSurfaceRefreshReply = null;

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

export type PluginsInspectParams = {
  [name: string]: unknown;
};

export type PluginsInspectReply = null;

export type PluginsInstallParams = {
  [name: string]: unknown;
};

export type PluginsInstallReply = null;

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

export type PluginsRefreshParams = {
  [name: string]: unknown;
};

export type PluginsRefreshReply = null;

export type PluginsSearchParams = {
  [name: string]: unknown;
};

export type PluginsSearchReply = null;

export type PluginsSessionActionParams = {
  [name: string]: unknown;
};

export type PluginsSessionActionReply = null;

export type PluginsSetEnabledParams = {
  [name: string]: unknown;
};

export type PluginsSetEnabledReply = null;

export type PluginsUiDescriptorsParams = Record<string, never>;

export type PluginsUiDescriptorsReply = {
  descriptors: [];
  ok: boolean;
};

export type PluginsUninstallParams = {
  [name: string]: unknown;
};

export type PluginsUninstallReply = null;

export type Point = {
  cacheRead: number;
  cacheWrite: number;
  /** US dollars. */
  cost: number;
  cumulativeCost: number;
  /** Of this and all earlier points. */
  cumulativeTokens: number;
  input: number;
  output: number;
  /** When it ended, milliseconds since the epoch. */
  timestamp: number;
  totalTokens: number;
};

export type Policy = {
  /** By agent; `*` is every agent. */
  agents: {
    [name: string]: AgentPolicy;
  };
  /** What holds for every agent that says nothing else. */
  defaults: Defaults;
  /** A socket of other implementations; kept, not used. */
  socket?: SocketPlace | null;
  /** Always 1. */
  version: number;
};

export type PollParams = {
  /** Understood and not needed. */
  accountId?: unknown;
  /** The channel, such as `webhook`. */
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

export type PortalCloseParams = {
  [name: string]: unknown;
};

export type PortalCloseReply = null;

export type PortalListParams = Record<string, never>;

export type PortalListReply = {
  portals: [];
};

export type PortalOpenParams = {
  [name: string]: unknown;
};

export type PortalOpenReply = null;

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

export type Presentation = {
  /** For which agent. */
  agentId: string | null;
  /** What may be answered. */
  allowedDecisions: string[];
  /** Its beginning, when it is long. */
  commandPreview: string | null;
  /** The command line, with everything hidden shown. */
  commandText: string;
  /** Where it would run. */
  host: string | null;
  kind: "exec";
  /** On which node. */
  nodeId: string | null;
  /** Warnings. */
  warningText: string | null;
} | {
  /** For which agent. */
  agentId: string | null;
  /** What may be answered. */
  allowedDecisions: string[];
  /** In a sentence. */
  description: string;
  /** Everything. */
  detail?: string | null;
  kind: "plugin";
  /** Which plugin. */
  pluginId: string | null;
  /** `info`, `warning` or `critical`. */
  severity: string;
  /** In a few words. */
  title: string;
  /** Which of its tools. */
  toolName: string | null;
};

export type Preview = {
  detail: string;
  label: string;
};

export type Priority = "high" | "normal";

export type Problem = {
  /** For programs: `UNREACHABLE`, `TLS`, `PRIVATE_ADDRESS`, `PAIRING_REQUIRED`, …. */
  code: string;
  /** SHA-256 of the certificate that it showed, when that is what is wrong. */
  fingerprint?: string | null;
  /** What they can do. */
  fix?: string | null;
  /** For people. */
  message: string;
};

export type Profile = "limited" | "node";

export type ProgressCardGetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Which session. */
  sessionKey: SessionKey;
};

export type ProgressCardGetReply = {
  card: null;
};

export type ProgressCardPutParams = {
  [name: string]: unknown;
};

export type ProgressCardPutReply = null;

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

export type ProjectsAddParams = {
  [name: string]: unknown;
};

export type ProjectsAddReply = null;

export type ProjectsListParams = {
  /** Understood and not needed. */
  includeObserved?: unknown;
};

export type ProjectsListReply = {
  projects: Project[];
  /** Folders that were used last; nobody counts that. */
  recents: [];
};

export type ProjectsRegisterParams = {
  [name: string]: unknown;
};

export type ProjectsRegisterReply = null;

export type ProjectsRemoveParams = {
  [name: string]: unknown;
};

export type ProjectsRemoveReply = null;

export type ProjectsSearchRemoteParams = {
  [name: string]: unknown;
};

export type ProjectsSearchRemoteReply = null;

export type Provider = {
  apiKey: ApiKey;
  /** Whose keys it uses: its own. */
  authProvider: string;
  /** Milliseconds since the epoch. */
  cooldownUntil?: number;
  /** Its name for people. */
  displayName: string;
  /** Models that are left alone whatever the key. */
  models?: ModelsAuthStatusReplyModel[];
  /** Its keys in the order of the configuration. */
  profiles: ModelsAuthStatusReplyProfile[];
  /** Its id. */
  provider: string;
  /** `auth`, `billing`, `rate_limit`, `overloaded`, `timeout`, … */
  reason?: string;
  status: ModelsAuthStatusReplyStatus;
};

export type ProviderOutcome = {
  provider: string;
  status: string;
};

export type PushTestParams = {
  [name: string]: unknown;
};

export type PushTestReply = null;

export type PushWebPreferencesGetParams = {
  [name: string]: unknown;
};

export type PushWebPreferencesGetReply = null;

export type PushWebPreferencesSetParams = {
  [name: string]: unknown;
};

export type PushWebPreferencesSetReply = null;

export type PushWebSubscribeParams = {
  [name: string]: unknown;
};

export type PushWebSubscribeReply = null;

export type PushWebTestParams = {
  [name: string]: unknown;
};

export type PushWebTestReply = null;

export type PushWebUnsubscribeParams = {
  [name: string]: unknown;
};

export type PushWebUnsubscribeReply = null;

export type PushWebVapidPublicKeyParams = {
  [name: string]: unknown;
};

export type PushWebVapidPublicKeyReply = null;

export type Question = {
  /** At most 12 characters. */
  header: string;
  /** Something else may be answered. */
  isOther?: boolean;
  /** The answer is a secret. */
  isSecret?: boolean;
  /** Several may be chosen. */
  multiSelect?: boolean;
  /** What can be chosen, at most four. */
  options: Option[];
  /** The question. */
  question: string;
  /** Its name: a lower-case letter, then letters, digits and `_`. */
  questionId: string;
};

export type QuestionGetParams = {
  id: string;
};

export type QuestionGetReply = {
  question: QuestionRecord;
};

export type QuestionListParams = Record<string, never>;

export type QuestionListReply = {
  questions: QuestionRecord[];
};

export type QuestionRecord = {
  /** For which agent. */
  agentId?: string | null;
  /** What was answered. */
  answers?: AnswersShown | null;
  /** When they were asked. */
  createdAtMs: number;
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Their name. */
  id: string;
  /** One to three. */
  questions: QuestionShown[];
  /** Who answered. */
  resolvedBy?: string | null;
  /** In which run. */
  runId?: string | null;
  /** In which session. */
  sessionKey?: string | null;
  /** `pending`, `answered`, `cancelled` or `expired`. */
  status: string;
};

export type QuestionRequestParams = {
  /** For which agent; the session's when absent. */
  agentId?: AgentId | null;
  /** Name of the questions; made when absent. */
  id?: string | null;
  /** One to three. */
  questions: Question[];
  /** In which run. */
  runId?: RunId | null;
  /** In which session. */
  sessionKey?: SessionKey | null;
  /** Milliseconds that people have; 900,000 when absent, a day at most. */
  timeoutMs?: number | null;
};

export type QuestionRequestReply = {
  /** From when on nobody can answer. */
  expiresAtMs: number;
  /** Name of the questions. */
  id: string;
};

export type QuestionResolveParams = {
  /** What is answered, by question. */
  answers?: Given | null;
  /** `true` takes the questions back. */
  cancel?: boolean | null;
  /** Name of the questions. */
  id: string;
  /** Understood and not needed. */
  resolvedBy?: unknown;
  /** Understood and not needed. */
  secretStoreAllowedHosts?: unknown;
};

export type QuestionResolveReply = {
  /** What was answered. */
  answers?: AnswersShown | null;
  /** `answered` or `cancelled`. */
  status: string;
};

export type QuestionShown = {
  /** A few letters above it. */
  header: string;
  /** Something else may be answered. */
  isOther?: boolean;
  /** Several may be chosen. */
  multiSelect?: boolean;
  /** What can be chosen. */
  options: OptionShown[];
  /** The question. */
  question: string;
  /** Its name. */
  questionId: string;
};

export type QuestionWaitAnswerParams = {
  /** Their name. */
  id: string;
  /** Milliseconds; until they are over when absent. */
  timeoutMs?: number | null;
};

export type QuestionWaitAnswerReply = {
  /** What was answered. */
  answers?: AnswersShown | null;
  /** `pending`, `answered`, `cancelled` or `expired`. */
  status: string;
};

export type Refusal = {
  code: string;
  message: string;
  retryable: boolean;
};

export type Registry = "clawhub";

export type ReloadKind = "hot" | "restart";

export type Removed = {
  /** `trash`, or `missing` when there was nothing to move. */
  method: string;
  path: string;
};

export type ResolvedDefaults = {
  ask: Ask;
  askFallback: Security;
  autoAllowSkills: boolean;
  security: Security;
};

export type Resolver = {
  /** Which one. */
  id?: string | null;
  /** `device`, `runtime` or `system`. */
  kind: string;
};

export type Role = "operator" | "node";

export type Row = {
  agentId: AgentId;
  /** When the agent got its first token. */
  createdAtMs: number;
  /** Names the token: the beginning of its hash. */
  fingerprint: string;
  /** When it was withdrawn. */
  revokedAtMs?: number | null;
  /** When this one took the place of another. */
  rotatedAtMs?: number | null;
  /** Whether it lets its holder in. */
  status: Status;
};

export type Run = {
  /** What was written, as base64. */
  base64?: string | null;
  /** `stdout` or `stderr`. */
  stream: string;
  /** What was written, as text. */
  text?: string | null;
};

export type RunId = string;

export type RunRow = {
  action: string;
  completionStatus: string;
  deliveryStatus: DeliveryStatus;
  deliverySuppressionReason?: string | null;
  durationMs: number;
  error?: string | null;
  jobId: string;
  jobName: string;
  model?: string | null;
  nextRunAtMs?: number | null;
  provider?: string | null;
  runAtMs: number;
  runId: string;
  sessionId?: string | null;
  sessionKey?: SessionKey | null;
  /** `ok`, `error` or `skipped`. */
  status: string | null;
  summary?: string | null;
  /** When it ended. */
  ts: number;
  usage?: UsageRow | null;
};

export type Sample = {
  /** How long its answer took, milliseconds. */
  latencyMs?: number | null;
  /** Whether it answered. */
  ok: boolean;
  /** When, milliseconds since the epoch. */
  ts: number;
};

export type Schedule = {
  /** ISO 8601; without an offset it is UTC. */
  at: string;
  kind: "at";
} | {
  /** A moment from which the intervals are counted, milliseconds since the epoch. */
  anchorMs: number;
  /** Milliseconds between two occurrences, at least 1000. */
  everyMs: number;
  kind: "every";
} | {
  /** Five or six fields, the first of six being seconds. */
  expr: string;
  kind: "cron";
  /** Spreads jobs of one time over this many milliseconds: each job has its fixed place in them. */
  staggerMs?: number | null;
  /** IANA name of the zone whose clock counts; the gateway's own when absent. */
  tz?: string | null;
};

export type Scope = "operator.admin" | "operator.read" | "operator.write" | "operator.approvals" | "operator.pairing" | "operator.questions" | "operator.talk" | "operator.talk.secrets" | "operator.sessions.read" | "operator.sessions.write";

export type Scopes = Scope[];

export type SecretsReloadParams = Record<string, never>;

export type SecretsReloadReply = {
  /** Whether anything was put in force: false when all was so before. */
  changed: boolean;
  /** Hash of the configuration in force. */
  hash: string;
  /** Always true; a configuration that cannot be used is an error. */
  ok: boolean;
  /** The keys that wait. */
  restartRequired: string[];
  /** Changed keys that wait for the next start. */
  warningCount: number;
};

export type SecretsResolveParams = {
  [name: string]: unknown;
};

export type SecretsResolveReply = null;

export type SecretsStoreDeleteParams = {
  [name: string]: unknown;
};

export type SecretsStoreDeleteReply = null;

export type SecretsStoreListParams = Record<string, never>;

export type SecretsStoreListReply = {
  entries: [];
};

export type SecretsStoreSetParams = {
  [name: string]: unknown;
};

export type SecretsStoreSetReply = null;

export type Security = "deny" | "allowlist" | "full";

export type SecurityAuditParams = {
  /** Also read the text of skills. */
  deep?: boolean;
};

export type SecurityAuditReply = {
  findings: Finding[];
  /** Secrets that could not be looked at; there are none. */
  secretDiagnostics: [];
  summary: SecurityAuditReplySummary;
  /** What was found and is accepted in `security.audit.suppressions`. */
  suppressedFindings?: Suppressed[];
  /** When, milliseconds since the epoch. */
  ts: number;
};

export type SecurityAuditReplySummary = {
  critical: number;
  info: number;
  warn: number;
};

export type SecurityLockdownParams = {
  /** Only tell what would be done. */
  dryRun?: boolean;
  /** Why, for the record and the audit; at most 500 characters are kept. */
  reason?: string | null;
  /** End the lockdown that holds: what it changed is put back, unless somebody changed it since. */
  undo?: boolean;
};

export type SecurityLockdownReply = {
  /** Runs of agents that are stopped. */
  abortedRuns: number;
  /** Whether it was so before. */
  already: boolean;
  /** Who asked for it. */
  by?: string | null;
  /** What it changes in the configuration, and what it leaves. */
  changes: Changed[];
  /** Connections that end. */
  closedConnections: number;
  /** Whether nothing was done, only looked. */
  dryRun: boolean;
  /** Whether a lockdown holds now. */
  locked: boolean;
  /** What could not be done, or is left to people. */
  problems: string[];
  /** Why. */
  reason?: string | null;
  /** Keys that wait for the next start. */
  restartRequired: string[];
  /** Tokens of devices that are withdrawn for good. */
  revokedDeviceTokens: number;
  /** Since when it holds, or held, milliseconds since the epoch. */
  since?: number | null;
  /** Programs that are stopped. */
  stoppedPrograms: number;
};

export type Selected = {
  configured: boolean;
  identity: ToolsGithubStatusReplyIdentity;
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
  /** The channel, such as `webhook`. */
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

export type SessionDiscussionOpenParams = {
  [name: string]: unknown;
};

export type SessionDiscussionOpenReply = null;

export type SessionKey = string;

export type SessionMembersAddParams = {
  [name: string]: unknown;
};

export type SessionMembersAddReply = null;

export type SessionMembersListEvidenceParams = {
  [name: string]: unknown;
};

export type SessionMembersListEvidenceReply = null;

export type SessionMembersListParams = {
  [name: string]: unknown;
};

export type SessionMembersListReply = null;

export type SessionMembersRemoveParams = {
  [name: string]: unknown;
};

export type SessionMembersRemoveReply = null;

export type SessionSuggestionsAddParams = {
  [name: string]: unknown;
};

export type SessionSuggestionsAddReply = null;

export type SessionSuggestionsListParams = {
  [name: string]: unknown;
};

export type SessionSuggestionsListReply = null;

export type SessionSuggestionsResolveParams = {
  [name: string]: unknown;
};

export type SessionSuggestionsResolveReply = null;

export type SessionTypingParams = {
  [name: string]: unknown;
};

export type SessionTypingReply = null;

export type SessionUsage = {
  /** Days on which it used something. */
  activityDates: string[];
  cacheRead: number;
  cacheReadCost: number;
  cacheWrite: number;
  cacheWriteCost: number;
  dailyBreakdown: DayCost[];
  dailyMessageCounts: DayMessages[];
  dailyModelUsage: DayModel[];
  /** From the one to the other. */
  durationMs: number;
  /** When its first and its last turn in these days ended. */
  firstActivity: number;
  /** Tokens sent, without those read from or written to a cache. */
  input: number;
  inputCost: number;
  lastActivity: number;
  latency: Latency;
  messageCounts: Messages;
  /** Turns of models without a known price. */
  missingCostEntries: number;
  modelUsage: ByModel[];
  /** Tokens produced. */
  output: number;
  outputCost: number;
  sessionId: string;
  toolUsage: SessionsUsageReplyTools;
  /** US dollars. */
  totalCost: number;
  totalTokens: number;
};

export type SessionVisibilitySetParams = {
  [name: string]: unknown;
};

export type SessionVisibilitySetReply = null;

export type SessionsAbortParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Whether turns that wait go, too; true when absent. */
  clearQueued?: boolean | null;
  /** Session key. */
  key?: SessionKey | null;
  /** Only this run. */
  runId?: RunId | null;
};

export type SessionsAbortReply = {
  /** The run that was at work. */
  abortedRunId: RunId | null;
  ok: boolean;
  /** `aborted` or `no-active-run`. */
  status: string;
};

export type SessionsAssignOwnerParams = {
  [name: string]: unknown;
};

export type SessionsAssignOwnerReply = null;

export type SessionsBranchesListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  sessionKey: SessionKey;
};

export type SessionsBranchesListReply = {
  /** The only one; none while nothing was said. */
  branches: Branch[];
};

export type SessionsBranchesSwitchParams = {
  [name: string]: unknown;
};

export type SessionsBranchesSwitchReply = null;

export type SessionsCatalogArchiveParams = {
  [name: string]: unknown;
};

export type SessionsCatalogArchiveReply = null;

export type SessionsCatalogContinueParams = {
  [name: string]: unknown;
};

export type SessionsCatalogContinueReply = null;

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

export type SessionsCatalogReadParams = {
  [name: string]: unknown;
};

export type SessionsCatalogReadReply = null;

export type SessionsCatalogStartTerminalParams = {
  [name: string]: unknown;
};

export type SessionsCatalogStartTerminalReply = null;

export type SessionsCleanupParams = {
  /** A session that stays in any case. */
  activeKey?: SessionKey | null;
  /** Only sessions of this agent; of all when absent. */
  agent?: AgentId | null;
  /** Understood and not needed. */
  allAgents?: unknown;
  /** Whether they are removed; else they are counted. */
  enforce?: boolean;
  /** Understood and not needed. */
  fixDmScope?: unknown;
  /** Understood and not needed. */
  fixMissing?: unknown;
};

export type SessionsCleanupReply = {
  afterCount: number;
  /** Which agent, or `*`. */
  agentId: string;
  /** That it was done. */
  applied?: boolean | null;
  /** Sessions that are left. */
  appliedCount?: number | null;
  beforeCount: number;
  capped: number;
  /** There is no such budget. */
  diskBudget: unknown;
  dmScopeRetired: number;
  /** Whether nothing was changed. */
  dryRun: boolean;
  /** Sessions of agents that are not configured any more. What was said in them is kept among the archives. */
  missing: number;
  /** `enforce` or `warn`. */
  mode: string;
  modelRunPruned: number;
  pruned: number;
  /** Where sessions are kept. */
  storePath: string;
  unreferencedArtifacts: Artifacts;
  /** Whether there is something to do. */
  wouldMutate: boolean;
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

export type SessionsCompactionBranchParams = {
  [name: string]: unknown;
};

export type SessionsCompactionBranchReply = null;

export type SessionsCompactionListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
};

export type SessionsCompactionListReply = {
  /** Newest first. */
  checkpoints: Checkpoint[];
  key: SessionKey;
  ok: boolean;
};

export type SessionsCompactionRestoreParams = {
  [name: string]: unknown;
};

export type SessionsCompactionRestoreReply = null;

export type SessionsCompanionAskParams = {
  [name: string]: unknown;
};

export type SessionsCompanionAskReply = null;

export type SessionsCompanionResetParams = {
  [name: string]: unknown;
};

export type SessionsCompanionResetReply = null;

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
  /** Refused unless empty. */
  catalogId?: unknown;
  /** Kept for clients. */
  category?: string | null;
  /** Refused unless empty. */
  contextWindow?: unknown;
  /** Refused unless empty. */
  cwd?: unknown;
  /** Name for people that need not be unique; kept for clients. */
  displayName?: string | null;
  /** Understood and not needed. */
  emitCommandHooks?: unknown;
  /** Refused unless empty. */
  execNode?: unknown;
  /** Refused unless empty. */
  fastMode?: unknown;
  /** Refused unless empty. */
  fork?: unknown;
  /** Refused unless empty. */
  forkFrom?: unknown;
  /** The same key again makes no second session. */
  idempotencyKey?: string | null;
  /** Refused unless empty. */
  incognito?: unknown;
  /** Its key; one is made when absent. */
  key?: SessionKey | null;
  /** Name for people, unique. */
  label?: string | null;
  /** First message. */
  message?: string | null;
  /** `provider/model`. */
  model?: string | null;
  /** The session that a client was in; kept for clients. */
  parentSessionKey?: SessionKey | null;
  /** Refused unless empty. */
  permissionMode?: unknown;
  /** Refused unless empty. */
  projectGitUrl?: unknown;
  /** Refused unless empty. */
  projectId?: unknown;
  /** Refused unless empty. */
  spawnDepth?: unknown;
  /** Understood and not needed. */
  succeedsParent?: unknown;
  /** The same as `message`. */
  task?: string | null;
  /** Thinking level. */
  thinkingLevel?: string | null;
  /** How long the turn may take, milliseconds. */
  timeoutMs?: number | null;
  /** Refused unless empty. */
  toolOverrides?: unknown;
  /** The most that the session's agent may use; kept and shown as `toolsProfile`. */
  tools?: Tools | null;
  /** Refused unless empty. */
  visibility?: unknown;
  /** Refused unless empty. */
  worktree?: unknown;
  /** Refused unless empty. */
  worktreeBaseRef?: unknown;
  /** Refused unless empty. */
  worktreeName?: unknown;
};

export type SessionsCreateParamsProfile = "minimal" | "coding" | "messaging" | "full";

export type SessionsCreateReply = unknown;

export type SessionsDeleteParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Refused when the session is not archived. */
  archivedOnly?: boolean;
  /** Whether the transcript is removed rather than archived; true when absent. */
  deleteTranscript?: boolean | null;
  /** Understood and not needed. */
  emitLifecycleHooks?: unknown;
  /** Understood and not needed. */
  expectedLifecycleRevision?: unknown;
  /** Refused when the session has another transcript now. */
  expectedSessionId?: string | null;
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

export type SessionsDiffParams = {
  [name: string]: unknown;
};

export type SessionsDiffReply = null;

export type SessionsDispatchParams = {
  [name: string]: unknown;
};

export type SessionsDispatchReply = null;

export type SessionsFilesGetParams = {
  [name: string]: unknown;
};

export type SessionsFilesGetReply = null;

export type SessionsFilesListParams = {
  [name: string]: unknown;
};

export type SessionsFilesListReply = null;

export type SessionsFilesRevealParams = {
  [name: string]: unknown;
};

export type SessionsFilesRevealReply = null;

export type SessionsFilesSetParams = {
  [name: string]: unknown;
};

export type SessionsFilesSetReply = null;

export type SessionsForkParams = {
  [name: string]: unknown;
};

export type SessionsForkReply = null;

export type SessionsGetParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Session key. */
  key: SessionKey;
  /** Most lines, 1 to 1,000; 200 when absent. */
  limit?: number | null;
};

export type SessionsGetReply = {
  /** The newest ones, oldest first, as `chat.history` shows them. */
  messages: unknown[];
};

export type SessionsGithubConfirmParams = {
  [name: string]: unknown;
};

export type SessionsGithubConfirmReply = null;

export type SessionsGithubOptionsParams = {
  [name: string]: unknown;
};

export type SessionsGithubOptionsReply = null;

export type SessionsGithubPublishParams = {
  [name: string]: unknown;
};

export type SessionsGithubPublishReply = null;

export type SessionsGithubStatusParams = {
  [name: string]: unknown;
};

export type SessionsGithubStatusReply = null;

export type SessionsGoalClearParams = {
  [name: string]: unknown;
};

export type SessionsGoalClearReply = null;

export type SessionsGoalUpdateParams = {
  [name: string]: unknown;
};

export type SessionsGoalUpdateReply = null;

export type SessionsGroupsDefaultsParams = Record<string, never>;

export type SessionsGroupsDefaultsReply = {
  defaults: SessionsGroupsDefaultsReplyDefaults[];
};

export type SessionsGroupsDefaultsReplyDefaults = {
  cwd?: string | null;
  name: string;
  worktree: boolean;
};

export type SessionsGroupsDeleteParams = {
  name: string;
};

export type SessionsGroupsDeleteReply = {
  groups: Placed[];
  ok: boolean;
  sectionOrder: string[];
  /** Sessions that belong to another group now. */
  updatedSessions?: number | null;
};

export type SessionsGroupsListParams = Record<string, never>;

export type SessionsGroupsListReply = {
  groups: Placed[];
  sectionOrder: string[];
};

export type SessionsGroupsPutParams = {
  /** At most 200 names; a group that is not named is gone. */
  names: string[];
  /** Names of sections, in their order; as they were when absent. */
  sectionOrder?: string[] | null;
};

export type SessionsGroupsPutReply = {
  groups: Placed[];
  ok: boolean;
  sectionOrder: string[];
  /** Sessions that belong to another group now. */
  updatedSessions?: number | null;
};

export type SessionsGroupsRenameParams = {
  name: string;
  /** Its new name. */
  to: string;
};

export type SessionsGroupsRenameReply = {
  groups: Placed[];
  ok: boolean;
  sectionOrder: string[];
  /** Sessions that belong to another group now. */
  updatedSessions?: number | null;
};

export type SessionsGroupsUpdateParams = {
  /** A folder; `null` for none. */
  cwd?: string | null;
  name: string;
  /** Whether each gets a working tree of its own. */
  worktree: boolean;
};

export type SessionsGroupsUpdateReply = {
  defaults: SessionsGroupsUpdateReplyDefaults[];
  ok: boolean;
};

export type SessionsGroupsUpdateReplyDefaults = {
  cwd?: string | null;
  name: string;
  worktree: boolean;
};

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
  /** Understood and not needed. */
  excludeSubagents?: unknown;
  /** Only those with a board: none, because there are no boards. */
  hasBoard?: boolean | null;
  /** Understood and not needed. */
  includeActivitySummary?: unknown;
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
  /** Most rows, 1 to 10,000; 100 when absent. No page has more than 1,000. */
  limit?: number | null;
  /** Rows to pass over, at most 10,000; prefer the cursor. */
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
  /** Only those that this session started: none, because sessions do not start others yet. */
  spawnedBy?: string | null;
};

export type SessionsListReply = {
  /** Rows in this answer. */
  count: number;
  defaults: SessionsListReplyDefaults;
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

export type SessionsListReplyDefaults = {
  /** Tokens that fit into the model. */
  contextTokens: number;
  model: string;
  modelProvider: string;
};

export type SessionsMessagesSubscribeParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Adds the approvals of the session, those that wait and those to come; needs operator.approvals. */
  includeApprovals?: boolean;
  /** Session key. */
  key: SessionKey;
};

export type SessionsMessagesSubscribeReply = {
  /** Approvals of the session that wait. */
  approvalReplay?: ApprovalReplay | null;
  /** Canonical key. */
  key: SessionKey;
  /** `true`. */
  subscribed: boolean;
};

export type SessionsMessagesUnsubscribeParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
};

export type SessionsMessagesUnsubscribeReply = unknown;

export type SessionsMoveParams = {
  [name: string]: unknown;
};

export type SessionsMoveReply = null;

export type SessionsObserverVisibilityParams = {
  /** Whether it is seen. */
  visible: boolean;
};

export type SessionsObserverVisibilityReply = {
  ok: boolean;
};

export type SessionsPatchManyParams = {
  /** As `sessions.patch` takes it, without `key`. */
  patch: {
    [name: string]: unknown;
  };
  /** 1 to 200 sessions. */
  targets: Target[];
};

export type SessionsPatchManyReply = {
  /** In the order of the targets. */
  outcomes: Outcome[];
};

export type SessionsPatchParams = {
  /** Whose session it is; must agree with a key that says so itself. */
  agentId?: AgentId | null;
  archived?: boolean | null;
  /** A sign beside it: `hand`, `key`, `alert`, `flag`, `lock`, `hourglass`. */
  attention?: string | null;
  /** `chat` or `dashboard`; kept for clients. */
  boardFace?: string | null;
  /** Kept for clients. */
  boardPresentation?: string | null;
  /** Kept for clients. */
  category?: unknown;
  /** Kept for clients. */
  color?: unknown;
  /** Refused unless empty: sessions do not make each other. */
  completionOwnerSessionKey?: unknown;
  /** Refused unless empty: a model has one window. */
  contextWindow?: unknown;
  elevatedLevel?: string | null;
  /** Refused unless empty: `exec.approvals.set` has the policy. */
  execAsk?: unknown;
  /** Refused unless empty: there are no tools. */
  execHost?: unknown;
  /** Refused unless empty: there are no tools. */
  execNode?: unknown;
  /** Refused unless empty: `exec.approvals.set` has the policy. */
  execSecurity?: unknown;
  /** Refused unless empty: revisions are not counted. */
  expectedLifecycleRevision?: unknown;
  /** With `unread: false`: the mark that was seen (`markedUnreadAt`, `null` for none). Another mark stays. */
  expectedMarkedUnreadAt?: number | null;
  /** Refused unless empty: there are no tools. */
  expectedPermissionMode?: unknown;
  /** Refused when the session has another transcript now. */
  expectedSessionId?: string | null;
  /** Refused unless empty: there are no tools. */
  expectedToolOverrides?: unknown;
  /** Models that stand in for it, in order, each `provider/model`, at most 7; empty for none. */
  fallbacks?: string[] | null;
  /** Refused unless `false`. */
  fastMode?: unknown;
  groupActivation?: string | null;
  /** Kept for clients. */
  icon?: unknown;
  /** Refused unless empty: there are no tools. */
  inheritedToolAllow?: unknown;
  /** Refused unless empty: there are no tools. */
  inheritedToolDeny?: unknown;
  /** Refused unless empty: there are no tools. */
  inheritedToolPolicyVersion?: unknown;
  /** Which session. */
  key: SessionKey;
  /** Name for people, unique, at most 512 characters. */
  label?: string | null;
  /** `provider/model`. */
  model?: string | null;
  /** Refused unless empty: there are no tools. */
  permissionMode?: unknown;
  pinned?: boolean | null;
  queueMode?: string | null;
  reasoningLevel?: string | null;
  responseUsage?: string | null;
  sendPolicy?: string | null;
  /** Refused unless empty: sessions do not make each other. */
  spawnedBy?: unknown;
  /** A note of at most 120 characters for a while; `null` takes it and its sign away. */
  statusNote?: string | null;
  thinkingLevel?: string | null;
  /** Refused unless empty: there are no tools. */
  toolOverrides?: unknown;
  /** Refused unless `off`. */
  traceLevel?: unknown;
  /** How long note and sign stand, 1 to 120 minutes; 30 when absent. */
  ttlMinutes?: number | null;
  /** Kept for clients. */
  unread?: boolean | null;
  verboseLevel?: string | null;
};

export type SessionsPatchReply = unknown;

export type SessionsPluginPatchParams = {
  [name: string]: unknown;
};

export type SessionsPluginPatchReply = null;

export type SessionsPreviewParams = {
  /** 1 to 200 keys. */
  keys: SessionKey[];
  /** Lines of each, 1 to 100; 12 when absent. */
  limit?: number | null;
  /** Longest line, at least 20 characters; 240 when absent. */
  maxChars?: number | null;
};

export type SessionsPreviewReply = unknown;

export type SessionsReclaimParams = {
  [name: string]: unknown;
};

export type SessionsReclaimReply = null;

export type SessionsRecoverParams = {
  [name: string]: unknown;
};

export type SessionsRecoverReply = null;

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

export type SessionsRewindParams = {
  [name: string]: unknown;
};

export type SessionsRewindReply = null;

export type SessionsSearchParams = {
  /** Only in sessions of this agent. */
  agentId?: AgentId | null;
  /** Most lines, 1 to 25; 10 when absent. */
  limit?: number | null;
  /** Words that a line must hold, all of them, whatever their case; 1 to 4,096 bytes, at most 16 words. */
  query: string;
  /** Only in these sessions, at most 200. */
  sessionKeys?: SessionKey[];
};

export type SessionsSearchReply = {
  /** Newest first. */
  results: Hit[];
  /** Whether there may be older ones: enough was found, or 50,000 lines were looked at. */
  truncated: boolean;
};

export type SessionsSendParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Images. */
  attachments?: Attachment[];
  /** Names the run. The same key again does not run twice. */
  idempotencyKey?: RunId | null;
  /** Session key. */
  key: SessionKey;
  /** The text, at most 1 MiB. */
  message: string;
  /** Thinking level for this turn. */
  thinking?: string | null;
  /** How long the run may take, milliseconds. */
  timeoutMs?: number | null;
};

export type SessionsSendReply = {
  /** Of `sessions.steer`: whether a run was ended for it. */
  interruptedActiveRun?: boolean | null;
  runId: RunId;
  sessionKey: SessionKey;
  /** `started`; of a repeated request `in_flight` or `ok`. */
  status: string;
};

export type SessionsSteerParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Images. */
  attachments?: Attachment[];
  /** Names the run. The same key again does not run twice. */
  idempotencyKey?: RunId | null;
  /** Session key. */
  key: SessionKey;
  /** The text, at most 1 MiB. */
  message: string;
  /** Thinking level for this turn. */
  thinking?: string | null;
  /** How long the run may take, milliseconds. */
  timeoutMs?: number | null;
};

export type SessionsSteerReply = {
  /** Of `sessions.steer`: whether a run was ended for it. */
  interruptedActiveRun?: boolean | null;
  runId: RunId;
  sessionKey: SessionKey;
  /** `started`; of a repeated request `in_flight` or `ok`. */
  status: string;
};

export type SessionsSubscribeParams = unknown;

export type SessionsSubscribeReply = unknown;

export type SessionsTitlePrepareParams = {
  [name: string]: unknown;
};

export type SessionsTitlePrepareReply = null;

export type SessionsUnsubscribeParams = Record<string, never>;

export type SessionsUnsubscribeReply = unknown;

export type SessionsUsageLogsParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
  /** Most lines, 1 to 1,000; 200 when absent. */
  limit?: number | null;
};

export type SessionsUsageLogsReply = {
  /** Oldest first, the newest of the transcript. */
  logs: Line[];
};

export type SessionsUsageParams = {
  /** Only sessions of this agent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  agentScope?: unknown;
  /** The last day, `YYYY-MM-DD`; today when absent. */
  endDate?: string | null;
  /** Understood and not needed. */
  groupBy?: unknown;
  /** Understood and not needed. */
  includeContextWeight?: unknown;
  /** Understood and not needed. */
  includeHistorical?: unknown;
  /** Only this session. */
  key?: SessionKey | null;
  /** Most sessions, 1 to 1,000; 50 when absent. The sums are over all of them in any case. */
  limit?: number | null;
  /** `utc`, `gateway` or `specific`: whose midnight begins a day. */
  mode?: string | null;
  /** `7d`, `30d`, `90d`, `1y` or `all`, the last day of which is `endDate`. */
  range?: string | null;
  /** The first day, `YYYY-MM-DD`. */
  startDate?: string | null;
  /** `Europe/Berlin`; the offset that it has today holds for all days. */
  timeZone?: string | null;
  /** `UTC+2`. */
  utcOffset?: string | null;
};

export type SessionsUsageReply = {
  aggregates: Aggregates;
  /** Nobody else makes sessions, so there is nothing to choose from. */
  creatorOptions: [];
  /** The last day. */
  endDate: string;
  /** The last active first. */
  sessions: SessionsUsageReplyRow[];
  /** The first day. */
  startDate: string;
  totals: Figures;
  /** Now, milliseconds since the epoch. */
  updatedAt: number;
};

export type SessionsUsageReplyRow = {
  agentId: string;
  chatType: string;
  key: string;
  label?: string | null;
  model: string;
  modelProvider: string;
  scope: string;
  sessionId: string;
  updatedAt: number;
  usage: SessionUsage;
};

export type SessionsUsageReplyTools = {
  tools: [];
  totalCalls: number;
  uniqueTools: number;
};

export type SessionsUsageTimeseriesParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  key: SessionKey;
};

export type SessionsUsageTimeseriesReply = {
  /** Oldest first, at most the newest 2,000. */
  points: Point[];
  /** Identifier of the present transcript. */
  sessionId: string;
};

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

export type SetHeartbeatsParams = {
  /** Whether agents look by themselves and when they are woken. */
  enabled: boolean;
};

export type SetHeartbeatsReply = {
  enabled: boolean;
  ok: boolean;
};

export type Severity = "info" | "warn" | "error" | "critical";

export type Shared = {
  /** Beginning of the token's hash. A password has none, because it could be guessed from it. */
  fingerprint?: string | null;
  /** Where it is set: the file, an environment variable, or the command line. */
  from: string;
  /** `token` or `password`. */
  kind: string;
};

export type Shown = {
  /** `file` or `directory`. */
  kind: string;
  name: string;
  /** In the workspace. */
  path: string;
  /** Bytes of a file. */
  size?: number | null;
  /** When a file was last written, milliseconds since the epoch. */
  updatedAtMs?: number | null;
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

export type Skill = {
  /** The text, at most 65,536 characters. */
  content: string;
  /** What it is good for, at most 1,024 characters. */
  description: string;
  /** Small letters, digits and single `-`; at most 64. */
  name: string;
};

export type SkillsBinsParams = Record<string, never>;

export type SkillsBinsReply = {
  /** Their names, sorted. */
  bins: string[];
};

export type SkillsInstallParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  dangerouslyForceUnsafeInstall?: unknown;
  /** Replaces a skill of that name. */
  force?: boolean | null;
  /** Which of its ways to get it. */
  installId?: string | null;
  /** A skill that lacks a program. */
  name?: string | null;
  /** With `path`: a folder or an archive (zip, tar, tar.gz) on the gateway's machine, an absolute path or below `~/`. */
  path?: string | null;
  /** SHA-256 that it must have, hex: of the archive, or of the folder as this method tells it. */
  sha256?: string | null;
  /** The name to install it under, 1 to 64 of a-z, 0-9 and `-`; made from the name of the folder or archive when absent. */
  slug?: string | null;
  /** Where it comes from. Without it, `name` and `installId` name a program that a skill lacks. */
  source?: Source | null;
  /** Understood and not needed. */
  timeoutMs?: unknown;
  /** Understood and not needed. */
  uploadId?: unknown;
  /** Understood and not needed. */
  version?: unknown;
};

export type SkillsInstallReply = {
  /** Their bytes. */
  bytes: number;
  code: number;
  /** Its files. */
  files: number;
  message: string;
  /** The skill's own name. */
  name: string;
  ok: boolean;
  /** Where. */
  path: string;
  /** Whether another one was there. */
  replaced: boolean;
  /** SHA-256 over names, kinds and bytes of everything in it; a skill that no longer has it is not used. */
  sha256: string;
  /** Under which name. */
  slug: string;
  /** Nothing is run. */
  stderr: string;
  /** Nothing is run. */
  stdout: string;
};

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
  /** Skills that were installed for proposals to begin from. */
  installedSkills: [];
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
  /** Which agent; the one of the session, else the default one, when absent. */
  agentId?: AgentId | null;
  /** A session of the agent. */
  sessionKey?: SessionKey | null;
};

export type SkillsStatusReply = {
  /** Whose they are. */
  agentId: AgentId;
  /** Where skills are that all agents have. */
  managedSkillsDir: string;
  /** What looks like a skill and is none. */
  problems: Wrong[];
  /** By name. */
  skills: SkillsStatusReplyShown[];
  /** The agent's folder; its own skills are in `skills` there. */
  workspaceDir: string;
};

export type SkillsStatusReplyShown = {
  /** Whether only its system counts of what it needs. */
  always: boolean;
  /** Its folder. */
  baseDir: string;
  /** There is no such list. */
  blockedByAgentFilter: boolean;
  /** There is no such list. */
  blockedByAllowlist: boolean;
  /** Why it is not used although nothing is missing: it is not what was installed. */
  broken?: string | null;
  /** Whether it came with the gateway; none does. */
  bundled: boolean;
  /** Whether that works; agents use no skills yet. */
  commandVisible: boolean;
  /** Keys of the configuration that it needs. */
  configChecks: Check[];
  description: string;
  /** `skills.entries` turns it off. */
  disabled: boolean;
  /** Nothing is missing, and it may be used. */
  eligible: boolean;
  emoji?: string | null;
  /** Its `SKILL.md`. */
  filePath: string;
  homepage?: string | null;
  /** How what is missing could be had. The gateway runs none of these. */
  install: Choice[];
  /** What was noted when the gateway installed it. */
  installed?: Noted | null;
  /** What of that is not there. */
  missing: NeedsShown;
  /** Whether models are told of it; agents use no skills yet. */
  modelVisible: boolean;
  name: string;
  /** It is for other systems. */
  platformIncompatible: boolean;
  /** The variable that its API key is passed in. */
  primaryEnv?: string | null;
  /** What it needs. */
  requirements: NeedsShown;
  /** Its name in `skills.entries`. */
  skillKey: string;
  /** `openclaw-workspace`, `openclaw-managed` or `openclaw-extra`. */
  source: string;
  /** Whether people may call it by its name. */
  userInvocable: boolean;
};

export type SkillsUpdateParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Whether all skills of a registry are meant. */
  all?: boolean | null;
  /** Value of the variable that it calls its `primaryEnv`; an empty text clears. */
  apiKey?: string | null;
  /** Whether agents may have it. */
  enabled?: boolean | null;
  /** Further variables; an empty text clears one. */
  env?: {
    [name: string]: string;
  } | null;
  /** Understood and not needed. */
  force?: unknown;
  /** `skillKey` of the skill, as `skills.status` tells it. */
  skillKey?: string | null;
  /** Which skill of a registry. */
  slug?: string | null;
  /** Another way of updating: from a registry. The gateway asks none. */
  source?: Registry | null;
};

export type SkillsUpdateReply = {
  /** Its entry; secrets are replaced by a marker. */
  config: unknown;
  ok: boolean;
  /** Which skill. */
  skillKey: string;
};

export type SocketPlace = {
  /** Where. */
  path?: string | null;
  /** Its secret. Never shown. */
  token?: string | null;
};

export type Source = "path" | "clawhub" | "upload";

export type SpawnEnd = {
  /** Exit code. */
  exitCode?: number | null;
  /** For example `SIGTERM`. */
  signal?: string | null;
};

export type SpawnKillParams = {
  /** Whether to end it at once, without asking it to end by itself first. */
  force?: boolean;
  /** Its `spawnId`, or the id of the request that started it. */
  id: string;
};

export type SpawnKillReply = {
  /** Its arguments, while this start of the gateway knows them: they are not stored. */
  args?: string[] | null;
  /** The command as it was sent. */
  command: string;
  /** When it ended. */
  completedAt: number | null;
  /** Where it was started. */
  cwd: string;
  /** What went wrong. */
  error: string | null;
  /** Id of the request that started it; several may have it. */
  id: string;
  /** Its process. */
  pid: number | null;
  /** Exit code or signal. */
  result: SpawnEnd | null;
  /** `AGENT_NAME`, else the command. */
  source: string;
  /** Names it for good. */
  spawnId: string;
  /** When it was started, milliseconds since the epoch. */
  startedAt: number | null;
  /** Who started it. */
  startedBy: string;
  /** `starting`, `running`, `completed`, `failed`, `killed`, or `lost` with an earlier start of the gateway. */
  status: string;
};

export type SpawnListParams = {
  /** Only those that run. */
  active?: boolean;
  /** Most programs, 1 to 1,000; 100 when absent. */
  limit?: number | null;
};

export type SpawnListReply = {
  /** How many run now. */
  running: number;
  /** Newest first. */
  spawns: SpawnListReplyShown[];
};

export type SpawnListReplyShown = {
  /** Its arguments, while this start of the gateway knows them: they are not stored. */
  args?: string[] | null;
  /** The command as it was sent. */
  command: string;
  /** When it ended. */
  completedAt: number | null;
  /** Where it was started. */
  cwd: string;
  /** What went wrong. */
  error: string | null;
  /** Id of the request that started it; several may have it. */
  id: string;
  /** Its process. */
  pid: number | null;
  /** Exit code or signal. */
  result: SpawnEnd | null;
  /** `AGENT_NAME`, else the command. */
  source: string;
  /** Names it for good. */
  spawnId: string;
  /** When it was started, milliseconds since the epoch. */
  startedAt: number | null;
  /** Who started it. */
  startedBy: string;
  /** `starting`, `running`, `completed`, `failed`, `killed`, or `lost` with an earlier start of the gateway. */
  status: string;
};

export type SpawnOutputParams = {
  /** Where the last page ended; the oldest output that is kept when absent. */
  cursor?: number | null;
  /** How bytes become JSON: `text` or `base64`. */
  encoding?: Encoding;
  /** Its `spawnId`, or the id of the request that started it. */
  id: string;
  /** Most bytes, 1024 to 262,144; 65,536 when absent. */
  maxBytes?: number | null;
  /** How long to wait for output when there is none yet, milliseconds, up to 30,000; 0 when absent. */
  waitMs?: number | null;
};

export type SpawnOutputReply = {
  /** Where the next page begins. */
  cursor: number;
  /** The program once it is over and everything was shown. */
  ended?: SpawnOutputReplyShown | null;
  /** Bytes before this page that are not kept any more. */
  lost: number;
  /** What was written, in order. */
  output: Run[];
};

export type SpawnOutputReplyShown = {
  /** Its arguments, while this start of the gateway knows them: they are not stored. */
  args?: string[] | null;
  /** The command as it was sent. */
  command: string;
  /** When it ended. */
  completedAt: number | null;
  /** Where it was started. */
  cwd: string;
  /** What went wrong. */
  error: string | null;
  /** Id of the request that started it; several may have it. */
  id: string;
  /** Its process. */
  pid: number | null;
  /** Exit code or signal. */
  result: SpawnEnd | null;
  /** `AGENT_NAME`, else the command. */
  source: string;
  /** Names it for good. */
  spawnId: string;
  /** When it was started, milliseconds since the epoch. */
  startedAt: number | null;
  /** Who started it. */
  startedBy: string;
  /** `starting`, `running`, `completed`, `failed`, `killed`, or `lost` with an earlier start of the gateway. */
  status: string;
};

export type SpawnParams = {
  /** For which agent the approval is. */
  agentId?: AgentId | null;
  /** An approval of exactly this program, which is used up: `exec.approval.request` with `host: "gateway"` or none. It is needed besides `spawn.allow`, not instead. */
  approvalId?: string | null;
  /** Its arguments. Never passed to a shell. */
  args?: string[];
  /** Program name or absolute path, exactly as listed in `spawn.allow`. */
  command: string;
  /** Folder it starts in: absolute, and below `spawn.roots` if there are any. */
  cwd?: string | null;
  /** Variables set for it. `AGENT_NAME` names it in events and in the log. */
  env?: {
    [name: string]: string;
  };
  /** Whether its output waits for `spawn.output` to ask for it, as long as somebody goes on asking. Otherwise the oldest goes. */
  follow?: boolean;
  /** For which session the approval is. */
  sessionKey?: SessionKey | null;
};

export type SpawnReply = {
  /** The request's id, as `spawn_result` shows it. */
  id: string;
  /** Its process. */
  pid: number | null;
  /** Names the program for good. */
  spawnId: string;
  /** `running`. */
  status: string;
};

export type Standing = "verifying" | "whole" | "broken";

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

export type StateRow = {
  consecutiveErrors?: number | null;
  consecutiveSkipped?: number | null;
  lastDeliveryStatus?: DeliveryStatus | null;
  lastDurationMs?: number | null;
  lastError?: string | null;
  lastRunAtMs?: number | null;
  lastRunStatus?: string | null;
  /** The same under its older name. */
  lastStatus?: string | null;
  nextRunAtMs?: number | null;
  runningAtMs?: number | null;
  scheduleActivatedAtMs?: number | null;
};

export type Status = "live" | "revoked";

export type StatusParams = {
  /** Understood and not needed. */
  includeChannelSummary?: unknown;
};

export type StatusReply = unknown;

export type Step = {
  /** Who carries the step out: always the one who is asked. */
  executor: string;
  /** Names this showing of it; an answer names it, too. */
  id: string;
  /** What holds when nothing is chosen. */
  initialValue?: unknown;
  /** The question. */
  message: string;
  /** What can be chosen. */
  options?: WizardNextReplyChoice[];
  /** What stands in an empty field. */
  placeholder?: string | null;
  /** Whether the answer must not be shown. */
  sensitive?: boolean;
  /** What it is about. */
  title: string;
  /** How it is answered. */
  type: WizardNextReplyKind;
};

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

export type Suppressed = {
  checkId: string;
  detail: string;
  remediation?: string | null;
  severity: string;
  suppression: Suppression;
  title: string;
};

export type Suppression = {
  reason?: string | null;
};

export type SystemEventParams = {
  /** For example `iPhone`. */
  deviceFamily?: string | null;
  /** Verified nowhere: what the caller says of itself. */
  deviceId?: string | null;
  /** Host name. */
  host?: string | null;
  /** Tells two windows of one program apart. */
  instanceId?: string | null;
  /** Address. */
  ip?: string | null;
  /** Seconds since the person's last input. */
  lastInputSeconds?: number | null;
  /** For example `node`. */
  mode?: string | null;
  /** For example `MacBookPro18,3`. */
  modelIdentifier?: string | null;
  /** For example `linux`. */
  platform?: string | null;
  /** Why it is said. */
  reason?: string | null;
  /** Understood and not needed. */
  roles?: unknown;
  /** Understood and not needed. */
  scopes?: unknown;
  /** Understood and not needed. */
  tags?: unknown;
  /** One line. */
  text: string;
  /** Version of the program. */
  version?: string | null;
};

export type SystemEventReply = {
  ok: boolean;
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

export type SystemRunPlan = {
  /** For which agent. */
  agentId?: AgentId | null;
  /** Its words. */
  argv: string[];
  /** Understood and not needed. */
  commandPreview?: unknown;
  /** The command line. */
  commandText: string;
  /** The folder. */
  cwd?: string | null;
  /** Understood and not needed. */
  mutableFileOperand?: unknown;
  /** Understood and not needed. */
  policySnapshot?: unknown;
  /** In which session. */
  sessionKey?: SessionKey | null;
};

export type TalkCatalogParams = Record<string, never>;

export type TalkCatalogReply = {
  brains: [];
  modes: [];
  realtime: Voices;
  speech: Voices;
  transcription: Voices;
  transports: [];
};

export type TalkClientCloseParams = {
  [name: string]: unknown;
};

export type TalkClientCloseReply = null;

export type TalkClientCreateParams = {
  [name: string]: unknown;
};

export type TalkClientCreateReply = null;

export type TalkClientSteerParams = {
  [name: string]: unknown;
};

export type TalkClientSteerReply = null;

export type TalkClientToolCallParams = {
  [name: string]: unknown;
};

export type TalkClientToolCallReply = null;

export type TalkClientTranscriptParams = {
  [name: string]: unknown;
};

export type TalkClientTranscriptReply = null;

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

export type TalkModeParams = {
  [name: string]: unknown;
};

export type TalkModeReply = null;

export type TalkSession = {
  mainKey: string;
};

export type TalkSessionAcknowledgeMarkParams = {
  [name: string]: unknown;
};

export type TalkSessionAcknowledgeMarkReply = null;

export type TalkSessionAppendAudioParams = {
  [name: string]: unknown;
};

export type TalkSessionAppendAudioReply = null;

export type TalkSessionCancelOutputParams = {
  [name: string]: unknown;
};

export type TalkSessionCancelOutputReply = null;

export type TalkSessionCloseParams = {
  [name: string]: unknown;
};

export type TalkSessionCloseReply = null;

export type TalkSessionCreateParams = {
  [name: string]: unknown;
};

export type TalkSessionCreateReply = null;

export type TalkSessionSteerParams = {
  [name: string]: unknown;
};

export type TalkSessionSteerReply = null;

export type TalkSessionSubmitToolResultParams = {
  [name: string]: unknown;
};

export type TalkSessionSubmitToolResultReply = null;

export type TalkSpeakParams = {
  [name: string]: unknown;
};

export type TalkSpeakReply = null;

export type Target = {
  agentId?: AgentId | null;
  /** Refused: revisions are not counted. */
  expectedLifecycleRevision?: string | null;
  /** Refused when the session has another transcript now. */
  expectedSessionId?: string | null;
  key: SessionKey;
};

export type TaskSuggestionsAcceptParams = {
  [name: string]: unknown;
};

export type TaskSuggestionsAcceptReply = null;

export type TaskSuggestionsCreateParams = {
  [name: string]: unknown;
};

export type TaskSuggestionsCreateReply = null;

export type TaskSuggestionsDismissParams = {
  [name: string]: unknown;
};

export type TaskSuggestionsDismissReply = null;

export type TaskSuggestionsListParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  sessionKey?: unknown;
};

export type TaskSuggestionsListReply = {
  suggestions: [];
};

export type TasksCancelParams = {
  [name: string]: unknown;
};

export type TasksCancelReply = null;

export type TasksDismissParams = {
  [name: string]: unknown;
};

export type TasksDismissReply = null;

export type TasksGetParams = {
  [name: string]: unknown;
};

export type TasksGetReply = null;

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

export type TasksRetryParams = {
  [name: string]: unknown;
};

export type TasksRetryReply = null;

export type TerminalAttachParams = {
  [name: string]: unknown;
};

export type TerminalAttachReply = null;

export type TerminalCloseParams = {
  [name: string]: unknown;
};

export type TerminalCloseReply = null;

export type TerminalInputParams = {
  [name: string]: unknown;
};

export type TerminalInputReply = null;

export type TerminalListParams = {
  [name: string]: unknown;
};

export type TerminalListReply = null;

export type TerminalOpenParams = {
  [name: string]: unknown;
};

export type TerminalOpenReply = null;

export type TerminalResizeParams = {
  [name: string]: unknown;
};

export type TerminalResizeReply = null;

export type TerminalUploadParams = {
  [name: string]: unknown;
};

export type TerminalUploadReply = null;

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

export type Tool = {
  /** The command that it runs. */
  command?: string | null;
  /** What it does. */
  description: string;
  /** The tool of an MCP server that it runs. */
  mcp?: Mcp | null;
  /** A letter, then letters, digits, `_` or `-`; at most 64. */
  name: string;
  /** JSON Schema of what it takes. */
  parameters?: {
    [name: string]: unknown;
  } | null;
  /** Which plugin it belongs to. */
  pluginId: string;
};

export type Tools = {
  profile: SessionsCreateParamsProfile;
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

export type ToolsGithubAuthorizeCancelParams = {
  [name: string]: unknown;
};

export type ToolsGithubAuthorizeCancelReply = null;

export type ToolsGithubAuthorizePollParams = {
  [name: string]: unknown;
};

export type ToolsGithubAuthorizePollReply = null;

export type ToolsGithubAuthorizeStartParams = {
  [name: string]: unknown;
};

export type ToolsGithubAuthorizeStartReply = null;

export type ToolsGithubConfigureParams = {
  [name: string]: unknown;
};

export type ToolsGithubConfigureReply = null;

export type ToolsGithubStatusParams = {
  /** Which agent; the default one when absent. */
  agentId?: AgentId | null;
  /** Whose identity; the gateway's when absent. */
  selectedScope?: SelectedScope | null;
};

export type ToolsGithubStatusReply = {
  agentId: AgentId;
  effective: ToolsGithubStatusReplyIdentity;
  selected: Selected;
  selectedScope: string;
};

export type ToolsGithubStatusReplyIdentity = {
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

export type ToolsInvokeParams = {
  [name: string]: unknown;
};

export type ToolsInvokeReply = null;

export type Tried = {
  error?: string | null;
  label: string;
  /** Until the first sign of an answer. */
  latencyMs?: number | null;
  profileId: string;
  status: ModelsProbeReplyStatus;
};

export type TtsConvertParams = {
  [name: string]: unknown;
};

export type TtsConvertReply = null;

export type TtsDisableParams = {
  [name: string]: unknown;
};

export type TtsDisableReply = null;

export type TtsEnableParams = {
  [name: string]: unknown;
};

export type TtsEnableReply = null;

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

export type TtsSetPersonaParams = {
  [name: string]: unknown;
};

export type TtsSetPersonaReply = null;

export type TtsSetProviderParams = {
  [name: string]: unknown;
};

export type TtsSetProviderReply = null;

export type TtsSpeakParams = {
  [name: string]: unknown;
};

export type TtsSpeakReply = null;

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

export type UiCommandParams = {
  [name: string]: unknown;
};

export type UiCommandReply = null;

export type Unavailable = "allow-always";

export type UpdateHoldParams = {
  [name: string]: unknown;
};

export type UpdateHoldReply = null;

export type UpdateRunParams = {
  [name: string]: unknown;
};

export type UpdateRunReply = null;

export type UpdateStatusParams = {
  /** Understood and not needed. */
  refreshCheckout?: unknown;
};

export type UpdateStatusReply = {
  schedule: UpdateStatusReplySchedule;
  /** What the last update left behind: the gateway does not update itself. */
  sentinel: string | null;
  /** A newer version, when one is known. */
  updateAvailable: string | null;
};

export type UpdateStatusReplySchedule = {
  autoEnabled: boolean;
  channel: string;
  install: Install;
};

export type UsageCostParams = {
  /** Only of this agent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  agentScope?: unknown;
  /** That many, the last of which is today, 1 to 3,660; 30 when absent. */
  days?: number | null;
  /** The last day, `YYYY-MM-DD`; today when absent. */
  endDate?: string | null;
  /** `utc`, `gateway` or `specific`: whose midnight begins a day. */
  mode?: string | null;
  /** Understood and not needed. */
  range?: unknown;
  /** The first day, `YYYY-MM-DD`. */
  startDate?: string | null;
  /** `Europe/Berlin`; the offset that it has today holds for all days. */
  timeZone?: string | null;
  /** `UTC+2`. */
  utcOffset?: string | null;
};

export type UsageCostReply = {
  /** Every day, oldest first, also those without use. */
  daily: DayFigures[];
  /** How many days. */
  days: number;
  /** All of them together. */
  totals: Figures;
  /** Now, milliseconds since the epoch. */
  updatedAt: number;
};

export type UsageRow = {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
};

export type UsageStatusParams = {
  /** Understood and not needed. */
  agentId?: unknown;
  /** Understood and not needed. */
  refresh?: unknown;
};

export type UsageStatusReply = {
  /** By id. */
  providers: UsageStatusReplyProvider[];
  /** Whether newer figures are being fetched; they never are. */
  refreshing: boolean;
  /** Now, milliseconds since the epoch. */
  updatedAt: number;
};

export type UsageStatusReplyProvider = {
  /** Its name for people. */
  displayName: string;
  /** Its id. */
  provider: string;
  /** Windows of a plan: providers that are paid by the token have none, and no other is known. */
  windows: [];
};

export type UsersGithubAuthorizeCancelParams = {
  [name: string]: unknown;
};

export type UsersGithubAuthorizeCancelReply = null;

export type UsersGithubAuthorizePollParams = {
  [name: string]: unknown;
};

export type UsersGithubAuthorizePollReply = null;

export type UsersGithubAuthorizeStartParams = {
  [name: string]: unknown;
};

export type UsersGithubAuthorizeStartReply = null;

export type UsersGithubDisconnectParams = {
  [name: string]: unknown;
};

export type UsersGithubDisconnectReply = null;

export type UsersGithubStatusParams = {
  /** Understood and not needed. */
  profileId?: unknown;
};

export type UsersGithubStatusReply = {
  personal: Personal;
  system: UsersGithubStatusReplyIdentity;
};

export type UsersGithubStatusReplyIdentity = {
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

export type UsersLinkEmailParams = {
  [name: string]: unknown;
};

export type UsersLinkEmailReply = null;

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

export type UsersSetAvatarParams = {
  [name: string]: unknown;
};

export type UsersSetAvatarReply = null;

export type UsersSetDisplayNameParams = {
  [name: string]: unknown;
};

export type UsersSetDisplayNameReply = null;

export type UsersSetRoleParams = {
  [name: string]: unknown;
};

export type UsersSetRoleReply = null;

export type View = "default" | "configured" | "provider-config" | "all";

export type Voices = {
  providers: [];
  ready: boolean;
};

export type VoicewakeGetParams = Record<string, never>;

export type VoicewakeGetReply = {
  triggers: [];
};

export type VoicewakeRoutingGetParams = {
  [name: string]: unknown;
};

export type VoicewakeRoutingGetReply = null;

export type VoicewakeSetParams = {
  [name: string]: unknown;
};

export type VoicewakeSetReply = null;

export type Wake = "now" | "next-heartbeat";

export type WakeParams = {
  /** Whom. Default: the default agent. */
  agentId?: AgentId | null;
  /** Understood and not needed. */
  idempotencyKey?: unknown;
  /** `now`, or `next-heartbeat` to wait for the agent's next turn. */
  mode: string;
  /** Where. Default: the agent's main session. With it the agent looks at once. */
  sessionKey?: SessionKey | null;
  /** What the agent is told. */
  text: string;
};

export type WakeReply = {
  ok: boolean;
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

export type Where = "text" | "native" | "both";

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
  reload: ConfigGetReplyShown;
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

export type WizardCancelParams = {
  /** As `wizard.start` named it. */
  sessionId: string;
};

export type WizardCancelReply = {
  /** Why it could not be written. */
  error?: string | null;
  status: WizardCancelReplyStatus;
};

export type WizardCancelReplyStatus = "running" | "done" | "cancelled" | "error";

export type WizardNextParams = {
  /** The answer to the step that is shown; without one it is shown again. */
  answer?: Answer | null;
  /** As `wizard.start` named it. */
  sessionId: string;
};

export type WizardNextReply = {
  done: boolean;
  /** Why it could not be written. */
  error?: string | null;
  status: WizardNextReplyStatus;
  step?: Step | null;
};

export type WizardNextReplyChoice = {
  /** More about it. */
  hint?: string | null;
  /** What people read. */
  label: string;
  /** The answer. */
  value: string;
};

export type WizardNextReplyKind = "note" | "select" | "text" | "confirm";

export type WizardNextReplyStatus = "running" | "done" | "cancelled" | "error";

export type WizardStartParams = {
  /** A channel to be set up; there are none yet. */
  channel?: string | null;
  /** `setup`, which is the only one. */
  flow?: Flow | null;
  /** Whether the gateway becomes a service of its machine. It cannot do that to itself. */
  installDaemon?: boolean | null;
  /** `local`, which is this gateway. */
  mode?: Mode | null;
  /** A folder that is proposed for the agent. */
  workspace?: string | null;
};

export type WizardStartReply = {
  done: boolean;
  /** Names the setup in the calls that follow. */
  sessionId: string;
  status: WizardStartReplyStatus;
  step: WizardStartReplyStep;
};

export type WizardStartReplyChoice = {
  /** More about it. */
  hint?: string | null;
  /** What people read. */
  label: string;
  /** The answer. */
  value: string;
};

export type WizardStartReplyKind = "note" | "select" | "text" | "confirm";

export type WizardStartReplyStatus = "running" | "done" | "cancelled" | "error";

export type WizardStartReplyStep = {
  /** Who carries the step out: always the one who is asked. */
  executor: string;
  /** Names this showing of it; an answer names it, too. */
  id: string;
  /** What holds when nothing is chosen. */
  initialValue?: unknown;
  /** The question. */
  message: string;
  /** What can be chosen. */
  options?: WizardStartReplyChoice[];
  /** What stands in an empty field. */
  placeholder?: string | null;
  /** Whether the answer must not be shown. */
  sensitive?: boolean;
  /** What it is about. */
  title: string;
  /** How it is answered. */
  type: WizardStartReplyKind;
};

export type WizardStatusParams = {
  /** As `wizard.start` named it. */
  sessionId: string;
};

export type WizardStatusReply = {
  /** Why it could not be written. */
  error?: string | null;
  status: WizardStatusReplyStatus;
};

export type WizardStatusReplyStatus = "running" | "done" | "cancelled" | "error";

export type WorkerDesktopLaunchParams = {
  [name: string]: unknown;
};

export type WorkerDesktopLaunchReply = null;

export type WorkerDesktopObserveParams = {
  [name: string]: unknown;
};

export type WorkerDesktopObserveReply = null;

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

export type WorktreesCreateParams = {
  [name: string]: unknown;
};

export type WorktreesCreateReply = null;

export type WorktreesGcParams = {
  [name: string]: unknown;
};

export type WorktreesGcReply = null;

export type WorktreesListParams = Record<string, never>;

export type WorktreesListReply = {
  worktrees: [];
};

export type WorktreesRemoveParams = {
  [name: string]: unknown;
};

export type WorktreesRemoveReply = null;

export type WorktreesRestoreParams = {
  [name: string]: unknown;
};

export type WorktreesRestoreReply = null;

export type Wrong = {
  message: string;
  path: string;
};
