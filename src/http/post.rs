//! How is a command carried out? One transaction: the key's lock, the tenant's scope, the work, the stored answer.
//!
//! `post.run("create_customer", StatusCode::CREATED, |tx, scope, body| …)` is all a handler says.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::idempotency::{self, Outcome};
use super::lanes::Lane;
use super::{Answer, App, Problem, auth, body, tax_previews};
use crate::domain::ids::TenantId;
use crate::storage::idempotency::Key;
use crate::storage::tenants::api_keys::Owner;
use crate::storage::{Session, StorageError, Tx};
use crate::workflows::keyed::Keyed;
use crate::workflows::{Error, Scope};

/// A command: its caller is known, its body is of the right shape. Nothing has been done yet.
pub struct Post<T> {
    /// What handlers share.
    pub app: Data<App>,
    /// Who is calling.
    pub caller: Owner,
    /// The body.
    pub body: T,
    sent: Bytes,
    key: Option<Key>,
}

/// A command of several transactions, as its work sees it.
pub struct Command<T> {
    /// Whose.
    pub tenant_id: TenantId,
    /// The body.
    pub body: T,
    /// Where to note what it begins, and what an earlier call began.
    pub keyed: Keyed,
}

/// A command that changes a thing in place. An `Idempotency-Key` is honoured too.
pub type Patch<T> = Post<T>;

/// A command without a body.
pub type Delete = Post<NoBody>;

/// No body, or `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

impl<T: DeserializeOwned + Send + 'static> FromRequest for Post<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Post<T>, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let app = super::get::app(&req)?;
            let caller = auth::caller(&req, &app).await?;
            let bytes = body::read(&req, payload, &app, caller).await?;
            if bytes.is_empty() && req.method() == Method::PATCH {
                return Err(Problem::malformed(
                    "missing_body",
                    "send what is to change as JSON; `{}` changes nothing",
                ));
            }
            req.extensions_mut().insert(body::Sent(bytes.clone()));
            let sent = bytes.clone();
            let body = body::apart(bytes.len(), move || body::parse(&sent)).await?;
            let key = idempotency::key(&req, caller.tenant_id, &bytes)?;
            Ok(Post { app, caller, body, sent: bytes, key })
        })
    }
}

