//! Alerts by mail.

use std::{fmt::Write as _, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use openclaw_config::Alerting;
use reqwest::Url;

use super::alerts::{Alert, Sent};
use crate::egress::Failed;

/// For one step of the conversation with the server.
const STEP: Duration = Duration::from_secs(10);
/// For all of it.
const WHOLE: Duration = Duration::from_secs(60);

/// Hands it to the mail server once, for everybody.
pub(super) async fn send(alerting: &Alerting, alert: &Alert) -> Sent {
    let Some((url, from)) = alerting.smtp.as_ref().and_then(|smtp| Some((smtp.url.as_ref()?, smtp.from.as_ref()?)))
    else {
        return Err(Failed::Refused("smtp is missing".to_owned()));
    };
    let message = written(from, &alerting.recipients, alert).map_err(Failed::Refused)?;
    let server = server(url.expose()).map_err(Failed::Refused)?;
    let transport = smtp_transport(&server)?;
    match tokio::time::timeout(WHOLE, transport.send(message)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is_permanent() => Err(Failed::Refused(format!("the mail server refused it: {error}"))),
        Ok(Err(error)) => Err(Failed::Unreachable(causes(&error))),
        Err(_) => Err(Failed::Unreachable("the mail server took too long".to_owned())),
    }
}

fn smtp_transport(server: &Url) -> Result<AsyncSmtpTransport<Tokio1Executor>, Failed> {
    // What it says of a wrong URL could quote its password.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(server.as_str())
        .map_err(|_| Failed::Refused("smtp.url cannot be used".to_owned()))?;
    Ok(builder.timeout(Some(STEP)).build())
}

/// The server's URL, in which it is said that TLS is required. Only to a server on this machine it may be spoken readably.
fn server(url: &str) -> Result<Url, String> {
    let mut url = Url::parse(url).map_err(|_| "smtp.url is no URL".to_owned())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    if url.scheme() == "smtp" && url.query().is_none() && !here {
        url.set_query(Some("tls=required"));
    }
    Ok(url)
}

fn causes(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

fn written(from: &str, to: &[String], alert: &Alert) -> Result<Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|_| format!("{text:?} is no mail address"));
    let mut builder = Message::builder()
        .from(mailbox(from)?)
        .subject(format!("[OpenClaw {}] {}", alert.host, alert.event))
        // The same however often it is tried, so that readers show one.
        .message_id(Some(format!("<{}@openclaw>", alert.id)))
        .header(ContentType::TEXT_PLAIN);
    for recipient in to {
        builder = builder.to(mailbox(recipient)?);
    }
    builder.body(text(alert)).map_err(|error| error.to_string())
}

fn text(alert: &Alert) -> String {
    let mut text = format!("{}\n\n", alert.summary);
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<10} {value}");
    };
    fact("Time", &alert.time);
    fact("Gateway", &alert.host);
    fact("Event", &alert.event);
    fact("Severity", &alert.severity);
    fact("By", &alert.actor);
    let others = [("From", &alert.ip), ("Method", &alert.method), ("About", &alert.target), ("Reason", &alert.reason)];
    for (name, value) in others {
        if let Some(value) = value {
            fact(name, value);
        }
    }
    if !alert.detail.is_null() {
        fact("Facts", &alert.detail.to_string());
    }
    if alert.suppressed > 0 {
        fact("Since then", &format!("{} more of this kind were not told one by one", alert.suppressed));
    }
    let _ = write!(text, "\nAudit record {}. See: openclaw security report --last 24h\n", alert.seq);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_on_this_machine_is_spoken_to_readably() {
        for (url, becomes) in [
            ("smtp://mail.example.com", "smtp://mail.example.com?tls=required"),
            ("smtp://u:p@mail.example.com:25", "smtp://u:p@mail.example.com:25?tls=required"),
            ("smtp://10.0.0.1", "smtp://10.0.0.1?tls=required"),
            ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525"),
            ("smtp://localhost", "smtp://localhost"),
            ("smtp://localhost?tls=required", "smtp://localhost?tls=required"),
            ("smtps://mail.example.com", "smtps://mail.example.com"),
        ] {
            assert_eq!(server(url).unwrap().as_str(), becomes);
            assert!(smtp_transport(&server(url).unwrap()).is_ok(), "{url}");
        }
    }
}
