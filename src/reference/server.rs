//! The provider on a port: axum hands every request to the core, whatever its path and method.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request as HttpRequest, State};
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http_body_util::BodyExt;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::fault;
use super::route::MAX_BODY;
use super::wire::{Answer, MEDIA_TYPE, Request};
use super::{BASE_PATH, Options, Service};

/// How much of a body that is too long is still read, so that the client gets to see the refusal.
const MAX_DISCARD: usize = 16 * MAX_BODY;

type Shared = Arc<Mutex<Service>>;

/// A running reference provider. It stops when it is dropped.
pub struct Provider {
    address: SocketAddr,
    task: JoinHandle<io::Result<()>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Provider {
    /// Binds the address and serves on the current runtime.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = StdListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let hooks = fault::Listener::hooks(&options.faults);
        let service = Service::new(&Options { listen: address, ..options });
        let router = Router::new().fallback(handle).with_state(Arc::new(Mutex::new(service)));
        // Answers are small: none may wait for the acknowledgement of the one before.
        let listener = TcpListener::from_std(listener)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move { drop(stopped.await) };
        let task = if let Some(hooks) = hooks {
            let listener = fault::Listener::new(listener, hooks);
            tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stopped).into_future())
        } else {
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            tokio::spawn(axum::serve(listener, router).with_graceful_shutdown(stopped).into_future())
        };
        Ok(Self { address, task, stop: Some(stop) })
    }

    /// The SCIM base URL, without a slash at its end.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{BASE_PATH}", self.address)
    }

    /// Waits until the provider ends, which it does only when it fails or when the future is dropped.
    ///
    /// # Errors
    /// The listener failed.
    pub async fn finished(mut self) -> io::Result<()> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Stops taking connections, and waits until the open requests are answered.
    ///
    /// # Errors
    /// The listener had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        self.stop.take();
        self.finished().await
    }
}

/// Ends idle connections and lets open requests end; nobody waits for that.
impl Drop for Provider {
    fn drop(&mut self) {
        self.stop.take();
    }
}

#[expect(clippy::disallowed_methods, reason = "a server of its own, whose clock is the machine's")]
async fn handle(State(service): State<Shared>, request: HttpRequest) -> Response {
    let (head, body) = request.into_parts();
    let body = collect(body).await;
    let request = Request {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        headers: &head.headers,
        body: &body,
        at: Timestamp::now(),
    };
    let answer = service.lock().unwrap_or_else(PoisonError::into_inner).answer(&request);
    if !answer.late.is_zero() {
        tokio::time::sleep(answer.late).await;
    }
    respond(answer)
}

/// Reads a body up to one byte over the limit, and throws the rest away.
async fn collect(mut body: Body) -> Bytes {
    let mut kept = BytesMut::new();
    let mut total = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        total += data.len();
        let room = (MAX_BODY + 1 - kept.len()).min(data.len());
        kept.extend_from_slice(&data[..room]);
        if total > MAX_DISCARD {
            break;
        }
    }
    kept.freeze()
}

fn respond(answer: Answer) -> Response {
    let mut response =
        Response::new(answer.text.or(answer.body.map(|json| json.to_string())).map_or_else(Body::empty, Body::from));
    *response.status_mut() = http::StatusCode::from_u16(answer.status).unwrap_or_default();
    let has_body = !matches!(answer.status, 204 | 304);
    if has_body {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
