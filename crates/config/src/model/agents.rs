//! `agents.*`, `models.*` and `session.*`.

use std::collections::BTreeMap;

use openclaw_core::Secret;
use serde_json::Value;

use super::{cron::Heartbeat, gateway::SecretMap, scalar::ModelChoice};

section! {
    /// The agents and what they share.
    Agents {
        /// What holds for every agent that says nothing else.
        defaults: AgentDefaults = AgentDefaults::default(),
        /// The agents. Empty means one, `main`.
        list: Vec<Agent> = Vec::new(),
    }

    /// What holds for every agent that says nothing else.
    AgentDefaults {
        /// The model. Unset: the first one found.
        model: Option<ModelChoice> = None,
        /// How much the model thinks. Default: the model's own.
        thinking_default: Option<Thinking> = None,
        /// Longest run, in seconds. Default 600.
        #[schemars(range(min = 1, max = 86_400))]
        timeout_seconds: u64 = 600,
        /// Runs at once, over all sessions. Default 4.
        #[schemars(range(min = 1, max = 1024))]
        max_concurrent: u32 = 4,
        /// Folder the agents work in. Default `workspace` in the state directory.
        workspace: Option<String> = None,
        /// Text put before every conversation.
        system_prompt: Option<String> = None,
        /// Which sessions run isolated.
        sandbox: Option<AgentSandbox> = None,
        /// Regular looks of every agent that says nothing else.
        heartbeat: Option<Heartbeat> = None,
        /// Settings per model, kept as written.
        models: Option<Value> = None,
    }

    /// One agent.
    Agent {
        /// Its id: lower-case letters, digits, `-` and `_`, at most 64.
        id: String = String::new(),
        /// Its name for people.
        name: Option<String> = None,
        /// Whether it answers when no agent is named. At most one agent says so.
        default: bool = false,
        /// Folder it works in.
        workspace: Option<String> = None,
        /// Its model.
        model: Option<ModelChoice> = None,
        /// How much its model thinks.
        thinking_default: Option<Thinking> = None,
        /// Text put before its conversations.
        system_prompt: Option<String> = None,
        /// How it looks.
        identity: Identity = Identity::default(),
        /// Which of its sessions run isolated.
        sandbox: Option<AgentSandbox> = None,
        /// Its regular looks. Once an agent has this section, only agents that have it look.
        heartbeat: Option<Heartbeat> = None,
        /// What it may do, kept as written.
        tools: Option<Value> = None,
    }

    /// How an agent looks.
    Identity {
        /// Its name.
        name: Option<String> = None,
        /// Its emoji.
        emoji: Option<String> = None,
        /// Its picture: a URL or a path in its workspace.
        avatar: Option<String> = None,
        /// Its theme.
        theme: Option<String> = None,
    }

    /// Which sessions run isolated.
    AgentSandbox {
        /// Default `off`.
        mode: SandboxMode = SandboxMode::Off,
        /// What shares one sandbox. Default `agent`.
        scope: Option<SandboxScope> = None,
        /// What of the workspace is seen inside. Default `none`.
        workspace_access: Option<WorkspaceAccess> = None,
        /// Settings of the container, kept as written.
        docker: Option<Value> = None,
    }

    /// Where models come from.
    Models {
        /// Providers by id. Keys found in the environment add to these.
        providers: BTreeMap<String, Provider> = BTreeMap::new(),
    }

    /// One source of models.
    Provider {
        /// Base URL, `https://` or `http://`. Default: the provider's own, for known ids.
        base_url: Option<String> = None,
        /// API key, best as `${NAME}`.
        api_key: Option<Secret> = None,
        /// Further API keys. When one is refused or used up, the next is taken; conversations are spread over all of them.
        api_keys: Vec<Secret> = Vec::new(),
        /// Seconds without a sign of an answer after which the model counts as not answering: until the first byte, and
        /// between any two. Default 120 until the first byte and 90 after it.
        #[schemars(range(min = 1, max = 3600))]
        timeout_seconds: Option<u64> = None,
        /// The wire it speaks. Default: the provider's own, for known ids.
        api: Option<Api> = None,
        /// Extra request headers. Their values count as secrets.
        headers: SecretMap = SecretMap::new(),
        /// Its models. Empty: those known for it.
        models: Vec<Model> = Vec::new(),
    }

    /// One model.
    Model {
        /// Its id on the wire.
        id: String = String::new(),
        /// Its name for people. Default: the id.
        name: Option<String> = None,
        /// Tokens that fit in, prompt and answer together.
        #[schemars(range(min = 1))]
        context_window: Option<u64> = None,
        /// Tokens of the longest answer.
        #[schemars(range(min = 1))]
        max_tokens: Option<u64> = None,
        /// Whether it can think before it answers. Default false.
        reasoning: bool = false,
        /// What it takes. Default text only.
        input: Vec<Input> = vec![Input::Text],
        /// Its price, in US dollars per million tokens.
        cost: Option<Cost> = None,
    }

    /// A price, in US dollars per million tokens.
    Cost {
        /// Tokens read. Default 0.
        #[schemars(range(min = 0))]
        input: f64 = 0.0,
        /// Tokens written. Default 0.
        #[schemars(range(min = 0))]
        output: f64 = 0.0,
        /// Tokens read from the provider's cache. Default 0.
        #[schemars(range(min = 0))]
        cache_read: f64 = 0.0,
        /// Tokens put into the provider's cache. Default 0.
        #[schemars(range(min = 0))]
        cache_write: f64 = 0.0,
    }

    /// How conversations become sessions.
    Session {
        /// Which direct messages share a session. Default `main`.
        dm_scope: DmScope = DmScope::Main,
        /// Name of an agent's main session. Default `main`.
        main_key: String = "main".to_owned(),
        /// People known under several names: a name to the ids that mean the same person.
        identity_links: BTreeMap<String, Vec<String>> = BTreeMap::new(),
    }
}

