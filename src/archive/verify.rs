//! Whether the archive holds what its manifests say.

use bytes::Bytes;
use object_store::path::Path;
use sha2::{Digest, Sha256};

use super::ArchiveError;
use super::keep::hex;
use super::manifest::{FOLDER, File, Manifest};
use super::store::Store;

/// All manifests, in the order of their runs, once every file that they name has been read and is as they say.
pub(super) async fn verify(store: &Store) -> Result<Vec<Manifest>, ArchiveError> {
    let mut manifests = Vec::new();
    let mut faults = Vec::new();
    for path in store.list(FOLDER).await? {
        match read(store, &path).await? {
            Ok(manifest) => manifests.push((path, manifest)),
            Err(fault) => faults.push(fault),
        }
    }
    for file in manifests.iter().flat_map(|(_, manifest)| &manifest.files) {
        if let Err(fault) = open(store, file).await? {
            faults.push(fault);
        }
    }
    if !faults.is_empty() {
        return Err(ArchiveError::Damaged { faults });
    }
    manifests.sort_by_key(|(_, manifest)| (manifest.run.started_at, manifest.run.run_id));
    Ok(manifests.into_iter().map(|(_, manifest)| manifest).collect())
}

async fn read(store: &Store, path: &Path) -> Result<Result<Manifest, String>, ArchiveError> {
    let json = store.get(path).await?.unwrap_or_default();
    let manifest = serde_json::from_slice(&json);
    Ok(manifest.map_err(|error| format!("  {path}: no manifest: {error}")))
}

/// The file's bytes, or what is wrong with it.
pub(super) async fn open(store: &Store, file: &File) -> Result<Result<Bytes, String>, ArchiveError> {
    let path = &file.path;
    let Some(bytes) = store.get(&Path::from(path.as_str())).await? else {
        return Ok(Err(format!("  {path}: it is not there")));
    };
    if bytes.len() as u64 != file.bytes {
        let fault = format!("  {path}: {} bytes instead of {}", bytes.len(), file.bytes);
        return Ok(Err(fault));
    }
    if hex(&Sha256::digest(&bytes)) != file.sha256 {
        return Ok(Err(format!("  {path}: its SHA-256 is not that of its manifest")));
    }
    Ok(Ok(bytes))
}
