//! The one way out to addresses that a configuration or a caller names (SECURITY T50). What a name leads to is looked up once, judged,
//! and connected to: nobody can answer otherwise the second time. No redirect is followed and no proxy asked.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode};
use reqwest::{Client, Url, redirect};

use crate::network;

const CONNECT: Duration = Duration::from_secs(5);
/// From the first byte out to the end of what is read of the answer.
const WHOLE: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// Why nothing was delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failed {
    /// It may not be sent there.
    #[error("{0}")]
    Refused(String),
    /// It did not get there.
    #[error("{0}")]
    Unreachable(String),
    /// The other side did not take it.
    #[error("{host} answered {status}")]
    Answered {
        /// Who.
        host: String,
        /// With what.
        status: StatusCode,
    },
}

impl Failed {
    /// Whether trying again may help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Unreachable(_) => true,
            Self::Answered { status, .. } => {
                status.is_server_error()
                    || matches!(*status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
            }
        }
    }
}

/// A place that may be sent to, with the addresses that its name had when it was judged.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    url: Url,
    addresses: Vec<SocketAddr>,
}

impl Place {
    /// Looks up and judges.
    ///
    /// # Errors
    /// Why nothing may be sent there, without the URL, which may hold a secret.
    pub(crate) async fn find(url: &str, allowed: &[String]) -> Result<Self, Failed> {
        let url = Url::parse(url).map_err(|_| Failed::Refused("this is no URL".to_owned()))?;
        let port = url.port_or_known_default().unwrap_or_default();
        // The parser has made addresses of all their spellings: 2130706433, 0x7f.1, 127.1.
        let Some(host) = url.host_str() else { return Err(Failed::Refused("the URL names no host".to_owned())) };
        let found = lookup(host.trim_matches(['[', ']']), port).await;
        let addresses = found.map_err(|why| Failed::Unreachable(format!("{host} is not found: {why}")))?;
        Self::judge(url, addresses, allowed)
    }

    /// The same when the addresses are known. One that is refused refuses them all: a name that leads to two kinds of
    /// addresses is a trick.
    fn judge(url: Url, addresses: Vec<SocketAddr>, allowed: &[String]) -> Result<Self, Failed> {
        let refused = |why: &str| Err(Failed::Refused(why.to_owned()));
        if !matches!(url.scheme(), "http" | "https") {
            return refused("only https is spoken, and http within private networks");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("a user or password in the URL is not sent");
        }
        let Some(host) = url.host_str() else { return refused("the URL names no host") };
        if addresses.is_empty() {
            return Err(Failed::Unreachable(format!("{host} has no address")));
        }
        let listed = |ip: IpAddr| allowed.iter().any(|range| network::contains(range, ip));
        for address in &addresses {
            let ip = address.ip().to_canonical();
            if is_metadata(ip) {
                return Err(Failed::Refused(format!(
                    "{host} leads to {ip}, where a cloud tells a machine its secrets"
                )));
            }
            if !listed(ip) && !is_public(ip) {
                return Err(Failed::Refused(format!(
                    "{host} leads to {ip}, which is no public address; allowPrivateAddresses may list it"
                )));
            }
            if url.scheme() == "http" && !listed(ip) {
                return refused("http would send it readable over public networks; write https");
            }
        }
        Ok(Self { url, addresses })
    }

    /// Name of the host, for messages.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Posts there, to the addresses that were judged.
    ///
    /// # Errors
    /// When it did not get there, or was not taken with a 2xx.
    pub(crate) async fn post(&self, headers: HeaderMap, body: Bytes) -> Result<(), Failed> {
        let status = self.send(Method::POST, headers, body).await?.status();
        if status.is_success() { Ok(()) } else { Err(Failed::Answered { host: self.host().to_owned(), status }) }
    }

