use std::fmt;

use secp256k1::ecdsa::RecoverableSignature;
use secp256k1::{Message, PublicKey, SecretKey};

use crate::typed_data::{Word, keccak};

/// A private key with its address. Nothing prints the key; it is overwritten when the signer is dropped.
pub struct Signer {
    key: SecretKey,
    address: [u8; 20],
}

impl Signer {
    /// A signer of a key of 32 bytes; `None` for what is no private key.
    pub fn new(key: &[u8]) -> Option<Self> {
        let mut bytes: [u8; 32] = key.try_into().ok()?;
        let key = SecretKey::from_secret_bytes(bytes).ok();
        bytes.fill(0);
        std::hint::black_box(&bytes); // or the compiler would leave the clearing out
        let key = key?;
        let public = PublicKey::from_secret_key(&key).serialize_uncompressed();
        let mut address = [0; 20];
        address.copy_from_slice(&keccak(&public[1..])[12..]);
        Some(Self { key, address })
    }

    /// Address of the key's account.
    pub fn address(&self) -> &[u8; 20] {
        &self.address
    }

    /// r ‖ s ‖ v, with the nonce of RFC 6979, the lower s, and v of 27 or 28.
    pub fn sign(&self, digest: &Word) -> [u8; 65] {
        let message = Message::from_digest(*digest);
        let signed = RecoverableSignature::sign_ecdsa_recoverable(message, &self.key);
        let (recovery, compact) = signed.serialize_compact();
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&compact);
        bytes[64] = 27 + recovery.to_u8();
        bytes
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.key.non_secure_erase();
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Signer")
    }
}
