use std::sync::LazyLock;

use sha3::{Digest, Keccak256};

/// Type of the signed order, of versions 2 and 3, as `typed-data.ts` has it.
pub(crate) const ORDER_TYPE: &str = "Order(uint256 salt,address maker,address signer,uint256 tokenId,\
uint256 makerAmount,uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,bytes32 builder)";

const WALLET_TYPE: &str = "TypedDataSign(Order contents,string name,string version,uint256 chainId,\
address verifyingContract,bytes32 salt)";
const AUTH_TYPE: &str = "ClobAuth(address address,string timestamp,uint256 nonce,string message)";
const AUTH_DOMAIN_TYPE: &str = "EIP712Domain(string name,string version,uint256 chainId)";
const AUTH_TEXT: &str = "This message attests that I control the given wallet";

/// 32 bytes: a hash, or one member of a struct.
pub(crate) type Word = [u8; 32];

/// Hashes of the texts that do not change.
struct Texts {
    wallet_type: Word,
    wallet_name: Word,
    one: Word,
    auth_type: Word,
    auth_domain_type: Word,
    auth_name: Word,
    auth_text: Word,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts {
    wallet_type: keccak(format!("{WALLET_TYPE}{ORDER_TYPE}").as_bytes()),
    wallet_name: keccak(b"DepositWallet"),
    one: keccak(b"1"),
    auth_type: keccak(AUTH_TYPE.as_bytes()),
    auth_domain_type: keccak(AUTH_DOMAIN_TYPE.as_bytes()),
    auth_name: keccak(b"ClobAuthDomain"),
    auth_text: keccak(AUTH_TEXT.as_bytes()),
});

pub(crate) fn keccak(bytes: &[u8]) -> Word {
    Keccak256::digest(bytes).into()
}

/// What is signed for a struct's hash under a domain separator (EIP-712).
pub fn digest(domain: &Word, contents: &Word) -> Word {
    let mut bytes = [0; 66];
    bytes[..2].copy_from_slice(&[0x19, 0x01]);
    bytes[2..34].copy_from_slice(domain);
    bytes[34..].copy_from_slice(contents);
    keccak(&bytes)
}

/// The struct that the owner of a deposit wallet signs in place of an order (ERC-7739). `wallet` is its address as a word.
pub(crate) fn wallet_struct(contents: &Word, wallet: &Word, chain_id: u64) -> Word {
    let texts = &*TEXTS;
    let salt = [0; 32];
    keccak_words(&[
        &texts.wallet_type,
        contents,
        &texts.wallet_name,
        &texts.one,
        &word_of(chain_id),
        wallet,
        &salt,
    ])
}

/// What is signed to create or derive API credentials.
pub fn auth_digest(address: &[u8; 20], chain_id: u64, timestamp_s: u64, nonce: u64) -> Word {
    let texts = &*TEXTS;
    let domain = keccak_words(&[
        &texts.auth_domain_type,
        &texts.auth_name,
        &texts.one,
        &word_of(chain_id),
    ]);
    let mut wallet = [0; 32];
    wallet[12..].copy_from_slice(address);
    let time = keccak(timestamp_s.to_string().as_bytes());
    let contents = keccak_words(&[
        &texts.auth_type,
        &wallet,
        &time,
        &word_of(nonce),
        &texts.auth_text,
    ]);
    digest(&domain, &contents)
}

fn keccak_words(words: &[&Word]) -> Word {
    let mut hash = Keccak256::new();
    for word in words {
        hash.update(word);
    }
    hash.finalize().into()
}

fn word_of(number: u64) -> Word {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}
