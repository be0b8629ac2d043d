use polaris_wire::{Scan, parse_hex, xxh32};

/// 32 bytes of BLAKE3.
pub type Head = [u8; 32];

/// The line that opens a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentLine {
    /// Its number, from 1.
    pub segment: u64,
    /// The run's id.
    pub run: String,
    /// Sequence number of its first event.
    pub first: u64,
    /// Head of all before it.
    pub head: Head,
}

/// The line that ends a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitLine {
    /// Its number, from 1.
    pub commit: u64,
    /// Sequence number of its last event.
    pub n: u64,
    /// Head after it.
    pub head: Head,
}

const MAX: u64 = (1 << 53) - 1;

impl SegmentLine {
    /// Reads a line without its newline, in canonical form and with its sum. A run id with anything but plain ASCII is
    /// not read here.
    pub fn read(line: &[u8]) -> Option<Self> {
        let mut scan = Scan::new(line);
        scan.text(br#"{"segment":"#)?;
        let segment = scan.whole(MAX)?;
        scan.text(br#","run":""#)?;
        let run = scan.until(|byte| !matches!(byte, b' '..=b'~') || byte == b'"' || byte == b'\\');
        scan.text(br#"","first":"#)?;
        let first = scan.whole(MAX)?;
        let head = head(&mut scan)?;
        is_summed(line, scan.at()).then(|| Self {
            segment,
            run: String::from_utf8_lossy(run).into_owned(),
            first,
            head,
        })
    }
}

impl CommitLine {
    /// Reads a line without its newline, in canonical form and with its sum.
    pub fn read(line: &[u8]) -> Option<Self> {
        let mut scan = Scan::new(line);
        scan.text(br#"{"commit":"#)?;
        let commit = scan.whole(MAX)?;
        scan.text(br#","n":"#)?;
        let n = scan.whole(MAX)?;
        let head = head(&mut scan)?;
        is_summed(line, scan.at()).then_some(Self { commit, n, head })
    }
}

/// `,"head":"<64 hex>"`
fn head(scan: &mut Scan<'_>) -> Option<Head> {
    scan.text(br#","head":""#)?;
    let digits = scan.until(|byte| byte == b'"');
    let head = parse_hex(digits)?;
    scan.byte(b'"')?;
    Some(head)
}

/// Whether nothing but the right sum stands behind `body`.
fn is_summed(line: &[u8], body: usize) -> bool {
    let tail = format!(r#","x":"{:08x}"}}"#, xxh32(&line[..body]));
    line[body..] == *tail.as_bytes()
}
