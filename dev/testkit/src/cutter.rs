//! A bad line between a client and a gateway.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// Stands between a client and the gateway and breaks connections off: when it is told to, or after so many bytes of the
/// gateway's. It lives as long as the runtime that made it.
#[derive(Debug)]
pub struct Cutter {
    url: String,
    cut: Arc<Notify>,
}

impl Cutter {
    /// Stands before the gateway at `authority`. `budgets` has bytes for one connection after another; later ones are left
    /// alone.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn before(authority: String, budgets: Vec<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("ws://{}", listener.local_addr().expect("a listener has an address"));
        let cut = Arc::new(Notify::new());
        let cutting = Arc::clone(&cut);
        spawn(async move {
            let mut budgets = budgets.into_iter();
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(&authority).await else { return };
                spawn(between(near, far, budgets.next().unwrap_or(usize::MAX), Arc::clone(&cutting)));
            }
        });
        Self { url, cut }
    }

    /// Address for clients.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks one connection off: one that is there, else the next.
    pub fn cut(&self) {
        self.cut.notify_one();
    }
}

/// Carries bytes both ways until an end, a cut, or `left` bytes of the gateway's.
async fn between(mut near: TcpStream, mut far: TcpStream, mut left: usize, cut: Arc<Notify>) {
    let (mut down, mut up) = (vec![0; 4096], vec![0; 4096]);
    while left > 0 {
        tokio::select! {
            read = far.read(&mut down) => match read {
                Ok(len @ 1..) => {
                    let len = len.min(left);
                    left -= len;
                    if near.write_all(&down[..len]).await.is_err() { return }
                }
                _ => return,
            },
            read = near.read(&mut up) => match read {
                Ok(len @ 1..) => if far.write_all(&up[..len]).await.is_err() { return },
                _ => return,
            },
            () = cut.notified() => return,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a proxy runs beside the gateway that it stands before")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}
