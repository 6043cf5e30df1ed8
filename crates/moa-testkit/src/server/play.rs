//! Playing a plan: its bytes to the socket, its moments to the log.

use std::io;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::state::Exchange;
use crate::clock::Stamp;
use crate::plan::{Break, Piece, Plan, STAMP, Step};

/// How much a client may send on ahead while its request is being answered.
const MAX_AHEAD_BYTES: usize = 64 * 1024;

/// How playing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Played {
    /// All is out. The moment is that of the last write.
    Whole(Stamp),
    /// The script says that the connection breaks here.
    Broken(Break),
    /// The client left.
    ClientLeft,
}

/// Plays a plan.
pub(crate) async fn play<W: AsyncWrite + Unpin>(writer: &mut W, plan: Plan, exchange: &Exchange) -> Played {
    let mut player = Player { writer, exchange, left: plan.break_after, last_write: Stamp::now() };
    for step in plan.steps {
        let result = match step {
            Step::Pause(duration) => {
                tokio::time::sleep(duration).await;
                Ok(None)
            }
            Step::Hold => {
                exchange.hold().await;
                Ok(None)
            }
            Step::Stall => std::future::pending().await,
            Step::Break(how) => Ok(Some(how)),
            Step::Send(piece) => player.send(piece).await,
        };
        match result {
            Ok(None) => {}
            Ok(Some(how)) => return Played::Broken(how),
            Err(_) => return Played::ClientLeft,
        }
    }
    // A reply shorter than the bytes after which it should break breaks at its end.
    match player.left {
        Some((_, how)) => Played::Broken(how),
        None => Played::Whole(player.last_write),
    }
}

struct Player<'a, W> {
    writer: &'a mut W,
    exchange: &'a Exchange,
    /// How many bytes are left until the connection breaks, and how it will.
    left: Option<(u64, Break)>,
    last_write: Stamp,
}

impl<W: AsyncWrite + Unpin> Player<'_, W> {
    async fn send(&mut self, mut piece: Piece) -> io::Result<Option<Break>> {
        let mut broken = None;
        if let Some((left, how)) = &mut self.left {
            let room = usize::try_from(*left).unwrap_or(usize::MAX);
            if room <= piece.bytes.len() {
                piece.bytes.truncate(room);
                broken = Some(*how);
            }
            *left -= piece.bytes.len() as u64;
        }
        if piece.bytes.is_empty() {
            return Ok(broken);
        }
        let now = Stamp::now();
        if let Some(place) = piece.stamp_at.and_then(|at| piece.bytes.get_mut(at..at + STAMP.len())) {
            place.copy_from_slice(format!("{:020}", now.as_nanos()).as_bytes());
        }
        self.exchange.entry.sending(now, piece.bytes.len(), piece.is_chunk);
        self.last_write = now;
        match piece.drip {
            None => self.writer.write_all(&piece.bytes).await?,
            Some(drip) => {
                for (index, drop) in piece.bytes.chunks(drip.bytes.max(1)).enumerate() {
                    if index > 0 {
                        tokio::time::sleep(drip.pause).await;
                    }
                    self.last_write = Stamp::now();
                    self.writer.write_all(drop).await?;
                    self.writer.flush().await?;
                }
            }
        }
        self.writer.flush().await?;
        Ok(broken)
    }
}

/// Waits until the client leaves: it closes its side, resets, or the socket breaks. What it sends on ahead goes to `buffer`.
pub(crate) async fn client_left<R: AsyncRead + Unpin>(reader: &mut R, buffer: &mut BytesMut) {
    loop {
        if buffer.len() > MAX_AHEAD_BYTES {
            std::future::pending::<()>().await;
        }
        match reader.read_buf(buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
