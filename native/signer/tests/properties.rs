//! What holds of every key and order: the signature proves the owner of exactly this order. That the bytes are those of the reference is
//! tested from Node, where both are.

use polaris_signer::{ORDER_BYTES, Signer, digest, sign_order};
use proptest::collection::vec;
use proptest::prelude::*;
use secp256k1::Message;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};

/// Address of whoever made a signature of 65 bytes.
fn owner(signature: &[u8], hash: [u8; 32]) -> [u8; 20] {
    let recovery = RecoveryId::try_from(i32::from(signature[64]) - 27).expect("v is 27 or 28");
    let parsed = RecoverableSignature::from_compact(&signature[..64], recovery).expect("r and s");
    let key = parsed
        .recover_ecdsa(Message::from_digest(hash))
        .expect("a key");
    use sha3::Digest;
    let sum = sha3::Keccak256::digest(&key.serialize_uncompressed()[1..]);
    sum[12..].try_into().expect("20 bytes")
}

proptest! {
    #[test]
    fn a_signature_proves_its_owner(key in vec(any::<u8>(), 32), order in vec(any::<u8>(), ORDER_BYTES)) {
        let Some(signer) = Signer::new(&key) else { return Ok(()) };
        let order: [u8; ORDER_BYTES] = order.try_into().unwrap();
        let signed = sign_order(&signer, &order);
        prop_assert_eq!(&sign_order(&signer, &order), &signed);
        if signed.signature.len() == 65 {
            prop_assert_eq!(owner(&signed.signature, signed.hash), *signer.address());
            prop_assert!(signed.signature[32] < 0x80, "the lower s");
        }
    }

    #[test]
    fn a_deposit_wallet_wraps_what_its_owner_signed(key in vec(any::<u8>(), 32), order in vec(any::<u8>(), ORDER_BYTES)) {
        let Some(signer) = Signer::new(&key) else { return Ok(()) };
        let mut order: [u8; ORDER_BYTES] = order.try_into().unwrap();
        order[8 * 32 + 31] = 3;
        let signed = sign_order(&signer, &order);
        prop_assert_eq!(signed.signature.len(), 317);
        let (domain, contents) = (&signed.signature[65..97], &signed.signature[97..129]);
        prop_assert_eq!(domain, &order[12 * 32..13 * 32]);
        let hash = digest(domain.try_into().unwrap(), contents.try_into().unwrap());
        prop_assert_eq!(hash, signed.hash);
        prop_assert_ne!(owner(&signed.signature[..65], signed.hash), *signer.address(), "not the order itself is signed");
    }

    #[test]
    fn other_bytes_are_no_key(bytes in vec(any::<u8>(), 0..80)) {
        prop_assume!(bytes.len() != 32);
        prop_assert!(Signer::new(&bytes).is_none());
    }
}

#[test]
fn the_ends_of_the_range_are_no_keys() {
    let mut order = [0xff; 32];
    assert!(Signer::new(&[0; 32]).is_none());
    assert!(Signer::new(&order).is_none());
    order[16..].copy_from_slice(&0xbaae_dce6_af48_a03b_bfd2_5e8c_d036_4141_u128.to_be_bytes());
    order[15] = 0xfe;
    assert!(Signer::new(&order).is_none(), "the order of the curve");
    order[31] = 0x40;
    assert!(Signer::new(&order).is_some(), "one below it");
}

#[test]
fn nothing_prints_a_key() {
    let signer = Signer::new(&[7; 32]).unwrap();
    assert_eq!(format!("{signer:?}"), "Signer");
}
