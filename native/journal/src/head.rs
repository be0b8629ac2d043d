use blake3::Hasher;
use blake3::hazmat::{ChainingValue, HasherExt, Mode};
use blake3::hazmat::{merge_subtrees_non_root, merge_subtrees_root};

/// Bytes of a leaf of the tree that BLAKE3 is.
const LEAF: usize = 1_024;

/// The head of a log, 32 bytes.
pub type Digest = [u8; 32];

/// The running head of a segment: BLAKE3 over (head at the start of the segment ‖ event lines so far). It keeps the tree
/// itself, so that `mark` can say where it stands to a hasher of another make.
#[derive(Clone, Debug)]
pub struct Head {
    /// Chaining values of the whole subtrees so far, the largest first.
    trees: Vec<ChainingValue>,
    /// Leaves in them.
    leaves: u64,
    /// The last leaf, which is never empty and may be full.
    tail: Vec<u8>,
}

/// Where a head stands: all that a BLAKE3 hasher needs to go on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadMark {
    /// Chaining values of the whole subtrees so far, the largest first: one for each bit of `leaves`.
    pub trees: Vec<Digest>,
    /// Leaves of 1,024 bytes in them.
    pub leaves: u64,
    /// The bytes behind them, 1 to 1,024.
    pub tail: Vec<u8>,
}

impl Head {
    /// Begins a segment at the head of all before it.
    pub fn new(start: &Digest) -> Self {
        let mut tail = Vec::with_capacity(LEAF);
        tail.extend_from_slice(start);
        Self {
            trees: Vec::new(),
            leaves: 0,
            tail,
        }
    }

    /// Takes event lines, each with its newline.
    pub fn update(&mut self, mut lines: &[u8]) {
        let (now, rest) = lines.split_at(lines.len().min(LEAF - self.tail.len()));
        self.tail.extend_from_slice(now);
        lines = rest;
        if lines.is_empty() {
            return;
        }
        let full = std::mem::take(&mut self.tail);
        self.push(&full);
        self.tail = full;
        self.tail.clear();
        while lines.len() > LEAF {
            let (tree, rest) = lines.split_at(self.next_tree(lines.len() - 1));
            self.push(tree);
            lines = rest;
        }
        self.tail.extend_from_slice(lines);
    }

    /// The head after all lines so far.
    pub fn digest(&self) -> Digest {
        let Some((first, others)) = self.trees.split_first() else {
            return *blake3::hash(&self.tail).as_bytes();
        };
        let mut right = chaining_value(&self.tail, self.leaves * LEAF as u64);
        for left in others.iter().rev() {
            right = merge_subtrees_non_root(left, &right, Mode::Hash);
        }
        *merge_subtrees_root(first, &right, Mode::Hash).as_bytes()
    }

    /// Where it stands.
    pub fn mark(&self) -> HeadMark {
        HeadMark {
            trees: self.trees.clone(),
            leaves: self.leaves,
            tail: self.tail.clone(),
        }
    }

    /// Length of the largest subtree that may come next, of at most `most` bytes: a power of two of leaves.
    fn next_tree(&self, most: usize) -> usize {
        let fits = (most / LEAF).max(1).ilog2();
        let aligned = self.leaves.trailing_zeros();
        LEAF << fits.min(aligned)
    }

    fn push(&mut self, tree: &[u8]) {
        let mut value = chaining_value(tree, self.leaves * LEAF as u64);
        let added = (tree.len() / LEAF) as u64;
        let mut merged = self.leaves / added;
        while merged & 1 == 1 {
            let Some(left) = self.trees.pop() else { break };
            value = merge_subtrees_non_root(&left, &value, Mode::Hash);
            merged >>= 1;
        }
        self.trees.push(value);
        self.leaves += added;
    }
}

fn chaining_value(tree: &[u8], offset: u64) -> ChainingValue {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(offset);
    hasher.update(tree).finalize_non_root()
}

#[cfg(test)]
mod tests {
    use super::{Digest, Head, LEAF};
    use proptest::prelude::*;

    fn whole(start: &Digest, lines: &[u8]) -> Digest {
        *blake3::Hasher::new()
            .update(start)
            .update(lines)
            .finalize()
            .as_bytes()
    }

    #[test]
    fn is_blake3_at_every_length_around_a_leaf_and_a_tree() {
        let lines: Vec<u8> = (0..70_000_u32).map(|i| (i % 251) as u8).collect();
        for leaves in [0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 64] {
            for off in 0..3 {
                let length = (leaves * LEAF + off).saturating_sub(33);
                let mut head = Head::new(&[7; 32]);
                head.update(&lines[..length]);
                assert_eq!(head.digest(), whole(&[7; 32], &lines[..length]), "{length}");
            }
        }
    }

    proptest! {
        #[test]
        fn does_not_depend_on_how_the_lines_come(cuts in prop::collection::vec(0_usize..9_000, 0..24)) {
            let mut head = Head::new(&[0; 32]);
            let mut all = Vec::new();
            for (i, cut) in cuts.iter().enumerate() {
                let piece: Vec<u8> = (0..*cut).map(|k| (k * 31 + i) as u8).collect();
                head.update(&piece);
                all.extend_from_slice(&piece);
                prop_assert_eq!(head.digest(), whole(&[0; 32], &all));
                let mark = head.mark();
                prop_assert_eq!(mark.trees.len() as u32, mark.leaves.count_ones());
                prop_assert!((1..=LEAF).contains(&mark.tail.len()));
                prop_assert_eq!(mark.leaves as usize * LEAF + mark.tail.len(), all.len() + 32);
            }
        }
    }
}
