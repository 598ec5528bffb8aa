//! A provider that is reached over HTTP, whatever its wire.

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::Secret;
use reqwest::{Client, Url, header::CONTENT_TYPE};

use super::{
    Api, Demo, anthropic::Anthropic, gemini::Gemini, ollama::Ollama, openai_chat::OpenAiChat,
    openai_responses::OpenAiResponses,
};
use crate::{
    Error,
    provider::{DeltaStream, Provider, Request},
    registry::ProviderSettings,
    transport::{self, Decode, Endpoint, Framing, Timeouts},
};

/// What distinguishes one wire from another.
pub(super) trait Wire: Send + Sync + 'static {
    /// How the answer is framed.
    const FRAMING: Framing;

    /// Adds the headers that the wire demands.
    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error>;

    /// Where the request goes.
    fn url(&self, endpoint: &Endpoint, request: &Request) -> Url;

    /// The request as JSON.
    fn body(&self, endpoint: &Endpoint, request: &Request) -> Vec<u8>;

    /// A fresh reader of one answer.
    fn decoder(&self) -> Box<dyn Decode>;
}

struct Remote<W> {
    name: String,
    http: Client,
    endpoint: Endpoint,
    wire: W,
}

#[async_trait]
impl<W: Wire> Provider for Remote<W> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: Request) -> Result<DeltaStream, Error> {
        let call = self
            .http
            .post(self.wire.url(&self.endpoint, &request))
            .headers(self.endpoint.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(self.wire.body(&self.endpoint, &request));
        drop(request);
        transport::open(call, &self.endpoint, W::FRAMING, self.wire.decoder()).await
    }
}

/// The provider that the settings describe. Nothing is sent yet.
pub(crate) fn connect(
    settings: &ProviderSettings,
    http: &Client,
    timeouts: Timeouts,
) -> Result<Arc<dyn Provider>, Error> {
    match settings.api {
        Api::AnthropicMessages => remote(Anthropic, settings, http, timeouts),
        Api::OpenAiCompletions => remote(OpenAiChat, settings, http, timeouts),
        Api::OpenAiResponses => remote(OpenAiResponses, settings, http, timeouts),
        Api::GoogleGenerativeAi => remote(Gemini, settings, http, timeouts),
        Api::Ollama => remote(Ollama, settings, http, timeouts),
        Api::Demo => Ok(Arc::new(Demo::new(settings.id.clone()))),
    }
}

fn remote<W: Wire>(
    wire: W,
    settings: &ProviderSettings,
    http: &Client,
    timeouts: Timeouts,
) -> Result<Arc<dyn Provider>, Error> {
    let base_url = settings.base_url.as_deref().unwrap_or(settings.api.default_base_url());
    let mut endpoint = wire.authorize(Endpoint::new(&settings.id, base_url, timeouts)?, settings.api_key.as_ref())?;
    for (name, value) in &settings.headers {
        endpoint = endpoint.with_header(name, "", value)?;
    }
    Ok(Arc::new(Remote { name: settings.id.clone(), http: http.clone(), endpoint, wire }))
}
