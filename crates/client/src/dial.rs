//! Opening a byte stream.

use std::{fmt, io, sync::Arc};

use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

use crate::GatewayUrl;

/// A byte stream that TLS and WebSocket can go over.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

type Dialing = BoxFuture<'static, io::Result<Box<dyn Transport>>>;

/// How a client reaches the gateway's host: TCP, or whatever a test or a tunnel puts in its place.
#[derive(Clone)]
pub struct Dial(Arc<dyn Fn(GatewayUrl) -> Dialing + Send + Sync>);

impl Dial {
    /// TCP to the host and port of the address; several addresses are tried in the resolver's order.
    #[must_use]
    pub fn tcp() -> Self {
        Self::from_fn(|url| async move {
            let stream = TcpStream::connect((url.host(), url.port())).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Transport>)
        })
    }

    /// Whatever `open` opens.
    #[must_use]
    pub fn from_fn<F>(open: impl Fn(GatewayUrl) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Box<dyn Transport>>> + Send + 'static,
    {
        Self(Arc::new(move |url| Box::pin(open(url))))
    }

    pub(crate) async fn open(&self, url: &GatewayUrl) -> io::Result<Box<dyn Transport>> {
        (self.0)(url.clone()).await
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}
