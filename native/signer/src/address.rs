use crate::text::hex_into;
use crate::typed_data::keccak;

/// An address with the checksum of EIP-55.
pub fn checksummed(address: &[u8; 20]) -> String {
    let mut lower = String::with_capacity(42);
    hex_into(&mut lower, address);
    let digits = &lower[2..];
    let sum = keccak(digits.as_bytes());
    let mut text = String::from("0x");
    for (k, digit) in digits.chars().enumerate() {
        let nibble = sum[k / 2] >> (4 - 4 * (k % 2)) & 15;
        text.push(if nibble > 7 {
            digit.to_ascii_uppercase()
        } else {
            digit
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::checksummed;

    #[test]
    fn has_the_checksums_of_eip_55() {
        // https://eips.ethereum.org/EIPS/eip-55, 2026-11-29
        for text in [
            "0x52908400098527886E0F7030069857D2E4169EE7",
            "0xde709f2102306220921060314715629080e2fb77",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        ] {
            let mut address = [0; 20];
            for (k, byte) in address.iter_mut().enumerate() {
                *byte = u8::from_str_radix(&text[2 + 2 * k..4 + 2 * k], 16).unwrap();
            }
            assert_eq!(checksummed(&address), text);
        }
    }
}
