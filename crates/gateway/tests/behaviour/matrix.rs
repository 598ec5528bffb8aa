//! Every way in from every place with every credential from every kind of page: 4 × 4 × 5 × 3 cells, each over a real socket
//! (SECURITY §5.3, row 11). What is expected is written down here by rule, not asked of the code.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use openclaw_core::Clock;
use openclaw_gateway::{Listen, Running, start_on};
use openclaw_testkit::{
    gateway::{Raw, Setup, gateway_options},
    tailscale::FakeTailscale,
};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::devices::{Device, code, connect};

const FORMER: &str = "former-secret-0123456789abcdef0123456789";
const SECRET: &str = "secret-in-force-0123456789abcdef01234567";
const GOOD: &str = "https://mc.example.com";
const EVIL: &str = "https://mc.example.com.evil.example";
/// Addresses of the documentation (RFC 5737): nobody has them.
const LAN: &str = "192.0.2.20";
const PROXY: &str = "198.51.100.1";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Token,
    Password,
    None,
    TrustedProxy,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Loopback,
    Lan,
    Proxied,
    Tailscale,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shown {
    Nothing,
    Wrong,
    Right,
    Stale,
    Revoked,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Origin {
    Absent,
    Good,
    Evil,
}

/// Lets connections come from wherever the test says.
struct From {
    listener: TcpListener,
    peer: IpAddr,
}

impl Listen for From {
    type Io = TcpStream;

    async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, peer) = TcpListener::accept(&self.listener).await?;
        Ok((stream, SocketAddr::new(self.peer, peer.port())))
    }
}

const LET_IN: &str = "let in";

/// The rules, in the order in which they hold.
fn expected(mode: Mode, place: Place, shown: Shown, origin: Origin) -> &'static str {
    // A page that may not speak to the gateway is told so before anything else, whatever it shows.
    if origin == Origin::Evil {
        return "CONTROL_UI_ORIGIN_NOT_ALLOWED";
    }
    if mode == Mode::TrustedProxy && place == Place::Proxied {
        match shown {
            Shown::Nothing => return "AUTH_IDENTITY_HEADER_REQUIRED",
            // A user who is not, or no longer, in the list.
            Shown::Wrong | Shown::Stale => return "AUTH_VERIFIED_USER_REQUIRED",
            Shown::Right => return LET_IN,
            Shown::Revoked => {}
        }
    }
    // A device whose right was withdrawn needs an owner again, in every mode and everywhere.
    if shown == Shown::Revoked {
        return "PAIRING_REQUIRED";
    }
    match mode {
        Mode::None => LET_IN,
        Mode::TrustedProxy => match (place, shown) {
            // The password stands for the proxy, on this machine only.
            (Place::Loopback, Shown::Nothing) => "DEVICE_IDENTITY_REQUIRED",
            (Place::Loopback, Shown::Right) => LET_IN,
            (Place::Loopback, _) => "AUTH_PASSWORD_MISMATCH",
            // Tailscale knows the user, and a page needs a device besides.
            (Place::Tailscale, _) => "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
            (_, _) => "AUTH_UNAUTHORIZED",
        },
        Mode::Token | Mode::Password => match (shown, mode) {
            (Shown::Right, _) => LET_IN,
            (Shown::Nothing, _) if place == Place::Tailscale => "CONTROL_UI_DEVICE_IDENTITY_REQUIRED",
            (Shown::Nothing, _) => "DEVICE_IDENTITY_REQUIRED",
            (_, Mode::Token) => "AUTH_TOKEN_MISMATCH",
            (..) => "AUTH_PASSWORD_MISMATCH",
        },
    }
}

/// A gateway in one mode, reachable from each place.
struct Gateway {
    running: Running,
    mode: Mode,
    revoked: (Device, String),
    /// Addresses to knock at: loopback, lan, proxied, Tailscale.
    doors: [SocketAddr; 4],
    _folder: tempfile::TempDir,
    _tailscale: FakeTailscale,
}

