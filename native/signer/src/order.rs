use crate::signer::Signer;
use crate::typed_data::{ORDER_TYPE, Word, digest, keccak, wallet_struct};

/// Bytes of the struct: its type's hash and eleven members, as `structOf` in `order.ts` writes them.
const STRUCT: usize = 12 * 32;
/// Place of the member `signer`.
const SIGNER: usize = 3 * 32;
/// Place of the last byte of the member `signatureType`.
const TYPE: usize = 8 * 32 + 31;
/// The signature type of deposit wallets.
const DEPOSIT_WALLET: u8 = 3;

/// Bytes of an order: its struct, the domain separator of its exchange, the chain (big end first).
pub const ORDER_BYTES: usize = STRUCT + 32 + 8;

/// An order's id and its signature.
#[derive(Debug, PartialEq, Eq)]
pub struct SignedOrder {
    /// Id of the order at the venue.
    pub hash: Word,
    /// 65 bytes, or of a deposit wallet 317.
    pub signature: Vec<u8>,
}

/// Signs an order of the signer's account.
pub fn sign_order(signer: &Signer, order: &[u8; ORDER_BYTES]) -> SignedOrder {
    let contents = keccak(&order[..STRUCT]);
    let domain = word(order, STRUCT);
    let hash = digest(&domain, &contents);
    if order[TYPE] != DEPOSIT_WALLET {
        let signature = signer.sign(&hash).to_vec();
        return SignedOrder { hash, signature };
    }
    let mut chain = [0; 8];
    chain.copy_from_slice(&order[STRUCT + 32..]);
    let wallet = wallet_struct(&contents, &word(order, SIGNER), u64::from_be_bytes(chain));
    let inner = signer.sign(&digest(&domain, &wallet));
    let length = (ORDER_TYPE.len() as u16).to_be_bytes();
    let signature = [
        &inner[..],
        &domain,
        &contents,
        ORDER_TYPE.as_bytes(),
        &length,
    ]
    .concat();
    SignedOrder { hash, signature }
}

fn word(order: &[u8; ORDER_BYTES], at: usize) -> Word {
    let mut word = [0; 32];
    word.copy_from_slice(&order[at..at + 32]);
    word
}
