//! A client over real TLS that trusts the node's own certificate alone, and keeps cookies as a browser does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::world::World;

/// One browser, or one program of a source.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    cookies: BTreeMap<String, String>,
    keys: u128,
}

static CLIENTS: AtomicU64 = AtomicU64::new(1);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// The code of an answer that must be a problem document.
    pub(crate) fn problem(&self) -> String {
        let body = self.json();
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{body}");
        assert_eq!(body["status"], self.status.as_u16());
        let code = body["code"].as_str().unwrap().to_owned();
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert!(!body["hint"].as_str().unwrap().is_empty());
        code
    }
}

impl Client {
    async fn secured(address: SocketAddr, certificate: &Path) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
    }

    pub(crate) async fn connect(address: SocketAddr, certificate: &Path) -> Self {
        let stream = Self::secured(address, certificate).await;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let host = format!("localhost:{}", address.port());
        // No two clients choose the same keys.
        let number = CLIENTS.fetch_add(1, Ordering::Relaxed);
        Self { sender, host, cookies: BTreeMap::new(), keys: u128::from(number) << 64 }
    }

    /// The same browser, on another connection.
    pub(crate) async fn reconnect(&mut self, world: &World) {
        self.reconnect_at(world.node.https(), &world.data().join("self-signed.pem")).await;
    }

    /// The same browser, where the node is now.
    pub(crate) async fn reconnect_at(&mut self, address: SocketAddr, certificate: &Path) {
        let Self { sender, host, .. } = Self::connect(address, certificate).await;
        (self.sender, self.host) = (sender, host);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.change(Method::POST, path, body).await
    }

    pub(crate) async fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.change(Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&mut self, path: &str) -> Answer {
        self.change(Method::DELETE, path, &Value::Null).await
    }

    async fn change(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let key = self.next_key();
        self.change_with_key(method, path, body, &key).await
    }

    pub(crate) async fn change_with_key(&mut self, method: Method, path: &str, body: &Value, key: &str) -> Answer {
        self.try_to_change(method, path, body, key).await.unwrap()
    }

    /// The same where the node may go away.
    pub(crate) async fn try_to_change(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
        key: &str,
    ) -> hyper::Result<Answer> {
        let origin = format!("https://{}", self.host);
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let headers = [("origin", origin.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
        self.try_to_send(method, path, &headers, body).await
    }

    /// Files facts as a source does.
    pub(crate) async fn file(&mut self, path: &str, lines: &[Value]) -> Answer {
        let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let (origin, key) = (format!("https://{}", self.host), self.next_key());
        let headers =
            [("origin", origin.as_str()), ("content-type", "application/x-ndjson"), ("idempotency-key", &key)];
        self.send(Method::POST, path, &headers, body).await
    }

    /// Sends just this.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_to_send(method, path, headers, body).await.unwrap()
    }

    async fn try_to_send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> hyper::Result<Answer> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(body.into())).unwrap()).await?;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
                assert!(text.contains(attribute), "{text}");
            }
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            match value {
                "" => self.cookies.remove(name),
                _ => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let bytes = body.collect().await?.to_bytes().to_vec();
        Ok(Answer { status: parts.status, headers: parts.headers, bytes })
    }

    /// Sends the head of a request whose body never comes, and gives the connection on which the node waits for it.
    pub(crate) async fn stall(address: SocketAddr, certificate: &Path, path: &str) -> TlsStream<TcpStream> {
        let mut stream = Self::secured(address, certificate).await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nidempotency-key: {:032x}\r\ncontent-type: application/json\r\n\
             content-length: 100\r\n\r\n{{",
            7
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }

    /// What the cookies hold.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// Calls the node by another name.
    pub(crate) fn call_it(&mut self, host: &str) {
        self.host = host.to_owned();
    }

    /// The header in which this client says which page it is.
    pub(crate) fn origin(&self) -> (&'static str, String) {
        ("origin", format!("https://{}", self.host))
    }

    fn next_key(&mut self) -> String {
        self.keys += 1;
        format!("{:032x}", self.keys)
    }
}
