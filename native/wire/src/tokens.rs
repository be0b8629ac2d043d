use crate::frame::{Frame, Span};
use crate::hashed_book::{HashedBook, Undo};
use crate::ids::TokenIds;

/// A frame of more changes than this is not looked through for repeated books.
const ROWS_MAX: usize = 256;

/// Who follows the book of a token in the venue's own words.
#[derive(Debug, Default)]
enum Hashing {
    /// Nobody: there was no snapshot, and hashes cannot be checked.
    #[default]
    Nobody,
    /// The reference: all messages of the token are its affair.
    Reference,
    Here(HashedBook),
}

/// The tokens of a recording: which small number an asset id stands for, and the books that are hashed.
#[derive(Debug, Default)]
pub struct Tokens {
    ids: TokenIds,
    books: Vec<Hashing>,
    undos: Vec<(u64, Undo)>,
}

impl Tokens {
    /// Registers an id; false for one that no message names as it stands.
    pub fn register(&mut self, id: &[u8], token: u32) -> bool {
        self.put(token, Hashing::Nobody);
        self.ids.register(id, u64::from(token))
    }

    /// Whether messages of a token are unsupported from here on; a book that was lent is let go.
    pub fn leave(&mut self, token: u32, is_unsupported: bool) {
        let hashing = if is_unsupported {
            Hashing::Reference
        } else {
            Hashing::Nobody
        };
        self.put(token, hashing);
    }

    /// Follows the book of a token from here on.
    pub fn lend(&mut self, token: u32, book: HashedBook) {
        self.put(token, Hashing::Here(book));
    }

    /// What is hashed around time and levels of a book that is followed here.
    pub fn tell(&mut self, token: u32, head: &[u8], tail: &[u8]) {
        if let Some(Hashing::Here(book)) = self.books.get_mut(token as usize) {
            book.tell(head, tail);
        }
    }

    /// Gives a book back, whose messages are unsupported then; nothing where it was not lent.
    pub fn recall(&mut self, token: u32) -> Option<HashedBook> {
        let hashing = self.books.get_mut(token as usize)?;
        match std::mem::replace(hashing, Hashing::Reference) {
            Hashing::Here(book) => Some(book),
            other => {
                *hashing = other;
                None
            }
        }
    }

    pub(crate) fn ids(&self) -> &TokenIds {
        &self.ids
    }

    /// Applies the one message of a frame to the books that are followed; how many hashes were checked. `None`, with
    /// all books as before, where the reference has to look: at a hash that is not ours, a book that it follows,
    /// a second change of one book, a change that may not pass unchecked, more checks than are left.
    pub(crate) fn follow(
        &mut self,
        bytes: &[u8],
        frame: &Frame,
        (is_told, left): (bool, u64),
    ) -> Option<u64> {
        let mut checked = 0;
        for row in &frame.rows {
            match self.books.get(row.token as usize)? {
                Hashing::Nobody if is_told => {}
                Hashing::Here(_) => checked += 1,
                _ => return None,
            }
        }
        if checked == 0 {
            return Some(0);
        }
        if checked > left || frame.rows.len() > ROWS_MAX || self.is_repeated(frame) {
            return None;
        }
        self.change(bytes, frame);
        let timestamp = text(bytes, frame.messages.first()?.timestamp);
        let mut rows = frame.rows.iter().zip(&frame.spans);
        let is_right = rows.all(|(row, spans)| match &self.books[row.token as usize] {
            Hashing::Here(book) => book.is(timestamp, text(bytes, spans.hash)),
            _ => true,
        });
        if !is_right {
            self.undo();
        }
        is_right.then_some(checked)
    }

    fn change(&mut self, bytes: &[u8], frame: &Frame) {
        self.undos.clear();
        for (row, spans) in frame.rows.iter().zip(&frame.spans) {
            if let Hashing::Here(book) = &mut self.books[row.token as usize] {
                let level = (text(bytes, spans.price), text(bytes, spans.size));
                let level = (row.size > 0).then_some(level);
                let undo = book.change(row.side as usize, row.price, level);
                self.undos.push((row.token, undo));
            }
        }
    }

    fn undo(&mut self) {
        while let Some((token, undo)) = self.undos.pop() {
            if let Hashing::Here(book) = &mut self.books[token as usize] {
                book.undo(undo);
            }
        }
    }

    /// Whether a book that is followed here is changed twice.
    fn is_repeated(&self, frame: &Frame) -> bool {
        let is_here = |token: u64| matches!(self.books[token as usize], Hashing::Here(_));
        frame.rows.iter().enumerate().any(|(k, row)| {
            is_here(row.token) && frame.rows[..k].iter().any(|other| other.token == row.token)
        })
    }

    fn put(&mut self, token: u32, hashing: Hashing) {
        let needed = token as usize + 1;
        if self.books.len() < needed {
            self.books.resize_with(needed, Hashing::default);
        }
        self.books[token as usize] = hashing;
    }
}

fn text(bytes: &[u8], span: Span) -> &[u8] {
    bytes
        .get(span.start as usize..span.end as usize)
        .unwrap_or(&[])
}
