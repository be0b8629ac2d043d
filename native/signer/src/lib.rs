//! Signs orders of the venue, and the requests that carry them: EIP-712 typed data, secp256k1 with the nonces of RFC 6979, signatures of
//! deposit wallets (ERC-7739), HMAC-SHA-256. `engine/gateways/polymarket/sign` in TypeScript is the reference: same bytes for every input.
#![forbid(unsafe_code)]

mod address;
mod mac;
mod order;
mod signer;
mod text;
mod typed_data;

pub use address::checksummed;
pub use mac::Mac;
pub use order::{ORDER_BYTES, SignedOrder, sign_order};
pub use signer::Signer;
pub use text::hex_into;
pub use typed_data::{auth_digest, digest};
