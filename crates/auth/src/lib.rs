//! Who may: one pure decision from what the transport established and what the client declared to a verified [`Principal`].
//!
//! Nothing here does input or output, reads a clock or spawns anything. The gateway asks, in this order:
//! [`Throttle::gate`], [`decide`], [`Throttle::settle`]. Only this crate makes a [`Principal`], and only out of what was verified.

mod attempt;
pub mod authorization;
mod decide;
pub mod device;
pub mod forwarded;
pub mod limits;
mod method;
mod named;
pub mod origin;
mod pairing;
mod passkey;
pub mod password;
mod policy;
mod principal;
mod refusal;
mod setup_code;
mod throttle;
pub mod tokens;
mod vouch;
pub mod webauthn;

pub use attempt::{
    Attempt, Client, CredentialClass, Credentials, DeviceProof, Hashed, Locality, Security, Surface, Transport,
};
pub use decide::{Admission, Decision, check_origin, decide};
pub use method::AuthMethod;
pub use named::{ACCESS_TOKEN_PREFIX, AccessToken, decide_access};
pub use pairing::{Pairing, PairingNeeded, PairingReason};
pub use passkey::{PasskeyMode, PasskeyWord, ShownPasskey};
pub use policy::{ControlUi, DeviceAuth, Devices, Mode, Policy, is_hash};
pub use principal::{Identity, Principal, SHARED_OWNER};
pub use refusal::{Refusal, RefusalAudit};
pub use setup_code::{SetupGrant, SetupName, SetupWord};
pub use throttle::{FIRST_DELAY_MS, Gate, LONGEST_DELAY_MS, MAX_SOURCES, Source, Throttle, ThrottleSettings};
pub use tokens::TokenAction;
pub use vouch::{Carrier, Interface, SCOPES_HEADER, TailscaleProblem, TrustedProxy, Voucher};

#[cfg(test)]
mod testing;
