//! The port: taking it, listening, refusing.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::connection::serve;
use super::socket::Socket;
use super::state::State;
use crate::script::Accept;

/// How many connections may wait to be accepted.
const BACKLOG: u32 = 1024;

/// A port on 127.0.0.1 that is ours, whether or not somebody listens.
#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) address: SocketAddr,
    hold: Hold,
}

#[derive(Debug)]
enum Hold {
    Listening(TcpListener),
    /// A bound socket on which nobody listens: connections to it are refused, and nobody else can take the port.
    Reserved(TcpSocket),
}

impl Port {
    /// Takes a port without listening; 0 takes a free one.
    pub(crate) fn reserve(port: u16) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // Old connections must not keep the port from being listened on again.
        socket.set_reuseaddr(true)?;
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        Ok(Self { address: socket.local_addr()?, hold: Hold::Reserved(socket) })
    }

    /// Listens, unless it does already.
    pub(crate) fn listen(self) -> io::Result<Self> {
        let (listener, address) = self.into_listener()?;
        Ok(Self { address, hold: Hold::Listening(listener) })
    }

    /// A listener on the port, and its address.
    pub(crate) fn into_listener(self) -> io::Result<(TcpListener, SocketAddr)> {
        let listener = match self.hold {
            Hold::Listening(listener) => listener,
            Hold::Reserved(socket) => socket.listen(BACKLOG)?,
        };
        Ok((listener, self.address))
    }

    /// Listens no more, but keeps the port.
    fn refuse(self) -> io::Result<Self> {
        let number = self.address.port();
        drop(self.hold);
        Self::reserve(number)
    }
}

/// Accepts connections, as the phases say, until the mock stops or another program takes the port while it is not listened on.
pub(crate) async fn accept_connections(
    state: Arc<State>,
    mut port: Port,
    tls: Option<TlsAcceptor>,
    tasks: TaskTracker,
) {
    loop {
        state.listening.send_replace(matches!(port.hold, Hold::Listening(_)));
        let next = match &port.hold {
            Hold::Listening(listener) => {
                if !listen(&state, listener, tls.as_ref(), &tasks).await {
                    return;
                }
                port.refuse()
            }
            Hold::Reserved(_) => {
                if state.accept() == Accept::Down {
                    state.kill_connections();
                }
                if wait_to_listen(&state).await.is_none() {
                    return;
                }
                port.listen()
            }
        };
        match next {
            Ok(next) => port = next,
            Err(_) => return,
        }
    }
}

/// Waits until connections may be accepted; `None` when the mock stops.
async fn wait_to_listen(state: &State) -> Option<()> {
    let mut changes = state.phase_changes.subscribe();
    while state.accept().refuses() {
        next_change(state, &mut changes).await?;
    }
    Some(())
}

/// Accepts connections until they are to be refused (`true`) or the mock stops (`false`).
async fn listen(
    state: &Arc<State>,
    listener: &TcpListener,
    tls: Option<&TlsAcceptor>,
    tasks: &TaskTracker,
) -> bool {
    let mut changes = state.phase_changes.subscribe();
    while !state.accept().refuses() {
        let accepted = tokio::select! {
            biased;
            change = next_change(state, &mut changes) => match change {
                Some(()) => continue,
                None => return false,
            },
            accepted = listener.accept() => accepted,
        };
        // What fails here is one client's connection, or too many open files, which pass.
        let Ok((socket, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        let accept = state.accept();
        // After the phase was looked at: who waits for the connection may change it.
        let number = state.count_connection();
        tasks.spawn(meet(state.clone(), socket, tls.cloned(), accept, number));
    }
    true
}

/// Waits until the phase may be another; `None` when the mock stops.
async fn next_change(state: &State, changes: &mut tokio::sync::watch::Receiver<u64>) -> Option<()> {
    let timer = async {
        match state.until_next_phase() {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = state.stop.cancelled() => None,
        // The sender is the state's own.
        _ = changes.changed() => Some(()),
        () = timer => Some(()),
    }
}

/// Does with a new connection what the phase says.
async fn meet(state: Arc<State>, tcp: TcpStream, tls: Option<TlsAcceptor>, accept: Accept, number: u64) {
    // Chunks must leave when they are written.
    let _ = tcp.set_nodelay(true);
    match accept {
        Accept::Reset => return Socket::Plain(tcp).reset(),
        Accept::Silent => return keep_silent(&state, &tcp).await,
        Accept::Serve | Accept::Refuse | Accept::Down => {}
    }
    let Some(tls) = tls else { return serve(state, Socket::Plain(tcp), number).await };
    let handshake = tokio::select! {
        biased;
        () = state.stop.cancelled() => return,
        handshake = tls.accept(tcp) => handshake,
    };
    // A client that does not trust the certificate is the client's business.
    if let Ok(tls) = handshake {
        serve(state, Socket::Tls(Box::new(tls)), number).await;
    }
}

/// Reads and says nothing until the client leaves.
async fn keep_silent(state: &State, tcp: &TcpStream) {
    let kill = state.kill_token();
    let mut buffer = [0_u8; 1024];
    let read = async {
        while tcp.readable().await.is_ok() {
            match tcp.try_read(&mut buffer) {
                Ok(0) => return,
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    };
    tokio::select! {
        () = state.stop.cancelled() => {}
        () = kill.cancelled() => {}
        () = read => {}
    }
}