    /// Asks there, at the addresses that were judged, and reads the answer, whatever it says, up to so many bytes.
    ///
    /// # Errors
    /// When it did not get there, or the answer is longer or breaks off.
    pub(crate) async fn ask(
        &self,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
        most: usize,
    ) -> Result<Response<Bytes>, Failed> {
        let mut answer = self.send(method, headers, body).await?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut read = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.unreachable(error))? {
            if read.len() + chunk.len() > most {
                return Err(Failed::Refused(format!("{} answered with more than {most} bytes", self.host())));
            }
            read.extend_from_slice(&chunk);
        }
        let mut whole = Response::new(Bytes::from(read));
        (*whole.status_mut(), *whole.headers_mut()) = (status, headers);
        Ok(whole)
    }

    async fn send(&self, method: Method, headers: HeaderMap, body: Bytes) -> Result<reqwest::Response, Failed> {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .resolve_to_addrs(self.host(), &self.addresses)
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .pool_max_idle_per_host(0)
            .user_agent(concat!("openclaw/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| self.unreachable(error))?;
        let request = client.request(method, self.url.clone()).headers(headers).body(body);
        request.send().await.map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, error: reqwest::Error) -> Failed {
        let mut why = error.without_url().to_string();
        why.truncate(200);
        Failed::Unreachable(format!("{} is not reached: {why}", self.host()))
    }
}

/// How near an address may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// Public addresses alone.
    Refused,
    /// Also this machine, private networks and tailnets, because somebody said so.
    Allowed,
}

/// Why nothing is connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Barred {
    /// Somebody may allow it.
    #[error("{host} leads to {ip}, which is an address of this machine or of a private network")]
    Private {
        /// The name.
        host: String,
        /// Where it leads.
        ip: IpAddr,
    },
    /// Nobody may.
    #[error("{host} leads to {ip}, where no gateway can be: it belongs to the machine's surroundings")]
    Never {
        /// The name.
        host: String,
        /// Where it leads.
        ip: IpAddr,
    },
    /// There is nothing.
    #[error("{host} is not found: {why}")]
    Unknown {
        /// The name.
        host: String,
        /// What the system said.
        why: String,
    },
}

/// What a name leads to, once, for whoever connects by itself. One address that is refused refuses them all.
///
/// # Errors
/// Why nothing may be connected to there.
pub(crate) async fn addresses(host: &str, port: u16, near: Near) -> Result<Vec<SocketAddr>, Barred> {
    let found = lookup(host, port).await.map_err(|why| Barred::Unknown { host: host.to_owned(), why })?;
    for address in &found {
        barred(host, address.ip(), near)?;
    }
    Ok(found)
}

/// What the system finds for a name; an address is found without asking anybody.
async fn lookup(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::time::timeout(CONNECT, tokio::net::lookup_host((host, port))).await;
    let found = found.map_err(|_| "no answer in time".to_owned())?.map_err(|error| error.to_string())?;
    let found: Vec<SocketAddr> = found.take(MOST_ADDRESSES).collect();
    if found.is_empty() { Err("it has no address".to_owned()) } else { Ok(found) }
}

fn barred(host: &str, ip: IpAddr, near: Near) -> Result<(), Barred> {
    let (host, ip) = (host.to_owned(), ip.to_canonical());
    match (is_public(ip), is_near(ip), near) {
        (true, ..) | (_, true, Near::Allowed) => Ok(()),
        (_, true, Near::Refused) => Err(Barred::Private { host, ip }),
        (_, false, _) => Err(Barred::Never { host, ip }),
    }
}

/// Whether other machines of the same people may be there: not where a machine's own surroundings answer, as metadata services do.
fn is_near(ip: IpAddr) -> bool {
    if is_metadata(ip) {
        return false;
    }
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_loopback() || ip.is_private() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.segments()[0] & 0xfe00 == 0xfc00,
    }
}

/// Whether services of a cloud answer there that tell a machine its secrets. No list allows these.
fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        // Nearly everybody; Alibaba Cloud; Azure, whose address looks like anybody's.
        IpAddr::V4(ip) => matches!(ip.octets(), [169, 254, 169, 254] | [100, 100, 100, 200] | [168, 63, 129, 16]),
        // The two large clouds that have one; other services of theirs are beside them.
        IpAddr::V6(ip) => matches!(ip.segments(), [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, ..]),
    }
}

/// Whether anybody on the internet has this address, and nobody nearer.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || matches!((a, b, c), (0, ..) | (192, 0, 0) | (192, 88, 99))
        || is_metadata(ip.into())
        // Shared by providers (RFC 6598), for measuring, multicast and reserved.
        || (a == 100 && b & 0xc0 == 64)
        || (a == 198 && b & 0xfe == 18)
        || a >= 224;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let bits = ip.to_bits();
    let parts = ip.segments();
    let inner = |shift: u32| Ipv4Addr::from_bits(u32::try_from((bits >> shift) & 0xffff_ffff).unwrap_or_default());
    match parts {
        // Addresses that carry one of the old ones: translated (RFC 6052) and 6to4.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(inner(0)),
        [0x2002, ..] => is_public_v4(inner(80)),
        // Only 2000::/3 is given out; of it not what tunnels, tests and documents.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second & 0xf000 != 0,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests;
