//! A client for what is fetched and for a node that runs: HTTPS with certificates that are named, plain HTTP where asked for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::rand;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, ORIGIN, SET_COOKIE, USER_AGENT};
use hyper::rt::{Read, Write};
use hyper::{Method, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Where most systems keep the certificates of authorities.
pub(crate) const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
const WAIT: Duration = Duration::from_secs(120);

/// A client that trusts the certificates of a file.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    tls: Arc<ClientConfig>,
}

/// A member of staff who is signed in at a node that runs.
#[derive(Debug)]
pub(crate) struct Session {
    client: Client,
    node: Uri,
    cookie: String,
}

impl Client {
    pub(crate) fn trusting(roots: &Path) -> Result<Self> {
        let mut store = RootCertStore::empty();
        let read = |path: &Path| CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
        let certificates = read(roots).with_context(|| format!("cannot read certificates in `{}`", roots.display()))?;
        store.add_parsable_certificates(certificates);
        ensure!(!store.is_empty(), "`{}` holds no certificate of an authority", roots.display());
        Self::of(store)
    }

    /// A client for one address, which needs no certificates where it is plain HTTP.
    pub(crate) fn reaching(url: &Uri, roots: &Path) -> Result<Self> {
        if url.scheme_str() == Some("https") { Self::trusting(roots) } else { Self::of(RootCertStore::empty()) }
    }

    fn of(store: RootCertStore) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = config.with_root_certificates(store).with_no_client_auth();
        Ok(Self { tls: Arc::new(config) })
    }

    /// What is found at an address.
    pub(crate) async fn get(&self, url: &Uri) -> Result<Vec<u8>> {
        let (_, bytes) = self.send(url, Request::get(path_of(url)), Vec::new()).await?;
        Ok(bytes)
    }

    /// What is answered at an address, with its status, whatever that is.
    pub(crate) async fn post(
        &self,
        url: &Uri,
        headers: &[(HeaderName, HeaderValue)],
        body: Vec<u8>,
    ) -> Result<(u16, Vec<u8>)> {
        let request =
            headers.iter().fold(Request::post(path_of(url)), |request, (name, value)| request.header(name, value));
        let (head, bytes) = self.ask(url, request, body).await?;
        Ok((head.status().as_u16(), bytes))
    }

    async fn send(
        &self,
        url: &Uri,
        request: hyper::http::request::Builder,
        body: Vec<u8>,
    ) -> Result<(Response<()>, Vec<u8>)> {
        let (head, bytes) = self.ask(url, request, body).await?;
        if !head.status().is_success() {
            bail!("`{url}` answers {}: {}", head.status(), String::from_utf8_lossy(&bytes));
        }
        Ok((head, bytes))
    }

    async fn ask(
        &self,
        url: &Uri,
        request: hyper::http::request::Builder,
        body: Vec<u8>,
    ) -> Result<(Response<()>, Vec<u8>)> {
        let authority = url.authority().with_context(|| format!("`{url}` names no host"))?;
        let is_secure = url.scheme_str() == Some("https");
        let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let request =
            request.header(HOST, authority.as_str()).header(USER_AGENT, "yima").body(Full::new(Bytes::from(body)))?;
        let sent = async {
            let stream = TcpStream::connect((authority.host(), port)).await?;
            if !is_secure {
                return exchange(TokioIo::new(stream), request).await;
            }
            let name = ServerName::try_from(authority.host().to_owned())?;
            let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
            exchange(TokioIo::new(stream), request).await
        };
        let answer = tokio::time::timeout(WAIT, sent).await.with_context(|| format!("`{url}` does not answer"))?;
        answer.with_context(|| format!("`{url}` cannot be reached"))
    }
}

impl Session {
    /// Signs in at a node.
    pub(crate) async fn sign_in(client: Client, node: Uri, account: &str, password: &str) -> Result<Self> {
        let mut session = Self { client, node, cookie: String::new() };
        let body = json!({"account": account, "password": password}).to_string();
        let (head, _) = session.request(Method::POST, "/v1/staff/sessions", body.into_bytes()).await?;
        let cookie = head.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok());
        let pair = cookie.and_then(|cookie| cookie.split(';').next());
        pair.context("the node gave no session")?.clone_into(&mut session.cookie);
        Ok(session)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        self.json(Method::GET, path, Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Result<Value> {
        self.json(Method::POST, path, body).await
    }

    async fn json(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Value> {
        let (_, bytes) = self.request(method, path, body).await?;
        serde_json::from_slice(&bytes).context("the node answers something else than JSON")
    }

    async fn request(&self, method: Method, path: &str, body: Vec<u8>) -> Result<(Response<()>, Vec<u8>)> {
        let authority = self.node.authority().context("the address of the node names no host")?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(ORIGIN, format!("https://{authority}"))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", random_key()?)
            .header(COOKIE, &self.cookie);
        self.client.send(&self.node, request, body).await
    }
}

/// How to reach a node that runs.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NodeAddress {
    /// The address of a node that runs, such as https://localhost:8443; the password of the account is read from standard input
    #[arg(long = "node", value_name = "URL")]
    pub(crate) node: Option<Uri>,
    /// The account to sign in with
    #[arg(long, value_name = "NAME", default_value = "headquarters.1")]
    pub(crate) account: String,
    /// The certificates that are trusted, as PEM; a node of the test environment keeps its own in `data/self-signed.pem`
    #[arg(long, value_name = "FILE", default_value = SYSTEM_ROOTS)]
    pub(crate) roots: PathBuf,
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(Response<()>, Vec<u8>)>
where
    S: Read + Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
    connection.abort();
    let bytes = body.map_err(|error| anyhow::anyhow!("the answer breaks off: {error}"))?.to_bytes().to_vec();
    Ok((Response::from_parts(parts, ()), bytes))
}

fn path_of(url: &Uri) -> &str {
    url.path_and_query().map_or("/", |path| path.as_str())
}

/// 32 digits that nobody can guess.
fn random_key() -> Result<String> {
    let mut bytes = [0_u8; 16];
    rand::fill(&mut bytes).ok().context("the system gave no randomness")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
