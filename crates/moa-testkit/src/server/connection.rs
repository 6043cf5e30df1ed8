//! One connection, from its first request to its end.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt as _;

use super::http::{HttpError, fill, read_request};
use super::play::{Played, client_left, play};
use super::routes::{self, Place};
use super::socket::Socket;
use super::state::State;
use crate::clock::Stamp;
use crate::plan::{self, Break, Step};
use crate::record::Outcome;

/// Serves a connection until it ends.
pub(crate) async fn serve(state: Arc<State>, mut socket: Socket, number: u64) {
    let kill = state.kill_token();
    let stop = state.stop.clone();
    let mut buffer = BytesMut::with_capacity(8 * 1024);
    let mut on_connection = 0;
    loop {
        if buffer.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = kill.cancelled() => return socket.reset(),
                filled = fill(&mut socket, &mut buffer) => if filled.is_err() { return },
                () = refused(&state) => return,
            }
        }
        let request = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = kill.cancelled() => return socket.reset(),
            request = read_request(&mut socket, &mut buffer) => request,
        };
        let request = match request {
            Ok(request) => request,
            Err(HttpError::Malformed(message)) => return refuse(socket, &message).await,
            Err(HttpError::Ended | HttpError::Io(_)) => return,
        };
        on_connection += 1;
        let (exchange, plan) = routes::begin(&state, &request, Place { connection: number, on_connection });
        drop(request);
        let close = plan.close;
        let (mut reader, mut writer) = tokio::io::split(socket);
        let played = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = kill.cancelled() => Played::Broken(Break::Reset),
            played = play(&mut writer, plan, &exchange) => played,
            () = client_left(&mut reader, &mut buffer) => Played::ClientLeft,
        };
        socket = reader.unsplit(writer);
        match played {
            Played::Whole(at) => exchange.end(at, Outcome::Finished),
            Played::ClientLeft => return exchange.end(Stamp::now(), Outcome::Aborted),
            Played::Broken(how) => {
                let at = Stamp::now();
                match how {
                    Break::Reset => socket.reset(),
                    // Where the client is gone already, the connection is as closed as can be.
                    Break::Close => drop(socket.shutdown().await),
                }
                return exchange.end(at, Outcome::Broken);
            }
        }
        if close {
            let _ = socket.shutdown().await;
            return;
        }
    }
}

/// Waits until new connections are refused, which idle ones do not outlive.
async fn refused(state: &State) {
    let mut changes = state.phase_changes.subscribe();
    while !state.accept().refuses() {
        match state.until_next_phase() {
            Some(time) => {
                let _ = tokio::time::timeout(time, changes.changed()).await;
            }
            None => {
                let _ = changes.changed().await;
            }
        }
    }
}

/// Answers what is no request.
async fn refuse(mut socket: Socket, message: &str) {
    let body = plan::error_body(400, message, Some("malformed_request"));
    for step in plan::plain(400, "application/json", &body, true).steps {
        if let Step::Send(piece) = step {
            let _ = socket.write_all(&piece.bytes).await;
        }
    }
    let _ = socket.shutdown().await;
}