impl Gateway {
    async fn start(mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tailscale = FakeTailscale::new();
        let auth = match mode {
            Mode::Token => json!({ "mode": "token", "token": FORMER }),
            Mode::Password => json!({ "mode": "password", "token": null, "password": FORMER }),
            Mode::None => json!({ "mode": "none", "token": null }),
            Mode::TrustedProxy => json!({
                "mode": "trusted-proxy", "token": null, "password": FORMER,
                "trustedProxy": { "userHeader": "X-Forwarded-User", "allowUsers": ["ann@example.com", "former@example.com"] },
            }),
        };
        let setup = Setup {
            config: json!({ "gateway": {
                "auth": auth, "trustedProxies": [PROXY], "tailscale": { "mode": "serve" },
                "controlUi": { "allowedOrigins": [GOOD] },
            } }),
            environment: vec![("PATH".to_owned(), tailscale.folder().display().to_string())],
            ..Setup::default()
        };
        let mut listeners = Vec::new();
        for peer in ["127.0.0.1", LAN, PROXY] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listeners.push((listener.local_addr().unwrap(), From { listener, peer: peer.parse().unwrap() }));
        }
        let [loopback, lan, proxied] = [0, 1, 2].map(|at: usize| listeners[at].0);
        let running = start_on(gateway_options(folder.path(), &setup), listeners).await.unwrap();
        let served = tailscale.asked_for("serve --bg --yes http://").await;
        let doors = [loopback, lan, proxied, served.parse().unwrap()];
        let revoked = (Device::new(), String::new());
        let mut gateway = Self { running, mode, revoked, doors, _folder: folder, _tailscale: tailscale };
        gateway.revoked.1 = gateway.pair_and_revoke().await;
        gateway.rotate().await;
        gateway
    }

    fn secret(&self, text: &str) -> Value {
        match self.mode {
            Mode::Token => json!({ "token": text }),
            Mode::Password | Mode::TrustedProxy => json!({ "password": text }),
            Mode::None => json!({}),
        }
    }

    /// Pairs a device on this machine and withdraws its right again; its token.
    async fn pair_and_revoke(&self) -> String {
        let url = format!("ws://{}", self.doors[0]);
        let mut raw = Raw::open(&url, &[]).await;
        let nonce = raw.challenge().await;
        let now = Clock::system().now_ms();
        let hello =
            connect(&mut raw, &self.revoked.0.params_at(now, &nonce, &self.secret(FORMER), &["operator.read"])).await;
        let token = hello["payload"]["auth"]["deviceToken"].as_str().unwrap_or_else(|| panic!("{hello}")).to_owned();
        let mut admin = Raw::open(&url, &[]).await;
        let params = json!({
            "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.admin"],
            "client": { "id": "cli", "version": "1", "platform": "linux", "mode": "cli" }, "auth": self.secret(FORMER),
        });
        let hello = admin.shake(&params).await;
        assert_eq!(hello["ok"], true, "{hello}");
        let asked = json!({ "deviceId": self.revoked.0.id(), "role": "operator" });
        let revoked = admin.call("1", "device.token.revoke", asked).await;
        assert_eq!(revoked["ok"], true, "{revoked}");
        token
    }

    /// Has another secret, and another list of users, in force.
    async fn rotate(&self) {
        let file = self._folder.path().join("openclaw.json");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace(FORMER, SECRET).replace("former@example.com", "new@example.com")).unwrap();
        self.running.reload("SIGHUP").await;
    }

    async fn cell(&self, place: Place, shown: Shown, origin: Origin) -> Value {
        let mut headers: Vec<(&'static str, &str)> = Vec::new();
        match place {
            Place::Loopback | Place::Lan => {}
            Place::Proxied => headers.push(("x-forwarded-for", "203.0.113.9")),
            Place::Tailscale => headers.extend([
                ("x-forwarded-for", "100.64.0.7"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "box.tail.ts.net"),
                ("tailscale-user-login", "ann@example.com"),
            ]),
        }
        if self.mode == Mode::TrustedProxy && place == Place::Proxied {
            let user = match shown {
                Shown::Nothing => None,
                Shown::Wrong => Some("eve@example.com"),
                Shown::Stale => Some("former@example.com"),
                Shown::Right | Shown::Revoked => Some("ann@example.com"),
            };
            headers.extend(user.map(|user| ("x-forwarded-user", user)));
        }
        match origin {
            Origin::Absent => {}
            Origin::Good => headers.push(("origin", GOOD)),
            Origin::Evil => headers.push(("origin", EVIL)),
        }
        let door = self.doors[place as usize];
        let mut raw = Raw::open(&format!("ws://{door}"), &headers).await;
        let nonce = raw.challenge().await;
        if shown == Shown::Revoked {
            let (device, token) = &self.revoked;
            let auth = json!({ "deviceToken": token });
            let params = device.params_at(Clock::system().now_ms(), &nonce, &auth, &["operator.read"]);
            return connect(&mut raw, &params).await;
        }
        let auth = match shown {
            Shown::Nothing | Shown::Revoked => json!({}),
            Shown::Wrong => self.secret("made-up-secret-0123456789abcdef012345678"),
            Shown::Right => self.secret(SECRET),
            Shown::Stale => self.secret(FORMER),
        };
        let params = json!({
            "minProtocol": 4, "maxProtocol": 4, "role": "operator", "scopes": ["operator.admin"],
            "client": { "id": "gateway-client", "version": "1", "platform": "linux", "mode": "ui" }, "auth": auth,
        });
        connect(&mut raw, &params).await
    }
}

#[tokio::test]
async fn every_mode_place_credential_and_origin_is_decided_as_written_down() {
    let mut cells = 0;
    let mut wrong = Vec::new();
    for mode in [Mode::Token, Mode::Password, Mode::None, Mode::TrustedProxy] {
        let gateway = Gateway::start(mode).await;
        for place in [Place::Loopback, Place::Lan, Place::Proxied, Place::Tailscale] {
            for shown in [Shown::Nothing, Shown::Wrong, Shown::Right, Shown::Stale, Shown::Revoked] {
                for origin in [Origin::Absent, Origin::Good, Origin::Evil] {
                    cells += 1;
                    let answer = gateway.cell(place, shown, origin).await;
                    let found = if answer["ok"] == true { LET_IN } else { code(&answer) };
                    if found != expected(mode, place, shown, origin) {
                        wrong.push(format!("{mode:?} {place:?} {shown:?} {origin:?}: {answer}"));
                    }
                    // A page that no device signs for never holds what it merely asked for.
                    if answer["ok"] == true && answer["payload"]["auth"]["scopes"] != json!([]) {
                        wrong.push(format!("{mode:?} {place:?} {shown:?} {origin:?} holds scopes: {answer}"));
                    }
                }
            }
        }
        gateway.running.stop("the test is over").await;
    }
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, 240);
}
