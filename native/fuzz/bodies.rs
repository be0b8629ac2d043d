// What the fuzzer and `wire/tests/corpus.rs` do with any bytes: they must end in an answer that holds together.

use polaris_book::{Fold, PRICE_MAX, Touched};
use polaris_wire::{
    Asked, Decoder, Expected, Frame, FramesStop, TokenIds, UNKNOWN, fold_frames, fold_lines,
    read_frame, read_message,
};

/// Ids that the corpus speaks of.
const IDS: [&str; 3] = [
    "40600137944982070120020561148201046074034528738262880058756488608210871246278",
    "79597156840177168343562124064866301094619106642263695929345529947536386203124",
    "101",
];

/// A frame read, read again in another dress, and folded.
pub fn frames(bytes: &[u8]) {
    let mut ids = TokenIds::default();
    let mut fold = Fold::default();
    for (token, id) in (1..).zip(IDS) {
        assert!(ids.register(id.as_bytes(), token));
        assert_eq!(fold.list(token, 100), Ok(()));
    }
    let mut frame = Frame::default();
    match read_frame(bytes, &ids, &mut frame) {
        Err(fault) => {
            assert!(fault.at <= bytes.len(), "a fault within the bytes");
            assert!(fault.expected != Expected::More || fault.at == bytes.len());
        }
        Ok(()) => {
            assert_eq!(frame.rows.len(), frame.spans.len());
            for (row, spans) in frame.rows.iter().zip(&frame.spans) {
                assert!(row.price <= PRICE_MAX && row.token <= 3 || row.token == UNKNOWN);
                assert!(
                    spans.price.end as usize <= bytes.len() && spans.price.start <= spans.price.end
                );
            }
            same_behind_space(bytes, &ids, &frame);
        }
    }
    let mut touched = Touched::default();
    let mut start = 0;
    while start < bytes.len() {
        let progress = fold_frames(
            (bytes, start),
            None,
            (&ids, &mut frame),
            &mut fold,
            &mut touched,
        );
        assert!(progress.next > start, "a walk goes on");
        if let FramesStop::Fault(fault) = progress.stop {
            panic!("{fault:?}: every registered token is listed");
        }
        start = progress.next;
    }
}

/// A key that means nothing takes a message out of its usual form, and changes nothing of what it says.
fn same_behind_space(bytes: &[u8], ids: &TokenIds, frame: &Frame) {
    let Some(at) = bytes.iter().position(|&byte| byte == b'{') else {
        return;
    };
    if bytes[..at].contains(&b'[') || frame.messages.len() != 1 {
        return;
    }
    let is_empty = bytes[at + 1..]
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())
        == Some(&b'}');
    let mut other = bytes[at..=at].to_vec();
    other.extend_from_slice(if is_empty { b"\"_\":0" } else { b"\"_\":0," });
    other.extend_from_slice(&bytes[at + 1..]);
    let mut again = Frame::default();
    again.restart();
    assert!(read_message(&other, 0, ids, &mut again).is_ok());
    assert_eq!(again.rows, frame.rows);
    assert_eq!(again.messages[0].t_us, frame.messages[0].t_us);
}

/// Log lines decoded and folded, with their sums looked at and without.
pub fn lines(bytes: &[u8]) {
    for is_proven in [false, true] {
        let mut decoder = Decoder::default();
        let (mut fold, mut touched) = (Fold::default(), Touched::default());
        for token in 1..=3 {
            assert_eq!(fold.list(token, 100), Ok(()));
        }
        let asked = Asked {
            start: 0,
            until: u64::MAX,
            is_proven,
        };
        let progress = fold_lines((&mut decoder, &mut fold), bytes, asked, &mut touched);
        assert!(progress.at <= bytes.len());
        if let Err(fault) = decoder.line(bytes) {
            assert!(fault.at <= bytes.len());
        }
    }
}
