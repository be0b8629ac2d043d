use std::fmt;

use k256::ecdsa::SigningKey;

use crate::typed_data::{Word, keccak};

/// A private key with its address. Nothing prints the key; it is overwritten when the signer is dropped (as `SigningKey` does).
pub struct Signer {
    key: SigningKey,
    address: [u8; 20],
}

impl Signer {
    /// A signer of a key of 32 bytes; `None` for what is no private key.
    pub fn new(key: &[u8]) -> Option<Self> {
        if key.len() != 32 {
            return None; // a shorter one would be filled up
        }
        let key = SigningKey::from_slice(key).ok()?;
        let public = key.verifying_key().to_sec1_point(false);
        let mut address = [0; 20];
        address.copy_from_slice(&keccak(&public.as_bytes()[1..])[12..]);
        Some(Self { key, address })
    }

    /// Address of the key's account.
    pub fn address(&self) -> &[u8; 20] {
        &self.address
    }

    /// r ‖ s ‖ v, with the nonce of RFC 6979, the lower s, and v of 27 or 28.
    pub fn sign(&self, digest: &Word) -> [u8; 65] {
        let (signature, recovery) = self.key.sign_prehash_recoverable(digest);
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + recovery.to_byte();
        bytes
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Signer")
    }
}
