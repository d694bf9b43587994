//! A client over TLS that trusts one certificate alone, and keeps cookies as a browser does.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use aws_lc_rs::rand;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::TlsConnector;

/// One resident's browser, or one member of staff.
pub(super) struct Client {
    runtime: Handle,
    sender: SendRequest<Full<Bytes>>,
    host: String,
    cookies: BTreeMap<String, String>,
}

impl Client {
    /// Connects to the node on this port, which must hold the key of this certificate.
    pub(super) fn connect(runtime: &Handle, port: u16, certificate: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
            let name = ServerName::try_from("localhost")?;
            let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            anyhow::Ok(sender)
        })?;
        Ok(Self { runtime: runtime.clone(), sender, host: format!("localhost:{port}"), cookies: BTreeMap::new() })
    }

    /// The node's name and port.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The header by which the node knows who asks.
    pub(super) fn cookie(&self) -> String {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.get_bytes(path)?)?)
    }

    pub(super) fn get_bytes(&mut self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.send(Method::GET, path, None)
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.change(Method::POST, path, body)
    }

    pub(super) fn put(&mut self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.change(Method::PUT, path, body)
    }

    fn change(&mut self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let bytes = self.send(method, path, Some(body.to_string()))?;
        Ok(if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? })
    }

    /// What is answered; anything but success is an error that says what the node said.
    fn send(&mut self, method: Method, path: &str, body: Option<String>) -> anyhow::Result<Vec<u8>> {
        let mut request = Request::builder().method(&method).uri(path).header(HOST, &self.host);
        if !self.cookies.is_empty() {
            request = request.header(COOKIE, self.cookie());
        }
        if body.is_some() {
            request = request
                .header(ORIGIN, format!("https://{}", self.host))
                .header(CONTENT_TYPE, "application/json")
                .header("idempotency-key", random_hex()?);
        }
        let request = request.body(Full::new(body.unwrap_or_default().into()))?;
        let sender = &mut self.sender;
        let (parts, bytes) = self.runtime.block_on(async {
            sender.ready().await?;
            let (parts, body) = sender.send_request(request).await?.into_parts();
            anyhow::Ok((parts, body.collect().await?.to_bytes().to_vec()))
        })?;
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('='));
            let (name, value) = pair.context("a cookie is no pair")?;
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        if !parts.status.is_success() {
            bail!("{method} {path} is answered with {}: {}", parts.status, String::from_utf8_lossy(&bytes));
        }
        Ok(bytes)
    }
}

/// 32 digits that nobody can guess.
pub(super) fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What stands at a path (RFC 6901) in an answer; null where nothing does.
pub(super) fn at<'a>(answer: &'a Value, path: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    answer.pointer(path).unwrap_or(&NOTHING)
}

/// A text in an answer.
pub(super) fn text(answer: &Value, path: &str) -> anyhow::Result<String> {
    let text = at(answer, path).as_str().with_context(|| format!("no text at `{path}` in {answer}"))?;
    Ok(text.to_owned())
}
