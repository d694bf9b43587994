//! Trusted keys from files: certificates, key sets, DID documents, directories of issuers, revocation lists.
//!
//! A key set belongs to the issuer that its place in the folder spells as the web would (`HOST/PATH/.well-known/jwks.json`), or,
//! where the place spells none, to the one that it names (`issuer`); without either its keys count for every issuer that the
//! directory lists.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64ct::{Base64, Encoding};
use serde_json::Value;
use yima_statement::Trust;
use yima_statement::dcc::revocation::Revocations;
use yima_statement::key::KeyError;
use yima_statement::trust::Owner;

const FILES_MAX: usize = 20_000;

/// The file itself, or the files below a folder, in order.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read `{}`", path.display());
    if !fs::metadata(path).with_context(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
        ensure!(found.len() <= FILES_MAX, "`{}` has more than {FILES_MAX} files", path.display());
    }
    found.sort();
    Ok(found)
}

/// Trusts the signer with this certificate whatever issuer its statements name.
pub(super) fn pin(trust: &mut Trust, path: &Path) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    for der in certificates(&bytes) {
        trust.pin_certificate(&der).with_context(|| format!("`{}` cannot be used", path.display()))?;
    }
    Ok(())
}

/// Trusts what stands in a file or in the files of a folder; what cannot be used is told and left out.
pub(super) fn load(trust: &mut Trust, path: &Path) -> Result<()> {
    for file in files(path)? {
        let bytes = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
        let faults = match serde_json::from_slice(strip_mark(&bytes)) {
            Ok(value) => add_json(trust, &value, issuer_of(path, &file).as_deref())
                .with_context(|| format!("`{}` cannot be used", file.display()))?,
            Err(error) if file.extension().is_some_and(|extension| extension == "json") => {
                return Err(error).with_context(|| format!("`{}` is damaged; fetch it again", file.display()));
            }
            Err(_) if is_certificate(&file, &bytes) => {
                certificates(&bytes).iter().filter_map(|der| trust.add_certificate(der).err()).collect()
            }
            Err(_) => Vec::new(),
        };
        for fault in faults {
            writeln!(std::io::stderr(), "left out of `{}`: {fault}", file.display())?;
        }
    }
    Ok(())
}

/// Adds what a file says, and gives what is wrong with keys that are left out; a faulty list of revoked certificates is an
/// error, since without it revoked ones would count.
fn add_json(trust: &mut Trust, value: &Value, place: Option<&str>) -> Result<Vec<KeyError>> {
    let named = value.get("issuer").and_then(Value::as_str);
    if let (Some(place), Some(named)) = (place, named) {
        ensure!(place == named, "it lies where the keys of {place} lie and names {named}; put it where it belongs");
    }
    let issuer = place.or(named);
    let owner = issuer.map_or(Owner::Anyone, |issuer| Owner::Issuer(issuer.to_owned()));
    if value.get("verificationMethod").is_some() {
        return Ok(trust.add_did_document(value));
    }
    if value.get("participating_issuers").is_some() {
        trust.add_issuer_directory(value);
    } else if value.get("rids").is_some() {
        let is_whole = trust.add_card_revocations(value, issuer);
        ensure!(is_whole, "the list of revoked cards is damaged; fetch it again");
    } else if value.get("hashType").is_some() {
        trust.add_certificate_revocations(Revocations::read(value)?);
    } else if value.get("keys").is_some() {
        return Ok(trust.add_key_set(value, &owner));
    } else if value.get("kty").is_some() {
        return Ok(trust.add_key_set(&serde_json::json!({"keys": [value]}), &owner));
    } else {
        let is_list = value.is_array() || value.get("certificates").is_some();
        ensure!(
            is_list,
            "it is neither a set of keys, a list of certificates, a DID document nor a list of revoked ones"
        );
        return Ok(add_gateway_list(trust, value));
    }
    Ok(Vec::new())
}

/// A list of signers as national backends publish it: `[{"kid": …, "rawData": …}]`, alone or under `certificates`.
fn add_gateway_list(trust: &mut Trust, value: &Value) -> Vec<KeyError> {
    let list = value.get("certificates").unwrap_or(value).as_array().map(Vec::as_slice).unwrap_or_default();
    let certificates = list.iter().filter_map(|entry| entry.get("rawData")?.as_str());
    let mut faults = Vec::new();
    for certificate in certificates {
        let added = Base64::decode_vec(certificate).map_err(|_| KeyError::CertificateDamaged);
        faults.extend(added.and_then(|der| trust.add_certificate(&der)).err());
    }
    faults
}

fn strip_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn is_certificate(file: &Path, bytes: &[u8]) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    matches!(extension, "der" | "cer" | "crt" | "pem") || bytes.starts_with(b"-----BEGIN CERTIFICATE")
}

/// The certificates in a file: one in DER, one in base64, or several in PEM.
fn certificates(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![bytes.to_vec()] };
    let decode = |body: &str| {
        let body: String = body.split_whitespace().collect();
        Base64::decode_vec(&body).ok()
    };
    let mut rest = text;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
        let Some((body, after)) = after.split_once("-----END CERTIFICATE-----") else { break };
        found.extend(decode(body));
        rest = after;
    }
    if found.is_empty() {
        found.push(decode(text).unwrap_or_else(|| bytes.to_vec()));
    }
    found
}

/// The URL that the place of a file in the folder spells: what stands before `.well-known`, as the web has it.
fn issuer_of(folder: &Path, file: &Path) -> Option<String> {
    let place = file.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
    let (url, _) = place.split_once("/.well-known/")?;
    let host = url.split('/').next()?;
    host.contains('.').then(|| format!("https://{url}"))
}
