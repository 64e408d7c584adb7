//! How is something read? The caller is known; one closure reads it; it is answered as JSON with 200.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use serde::Serialize;

use super::{Answer, App, Problem, auth};
use crate::domain::ids::TenantId;
use crate::storage::tenants::api_keys::Owner;
use crate::storage::{StorageError, Tx};
use crate::workflows::Error;

/// A question: its caller is known.
pub struct Get {
    /// What handlers share.
    pub app: Data<App>,
    /// Who is calling.
    pub caller: Owner,
}

/// What handlers share.
pub(in crate::http) fn app(req: &HttpRequest) -> Result<Data<App>, Problem> {
    let app = req.app_data::<Data<App>>().cloned();
    app.ok_or_else(|| {
        StorageError::Internal("the server was started without its application".to_owned()).into()
    })
}

impl FromRequest for Get {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Get, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let app = app(&req)?;
            let caller = auth::caller(&req, &app).await?;
            Ok(Get { app, caller })
        })
    }
}

impl Get {
    /// Reads with single statements and answers 200 with what was read.
    pub async fn run<R: Serialize>(
        self,
        mut read: impl FnMut(&mut Tx<'_>, TenantId) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let tenant_id = self.caller.tenant_id;
        let answer =
            self.app.db.read::<_, Error>(Some(tenant_id), move |tx| Ok(Answer::ok(&read(tx, tenant_id)?)?));
        Ok(answer.await?)
    }
}

/// The `{id}` of the URL, as the kind of id that belongs there. Any other text is answered 404: nothing has such an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathId<I>(pub I);

impl<I> FromRequest for PathId<I>
where
    I: FromStr + 'static,
    I::Err: std::fmt::Display,
{
    type Error = Problem;
    type Future = Ready<Result<PathId<I>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = req.match_info().get("id").unwrap_or_default();
        ready(text.parse().map(PathId).map_err(Problem::not_found))
    }
}
