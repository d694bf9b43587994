//! The HTTPS server: one task for each connection, bounds on how many and how slow, and an orderly stop.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::config::Limits;
use crate::network::Peer;

/// How long to pause when no connection can be taken, such as when the machine is out of file handles.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` says so, then lets open requests finish for a while.
///
/// Without `tls` it speaks plain HTTP, as for the metrics.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: &Limits,
    mut stop: watch::Receiver<bool>,
) {
    let connections = Arc::new(Semaphore::new(limits.connections as usize));
    let head = Duration::from_secs(limits.head_seconds.into());
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(head)).max_concurrent_streams(64);
    let open = GracefulShutdown::new();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            () = stopped(&mut stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        match (accepted, permit) {
            (Ok((stream, peer)), Ok(permit)) => {
                let connection = Connection {
                    builder: builder.clone(),
                    router: router.clone(),
                    head,
                    peer: Peer(peer.ip()),
                    permit,
                };
                tokio::spawn(connection.run(stream, tls.clone(), open.watcher()));
            }
            (Err(error), _) => {
                tracing::warn!(error = %error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
            (_, Err(_)) => break,
        }
    }
    drop(listener);
    if timeout(Duration::from_secs(limits.stop_seconds.into()), open.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off at the stop");
    }
}

/// Waits until the node is told to stop.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The sender gone means the same.
    drop(stop.wait_for(|stop| *stop).await);
}

struct Connection {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    head: Duration,
    peer: Peer,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>, watcher: hyper_util::server::graceful::Watcher) {
        let Self { builder, router, head, peer, permit } = self;
        let service = TowerToHyperService::new(router.map_request(move |request: Request<_>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            request
        }));
        // A client that goes away or talks nonsense is its own affair: nothing of it is written down.
        match tls {
            Some(tls) => {
                if let Ok(Ok(stream)) = timeout(head, tls.accept(stream)).await {
                    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
                    drop(watcher.watch(connection).await);
                }
            }
            None => {
                let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
                drop(watcher.watch(connection).await);
            }
        }
        drop(permit);
    }
}
