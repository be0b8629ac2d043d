use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// An open segment. Each method may fail as the system does; after a failure nothing but dropping it is allowed.
pub trait SegmentFile: Send {
    /// Writes behind what was read or written last; answers how much, which may be less.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Reads on from the start of the file; 0 at its end.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize>;

    /// Makes content and length durable (fdatasync).
    ///
    /// # Errors
    ///
    /// What the system says.
    fn sync_data(&mut self) -> io::Result<()>;

    /// Makes content and metadata durable (fsync).
    ///
    /// # Errors
    ///
    /// What the system says.
    fn sync_all(&mut self) -> io::Result<()>;
}

/// What the journal needs of a file system: a port, so that tests can fail it at every operation.
pub trait Disk: Send {
    /// Makes a file that must be new.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn create(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>>;

    /// Opens a file that is there, to be read to its end and then written on.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn reopen(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>>;

    /// Makes the names in the directory durable.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn sync_dir(&mut self) -> io::Result<()>;
}

/// The directory of one run on the disk of this machine.
#[derive(Debug)]
pub struct RunDir(pub PathBuf);

impl Disk for RunDir {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        Ok(Box::new(options.open(self.0.join(name))?))
    }

    fn reopen(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        Ok(Box::new(options.open(self.0.join(name))?))
    }

    fn sync_dir(&mut self) -> io::Result<()> {
        // A directory cannot be opened as a file on Windows, where names need no sync of their own.
        if cfg!(windows) {
            return Ok(());
        }
        File::open(&self.0)?.sync_all()
    }
}

impl SegmentFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Read::read(self, into)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Self::sync_data(self)
    }

    fn sync_all(&mut self) -> io::Result<()> {
        Self::sync_all(self)
    }
}
