//! How what is kept is kept from others: data keys, what wraps them, and what is sealed with them.
//!
//! A data key is 32 random bytes and seals values, rows and streams. It never lies anywhere as it is: `keys/envelope.json` in the
//! state directory holds it wrapped by another key, which comes from a passphrase, a key file, or `keys/master.key`. Taking another
//! of those, or a new one, wraps the data keys anew and touches nothing that they sealed.
//!
//! A sealed value says which data key opens it and is bound to its place: moved elsewhere it does not open.

mod ages;
mod envelope;
mod error;
mod file;
mod ring;
mod stream;
mod value;

pub use ages::{Ages, Due};
pub use envelope::{Derivation, Guard};
pub use error::{KeyError, OpenError};
pub use ring::{DataKeys, KeyRing, Means, Protection, Standing};
pub use stream::{CHUNK, StreamOpener, StreamSealer, StreamTop};
pub use value::{Cipher, MARK, Sealer, Use, is_sealed, kid_of};
