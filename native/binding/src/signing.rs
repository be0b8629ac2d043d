use std::cell::RefCell;

use neon::prelude::*;
use neon::types::buffer::TypedArray;
use polaris_signer::{Mac, ORDER_BYTES, Signer, auth_digest, checksummed, hex_into, sign_order};

use crate::numbers::whole;

/// A signer, until it is closed.
pub struct SignerHandle(Option<Signer>);

impl Finalize for SignerHandle {}

/// Key of a message authentication code.
pub struct MacHandle(Mac);

impl Finalize for MacHandle {}

type Shared = JsBox<RefCell<SignerHandle>>;

/// `signerOpen(key)`: copies the key; throws where it is none.
pub fn open(mut cx: FunctionContext) -> JsResult<Shared> {
    let key = cx.argument::<JsUint8Array>(0)?;
    match Signer::new(key.as_slice(&cx)) {
        Some(signer) => Ok(cx.boxed(RefCell::new(SignerHandle(Some(signer))))),
        None => cx.throw_range_error("not a private key"),
    }
}

/// `signerAddress(signer)`
pub fn address(mut cx: FunctionContext) -> JsResult<JsString> {
    let text = with_signer(&mut cx, |signer| checksummed(signer.address()))?;
    Ok(cx.string(text))
}

/// `signerOrder(signer, order)`: hash and signature, one hex text each, in turn.
pub fn order(mut cx: FunctionContext) -> JsResult<JsString> {
    let bytes = cx.argument::<JsUint8Array>(1)?;
    let Ok(order) = <[u8; ORDER_BYTES]>::try_from(bytes.as_slice(&cx)) else {
        return cx.throw_range_error("not the bytes of an order");
    };
    let signed = with_signer(&mut cx, |signer| sign_order(signer, &order))?;
    let mut text = String::with_capacity(4 + 64 + 2 * signed.signature.len());
    hex_into(&mut text, &signed.hash);
    hex_into(&mut text, &signed.signature);
    Ok(cx.string(text))
}

/// `signerAuth(signer, chainId, timestampS, nonce)`: the signature in hex.
pub fn auth(mut cx: FunctionContext) -> JsResult<JsString> {
    let mut numbers = [0; 3];
    for (k, number) in numbers.iter_mut().enumerate() {
        let given = cx.argument::<JsNumber>(k + 1)?.value(&mut cx);
        let Some(given) = whole(given) else {
            return cx.throw_range_error("not a whole number");
        };
        *number = given;
    }
    let [chain, time, nonce] = numbers;
    let signature = with_signer(&mut cx, |signer| {
        signer.sign(&auth_digest(signer.address(), chain, time, nonce))
    })?;
    let mut text = String::new();
    hex_into(&mut text, &signature);
    Ok(cx.string(text))
}

/// `signerClose(signer)`: overwrites the key.
pub fn close(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    cx.argument::<Shared>(0)?.borrow_mut().0 = None;
    Ok(cx.undefined())
}

/// `macOpen(key)`
pub fn mac_open(mut cx: FunctionContext) -> JsResult<JsBox<MacHandle>> {
    let key = cx.argument::<JsUint8Array>(0)?;
    let mac = Mac::new(key.as_slice(&cx));
    Ok(cx.boxed(MacHandle(mac)))
}

/// `macOf(mac, text)`
pub fn mac_of(mut cx: FunctionContext) -> JsResult<JsString> {
    let mac = cx.argument::<JsBox<MacHandle>>(0)?;
    let text = cx.argument::<JsString>(1)?.value(&mut cx);
    let code = mac.0.of(text.as_bytes());
    Ok(cx.string(code))
}

fn with_signer<'cx, T>(
    cx: &mut FunctionContext<'cx>,
    work: impl FnOnce(&Signer) -> T,
) -> NeonResult<T> {
    let shared = cx.argument::<Shared>(0)?;
    let done = shared.borrow().0.as_ref().map(work);
    match done {
        Some(done) => Ok(done),
        None => cx.throw_error("Invariant: a signer that is closed signs nothing"),
    }
}
