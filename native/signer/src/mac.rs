use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::text::base64;

/// HMAC-SHA-256 with a key whose blocks are hashed once.
#[derive(Clone)]
pub struct Mac(Hmac<Sha256>);

impl Mac {
    /// Of a key of any length.
    pub fn new(key: &[u8]) -> Self {
        // A key of any length fits: a longer one than a block is hashed. The type only does not say so.
        Self(
            <Hmac<Sha256> as hmac::Mac>::new_from_slice(key)
                .unwrap_or_else(|_| unreachable!("Invariant: HMAC takes every key")),
        )
    }

    /// Code of a text, base64 with the alphabet that is safe in addresses, padded.
    pub fn of(&self, text: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(text);
        base64(&mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Mac;

    #[test]
    fn gives_what_rfc_4231_lists() {
        // Case 2, https://www.rfc-editor.org/rfc/rfc4231, 2026-11-29, in base64.
        let mac = Mac::new(b"Jefe").of(b"what do ya want for nothing?");
        assert_eq!(mac, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }
}