words! {
    /// How much a model thinks.
    Thinking {
        /// Not at all.
        Off = "off",
        /// As little as it can.
        Minimal = "minimal",
        /// A little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
        /// As much as it can.
        Xhigh = "xhigh",
        /// As it sees fit.
        Adaptive = "adaptive",
    }

    /// Which sessions run isolated.
    SandboxMode {
        /// None.
        Off = "off",
        /// Every session but an agent's main one.
        NonMain = "non-main",
        /// All.
        All = "all",
    }

    /// What shares one sandbox.
    SandboxScope {
        /// Each session has its own.
        Session = "session",
        /// The sessions of one agent.
        Agent = "agent",
        /// Everything.
        Shared = "shared",
    }

    /// What of the workspace is seen inside a sandbox.
    WorkspaceAccess {
        /// Nothing.
        None = "none",
        /// Read only.
        Ro = "ro",
        /// Read and write.
        Rw = "rw",
    }

    /// The wires that model providers speak.
    Api {
        /// Messages.
        AnthropicMessages = "anthropic-messages",
        /// Chat completions.
        OpenaiCompletions = "openai-completions",
        /// Responses.
        OpenaiResponses = "openai-responses",
        /// Generative language.
        GoogleGenerativeAi = "google-generative-ai",
        /// Newline-delimited chat.
        Ollama = "ollama",
        /// The built-in demonstration, which is no model.
        Demo = "demo",
    }

    /// What a model takes.
    Input {
        /// Text.
        Text = "text",
        /// Pictures.
        Image = "image",
    }

    /// Which direct messages share a session.
    DmScope {
        /// All share the agent's main session.
        Main = "main",
        /// One per person.
        PerPeer = "per-peer",
        /// One per person and channel.
        PerChannelPeer = "per-channel-peer",
        /// One per person, channel and account.
        PerAccountChannelPeer = "per-account-channel-peer",
    }
}
