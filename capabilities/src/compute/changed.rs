//! The server that tests change in turn: one test at a time, which puts it back as it was.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use assay_kit::prelude::*;

use super::fixture::{Server, gives_way};

/// Its key, as `shares` names it. Who shares it also holds `ChangedServer`.
const SHARED: &str = "compute.changed-server";
assay_kit::share!(SHARED, [Servers]);

/// Where the server is between the turns. Its place in the project's quota is kept as long as any test needs it.
pub(super) struct Slot {
    /// What servers are created and deleted with here, whichever test it is for.
    pub cx: Cx,
    /// The server, and whether the test that had it last put it back.
    kept: Mutex<Option<(Server, bool)>>,
}

impl Slot {
    pub(super) async fn shared(cx: &Cx) -> Outcome<Arc<Self>> {
        cx.shared(SHARED, |cx| async move { Ok(Self { cx, kept: Mutex::new(None) }) }).await
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<(Server, bool)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the server, if there is one.
    pub(super) async fn clear(&self) -> Outcome {
        let kept = self.kept().take();
        match kept {
            Some((server, _)) => server.discard(&self.cx).await,
            None => Ok(()),
        }
    }
}

/// A test's turn with the server. Without [`Turn::done`] at its end the next test gets a new one.
pub(super) struct Turn {
    slot: Arc<Slot>,
    /// There until the turn ends.
    server: Option<Server>,
    clean: bool,
}

impl Turn {
    /// The server as the last test left it; a new one at first, or when that test did not put it back.
    ///
    /// It has the other image and the other flavor, so that it can be told from the server that tests only read. Where there is
    /// no host for these together, it has one of them, or neither.
    pub(super) async fn take(cx: &Cx) -> Outcome<Self> {
        let slot = Slot::shared(cx).await?;
        let kept = slot.kept().take();
        if let Some((server, clean)) = kept {
            if clean {
                return Ok(Self { slot, server: Some(server), clean: false });
            }
            server.discard(&slot.cx).await?;
        }
        loop {
            let choices = cx.choices().await?;
            let (image, flavor) = choices.others()?;
            let members = json!({"imageRef": image.id, "flavorRef": flavor.id});
            let (server, _) = Server::request(&slot.cx, &cx.name("changed"), members).await?;
            // When the test is broken off while it waits, the next one removes the server.
            let mut turn = Self { server: Some(server), slot: slot.clone(), clean: false };
            let Err(stop) = turn.wait_for(&slot.cx, "ACTIVE").await else {
                choices.hosts(image, flavor);
                return Ok(turn);
            };
            if !gives_way(cx, &stop, &choices, (image, flavor), || choices.others())? {
                return Err(stop);
            }
            if let Some(server) = turn.server.take() {
                server.discard(&slot.cx).await?;
            }
        }
    }

    /// Ends a turn in which something was tied to the server: it is as it was, or it is removed at once, because what is
    /// tied to it could not be removed before it.
    pub(super) async fn end(mut self, outcome: Outcome) -> Outcome {
        self.clean = outcome.is_ok();
        if !self.clean
            && let Some(server) = self.server.take()
        {
            // The test failed, whatever this comes to; the end of the run tries again.
            let _ = server.discard(&self.slot.cx).await;
        }
        outcome
    }

    /// Ends the turn: the server is as it was.
    pub(super) fn done(mut self) {
        self.clean = true;
    }
}

impl Deref for Turn {
    type Target = Server;

    fn deref(&self) -> &Server {
        // Only the end of the turn takes it away.
        self.server.as_ref().expect("a turn has its server until it ends")
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut Server {
        self.server.as_mut().expect("a turn has its server until it ends")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            *self.slot.kept() = Some((server, self.clean));
        }
    }
}
