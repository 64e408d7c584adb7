//! How is a secret kept that must be read again? Sealed with a key of the configuration, by ChaCha20-Poly1305: who has the database alone reads
//! nothing of it, and what was sealed for one row opens for no other.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use super::random;
use super::secrets::Secret;

/// What seals and opens.
pub struct SealKey(LessSafeKey);

/// It was sealed with another key, for another row, or is no seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cannot be opened with the key of this server")]
pub struct Broken;

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(…)")
    }
}

impl SealKey {
    /// The key that a secret text of the configuration stands for.
    ///
    /// # Errors
    /// Never, with a key of this length.
    pub fn of(text: &Secret) -> Result<SealKey, Broken> {
        let bytes: [u8; 32] = Sha256::digest(text.expose().as_bytes()).into();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| Broken)?;
        Ok(SealKey(LessSafeKey::new(key)))
    }

    /// Seals a secret for what `row` names.
    ///
    /// # Errors
    /// It is too long.
    pub fn seal(&self, row: &str, secret: &Secret) -> Result<String, Broken> {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut sealed = secret.expose().as_bytes().to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(unique, Aad::from(row), &mut sealed).map_err(|_| Broken)?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for it.
    ///
    /// # Errors
    /// [`Broken`].
    pub fn open(&self, row: &str, sealed: &str) -> Result<Secret, Broken> {
        let bytes = STANDARD.decode(sealed).map_err(|_| Broken)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Broken)?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.0.open_in_place(nonce, Aad::from(row), &mut rest).map_err(|_| Broken)?;
        let text = std::str::from_utf8(plain).map_err(|_| Broken)?;
        Ok(Secret::new(text))
    }
}

/// The text of a key that lies in a directory, made when there is none: for a server whose database lies there, too.
///
/// # Errors
/// The file cannot be written or read.
pub fn kept_in(directory: &Path) -> io::Result<Secret> {
    let file = directory.join("secrets.key");
    if !file.exists() {
        let made = directory.join(format!("secrets.key.{:08x}", random::cheap_u32()));
        let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&made)?;
        new.write_all(STANDARD.encode(random::bytes::<32>()).as_bytes())?;
        new.sync_all()?;
        // Of two that are made at once one stays, whole.
        match fs::hard_link(&made, &file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => fs::remove_file(&made)?,
        }
        File::open(directory)?.sync_all()?;
    }
    Ok(Secret::new(fs::read_to_string(file)?.trim()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let directory = std::env::temp_dir().join(format!("seals_{:08x}", random::cheap_u32()));
        fs::create_dir_all(&directory).unwrap();
        let keys: Vec<Secret> = std::thread::scope(|scope| {
            let made: Vec<_> = (0..4).map(|_| scope.spawn(|| kept_in(&directory).unwrap())).collect();
            made.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(keys[0].expose().len() > 40 && keys.iter().all(|key| *key == keys[0]));
        let files: Vec<_> = fs::read_dir(&directory).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_row_alone() {
        let key = SealKey::of(&Secret::new("correct horse battery staple")).unwrap();
        let other = SealKey::of(&Secret::new("another")).unwrap();
        let sealed = key.seal("a", &Secret::new("account:license")).unwrap();
        assert!(!sealed.contains("license"));
        assert_ne!(sealed, key.seal("a", &Secret::new("account:license")).unwrap());
        assert_eq!(key.open("a", &sealed).unwrap().expose(), "account:license");
        assert_eq!(key.open("b", &sealed), Err(Broken));
        assert_eq!(other.open("a", &sealed), Err(Broken));
        for broken in ["", "x", "AAAA", &sealed[..sealed.len() - 4]] {
            assert_eq!(key.open("a", broken), Err(Broken));
        }
    }
}
