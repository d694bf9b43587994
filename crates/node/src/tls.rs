//! The certificate of the node, and a self-signed one where none is configured.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair, SanType};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

use crate::config;
use crate::files::{self, FileError};

/// What is wrong with the certificate.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file holds no certificate or key.
    #[error("`{}` holds no certificate or private key in PEM", .0.display())]
    NotPem(PathBuf),
    /// Certificate and key do not fit.
    #[error("the certificate cannot be used: {0}; check that certificate and private key belong together")]
    Unusable(#[from] rustls::Error),
    /// The self-signed certificate could not be made.
    #[error("no certificate could be made: {0}")]
    NotMade(#[from] rcgen::Error),
}

/// The TLS side of the server: the configured certificate, or a self-signed one kept in `folder`.
pub(crate) fn server_config(configured: Option<&config::Tls>, folder: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let (certificate, private_key) = match configured {
        Some(tls) => (tls.certificate.clone(), tls.private_key.clone()),
        None => self_signed(folder)?,
    };
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|_| TlsError::NotPem(certificate))?;
    let key =
        PrivateKeyDer::from_pem_slice(&files::read_secret(&private_key)?).map_err(|_| TlsError::NotPem(private_key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The files of the self-signed certificate, made if they are not there: good for a demonstration on this machine.
fn self_signed(folder: &Path) -> Result<(PathBuf, PathBuf), TlsError> {
    let (certificate, private_key) = (folder.join("self-signed.pem"), folder.join("self-signed.key"));
    if !certificate.exists() || !private_key.exists() {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
        params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let made = params.self_signed(&key)?;
        files::write_secret(&private_key, key.serialize_pem().as_bytes())?;
        fs::write(&certificate, made.pem()).map_err(|error| FileError::Unwritable(certificate.clone(), error))?;
    }
    Ok((certificate, private_key))
}
