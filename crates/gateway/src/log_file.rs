//! A file of lines that grows to a bound, then makes way for the next. Rotated files are `name.1`, the newest, and so on.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

/// A file with this many bytes is rotated.
const MAX_BYTES: u64 = 16 << 20;
/// Rotated files that are kept.
const KEPT: usize = 8;
/// The same where they also go by age, and are rotated each day for that.
const KEPT_BY_AGE: usize = 64;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A file of lines.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    mode: u32,
    retention_ms: Option<i64>,
    max_bytes: u64,
    file: File,
    bytes: u64,
    /// The day of its first line.
    day: i64,
}

impl LogFile {
    /// Opens the file behind its last line, or makes it. Folders that are missing are made for their owner alone.
    ///
    /// # Errors
    /// When it cannot be, or is a link or anything else but a file.
    pub fn open(path: &Path, mode: u32, retention: Option<Duration>, now_ms: i64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let (file, bytes, written) = open(path, mode)?;
        let day = if bytes == 0 { now_ms } else { written }.div_euclid(DAY_MS);
        let retention_ms = retention.map(|kept| i64::try_from(kept.as_millis()).unwrap_or(i64::MAX));
        let file = Self { path: path.to_owned(), mode, retention_ms, max_bytes: MAX_BYTES, file, bytes, day };
        file.prune(now_ms);
        Ok(file)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line, which has none within it.
    ///
    /// # Errors
    /// When it cannot be written, or the next file not be made. The line is lost then.
    pub fn line(&mut self, line: &str, now_ms: i64) -> io::Result<()> {
        let len = line.len() as u64 + 1;
        let aged = self.retention_ms.is_some() && now_ms.div_euclid(DAY_MS) > self.day;
        if self.bytes > 0 && (aged || self.bytes + len > self.max_bytes) {
            self.rotate(now_ms)?;
        }
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\n');
        // In one piece, so that a line is torn by a crash of the machine alone.
        self.file.write_all(text.as_bytes())?;
        self.bytes += len;
        Ok(())
    }

    /// The last whole lines, at most so many bytes of them.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn tail(&self, bytes: u64) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let from = self.bytes.saturating_sub(bytes);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.take(bytes).read_to_end(&mut tail)?;
        Ok(String::from_utf8_lossy(&tail).into_owned())
    }

    fn numbered(&self, number: usize) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    fn kept(&self) -> usize {
        if self.retention_ms.is_some() { KEPT_BY_AGE } else { KEPT }
    }

    fn rotate(&mut self, now_ms: i64) -> io::Result<()> {
        for number in (1..self.kept()).rev() {
            match fs::rename(self.numbered(number), self.numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, self.numbered(1))?;
        (self.file, self.bytes, _) = open(&self.path, self.mode)?;
        self.day = now_ms.div_euclid(DAY_MS);
        self.prune(now_ms);
        Ok(())
    }

    /// Removes rotated files that are too old. One that cannot be removed is tried again at the next rotation.
    fn prune(&self, now_ms: i64) {
        let Some(retention) = self.retention_ms else { return };
        for number in 1..=self.kept() {
            let path = self.numbered(number);
            let written = fs::symlink_metadata(&path).ok().filter(fs::Metadata::is_file).map(|found| changed(&found));
            if written.is_some_and(|written| written < now_ms.saturating_sub(retention)) {
                let _ = fs::remove_file(path);
            }
        }
    }
}

fn changed(metadata: &fs::Metadata) -> i64 {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The file, the bytes that it holds and when it was written to last. A line that was torn is ended.
fn open(path: &Path, mode: u32) -> io::Result<(File, u64, i64)> {
    let no_follow = i32::try_from((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits());
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(mode)
        .custom_flags(no_follow.unwrap_or_default())
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    // Whatever umask or an earlier start made of it.
    if metadata.permissions().mode() & 0o777 != mode {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    let mut bytes = metadata.len();
    if bytes > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
            bytes += 1;
        }
    }
    Ok((file, bytes, changed(&metadata)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_bound_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/gateway.log");
        let mut file = LogFile::open(&path, 0o600, None, 0).unwrap();
        file.max_bytes = 100;
        for number in 0..200 {
            file.line(&format!("line number {number:05}"), 0).unwrap();
        }
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(names.len(), KEPT + 1);
        for entry in &names {
            let metadata = entry.metadata().unwrap();
            assert!(metadata.len() <= 100 && metadata.permissions().mode() & 0o777 == 0o600, "{entry:?}");
        }
        assert!(file.tail(1000).unwrap().ends_with("line number 00199\n"));
        let newest = fs::read_to_string(path.with_file_name("gateway.log.1")).unwrap();
        assert!(newest.contains("00194") && !newest.contains("00199"), "{newest}");
    }

    #[test]
    fn what_is_too_old_is_removed_and_a_day_ends_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let now = changed(&fs::metadata(folder.path()).unwrap());
        let week = Some(Duration::from_secs(7 * 24 * 60 * 60));
        let mut file = LogFile::open(&path, 0o640, week, now).unwrap();
        file.line("today", now).unwrap();
        file.line("tomorrow", now + DAY_MS).unwrap();
        assert_eq!(fs::read_to_string(path.with_file_name("log.1")).unwrap(), "today\n");
        file.line("next week", now + 9 * DAY_MS).unwrap();
        assert!(!path.with_file_name("log.1").exists() && !path.with_file_name("log.2").exists());
        assert_eq!(fs::read_to_string(&path).unwrap(), "next week\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_torn_line_is_ended_and_a_link_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "whole\nto").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let mut file = LogFile::open(&path, 0o600, None, 0).unwrap();
        file.line("next", 0).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole\nto\nnext\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(LogFile::open(&link, 0o600, None, 0).is_err());
        assert!(LogFile::open(folder.path(), 0o600, None, 0).is_err());
    }
}