impl<T: Send + 'static> Post<T> {
    /// The body as JSON, to be kept: `{}` when there was none.
    pub fn sent(&self) -> Result<serde_json::Value, Problem> {
        if self.sent.is_empty() {
            return Ok(serde_json::json!({}));
        }
        let read = serde_json::from_slice(&self.sent);
        read.map_err(|e| StorageError::unreadable("request body", e).into())
    }

    /// Does the work, answers 200 with what it gives, and takes it back: nothing of it is ever seen by anyone else. Only
    /// the answer is kept, for its `Idempotency-Key`. What providers of tax must be asked for it is found out, and asked, before.
    pub async fn preview<R: Serialize>(
        self,
        name: &'static str,
        work: impl FnMut(&mut Tx<'_>, &Scope, &T) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem>
    where
        T: Sync,
    {
        let (app, tenant_id) = (self.app.clone(), self.caller.tenant_id);
        let work = Arc::new(Mutex::new(work));
        let Post { app: _, caller, body, sent, key } = self;
        let body = Arc::new(body);
        if tax_previews::has_providers(&app, tenant_id).await? {
            let (first, body) = (Arc::clone(&work), Arc::clone(&body));
            let tried = app.db.transaction::<_, Error>((tenant_id, name), move |tx| {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                let scope = Scope::load(tx, tenant_id)?;
                // What is refused is refused again, and answered then.
                let _ = tx.taken_back(|tx| first(tx, &scope, &body));
                Ok(scope.unanswered.take())
            });
            tax_previews::ask(&app, tenant_id, tried.await?).await?;
        }
        let post = Post { app, caller, body, sent, key };
        post.run_outcome(name, move |tx, scope, body| {
            let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
            let value = tx.taken_back(|tx| work(tx, scope, body))?;
            Outcome::of(StatusCode::OK, &value)
        })
        .await
    }

    /// Does the work in one transaction and answers `success` with what it gives. The work may be run again after a
    /// deadlock: it touches nothing but the transaction.
    pub async fn run<R: Serialize>(
        self,
        name: &'static str,
        success: StatusCode,
        mut work: impl FnMut(&mut Tx<'_>, &Scope, &T) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        self.run_outcome(name, move |tx, scope, body| Outcome::of(success, &work(tx, scope, body)?)).await
    }

    /// As [`Post::run`], for an answer that holds a secret: the work says what is shown and what is kept for a replay.
    pub async fn run_outcome(
        self,
        name: &'static str,
        mut work: impl FnMut(&mut Tx<'_>, &Scope, &T) -> Result<Outcome, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let Post { app, caller, body, key, .. } = self;
        let answer = app.db.transaction((caller.tenant_id, name), move |tx| {
            idempotency::once(tx, key.as_ref(), |tx| {
                let scope = Scope { by: Some(caller.key_id), ..Scope::load(tx, caller.tenant_id)? };
                work(tx, &scope, &body)
            })
        });
        Ok(answer.await?)
    }

    /// Begins long work in one transaction and answers 202; then has `go_on` do what is begun of the tenant, by a thread in its lane. Should
    /// this process die, or all places be taken, a job does it. A replay of the answer has it done, too: whoever began it may have died.
    pub async fn run_begun<R: Serialize>(
        self,
        (lane, name): (Lane, &'static str),
        begin: impl FnMut(&mut Tx<'_>, &Scope, &T) -> Result<R, Error> + Send + 'static,
        go_on: impl FnOnce(&mut Session, &App, TenantId) -> Result<(), Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let (app, tenant_id) = (self.app.clone(), self.caller.tenant_id);
        let answer = self.run(name, StatusCode::ACCEPTED, begin).await?;
        actix_web::rt::spawn(async move {
            let Ok(place) = app.lanes.enter(lane, tenant_id).await else { return };
            let run = move || {
                let session = app.db.session().map_err(Error::from);
                if let Err(error) = session.and_then(|mut session| go_on(&mut session, &app, tenant_id)) {
                    tracing::warn!(tenant = %tenant_id, work = name, %error, "what was begun stands still; its job goes on with it");
                }
                drop(place);
            };
            // Without a thread the job does it.
            drop(thread::Builder::new().name(name.to_owned()).spawn(run));
        });
        Ok(answer)
    }

    /// For a command of several transactions (pay, bill, advance the clock): runs to its end on a thread and a
    /// connection of its own, even when the caller hangs up. When no place in its lane comes free in time, 503.
    pub async fn run_long<R: Serialize>(
        self,
        (lane, name): (Lane, &'static str),
        success: StatusCode,
        work: impl FnOnce(&mut Session, &Command<T>) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let Post { app, caller, body, key, .. } = self;
        let alone = lane != Lane::Payments;
        in_lane(&app, caller.tenant_id, (lane, name), move |session| {
            idempotency::once_long(session, (key.as_ref(), alone), |session, keyed| {
                let command = Command { tenant_id: caller.tenant_id, body, keyed: keyed.clone() };
                Ok(Answer::json(success, &work(session, &command)?)?)
            })
        })
        .await
    }

    /// For one transaction that takes long (usage counted again): as [`Post::run_long`], with the answer kept in the transaction of its effect.
    pub async fn run_apart<R: Serialize>(
        self,
        (lane, name): (Lane, &'static str),
        success: StatusCode,
        mut work: impl FnMut(&mut Tx<'_>, &Scope, &T) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let Post { app, caller, body, key, .. } = self;
        in_lane(&app, caller.tenant_id, (lane, name), move |session| {
            let answer = session.transaction(name, |tx| {
                idempotency::once(tx, key.as_ref(), |tx| {
                    let scope = Scope { by: Some(caller.key_id), ..Scope::load(tx, caller.tenant_id)? };
                    Outcome::of(success, &work(tx, &scope, &body)?)
                })
            });
            Ok(answer?)
        })
        .await
    }
}

/// Does the work on a thread and a connection of its own, in its place of the lane.
async fn in_lane(
    app: &App,
    tenant_id: TenantId,
    (lane, name): (Lane, &'static str),
    work: impl FnOnce(&mut Session) -> Result<Answer, Problem> + Send + 'static,
) -> Result<Answer, Problem> {
    let place = app.lanes.enter(lane, tenant_id).await?;
    let db = app.db.clone();
    let (reply, answered) = oneshot::channel();
    let run = move || {
        let answer = catch_unwind(AssertUnwindSafe(|| {
            let mut session = match lane {
                Lane::Payments => db.lent_session(),
                Lane::Clocks
                | Lane::Runs
                | Lane::Migrations
                | Lane::Corrections
                | Lane::Exports
                | Lane::Stops => db.session()?,
            };
            work(&mut session)
        }));
        drop(place);
        let panicked = |panic: Box<dyn Any + Send>| Err(StorageError::panicked(panic.as_ref()).into());
        let _ = reply.send(answer.unwrap_or_else(panicked));
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|e| Problem::from(StorageError::Internal(format!("a thread cannot be started: {e}"))))?;
    answered
        .await
        .map_err(|_| Problem::from(StorageError::Internal(format!("{name} ended without an answer"))))?
}
