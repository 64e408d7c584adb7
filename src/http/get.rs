//! How is something read? The caller is known; one closure reads it; it is answered as JSON with 200, or as CSV where a table is wanted.

use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use serde::Serialize;

use super::answer::preferred;
use super::{Answer, App, Problem, auth, tax_previews};
use crate::domain::ids::TenantId;
use crate::storage::tenants::api_keys::Owner;
use crate::storage::{StorageError, Tx};
use crate::wire::revenue::journals::files::File;
use crate::wire::table::{Format, Table};
use crate::workflows::{Error, Scope};

/// A question: its caller is known.
pub struct Get {
    /// What handlers share.
    pub app: Data<App>,
    /// Who is calling.
    pub caller: Owner,
    /// How the caller wants a table by its header `Accept`.
    accepts: Format,
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
            Ok(Get { app, caller, accepts: accepts(&req) })
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

    /// The same of what is only foreseen: what providers of tax must be asked for it is found out, and asked, before.
    pub async fn run_asking<R: Serialize>(
        self,
        read: impl Fn(&mut Tx<'_>, &Scope) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<Answer, Problem> {
        let (app, tenant_id) = (self.app.clone(), self.caller.tenant_id);
        let read = Arc::new(read);
        if tax_previews::has_providers(&app, tenant_id).await? {
            let read = Arc::clone(&read);
            let tried = app.db.read::<_, Error>(Some(tenant_id), move |tx| {
                let scope = Scope::load(tx, tenant_id)?;
                read(tx, &scope)?;
                Ok(scope.unanswered.take())
            });
            tax_previews::ask(&app, tenant_id, tried.await?).await?;
        }
        self.run(move |tx, tenant_id| {
            let scope = Scope::load(tx, tenant_id)?;
            read(tx, &scope)
        })
        .await
    }

    /// The same of a file.
    pub async fn run_file(
        self,
        mut read: impl FnMut(&mut Tx<'_>, &Scope) -> Result<File, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let tenant_id = self.caller.tenant_id;
        let answer = self.app.db.read::<_, Error>(Some(tenant_id), move |tx| {
            let scope = Scope::load(tx, tenant_id)?;
            Ok(Answer::file(read(tx, &scope)?))
        });
        Ok(answer.await?)
    }

    /// The same of what can be written as a table, in the format that is wanted: by the query, else by the header `Accept`.
    pub async fn run_table<R: Serialize + Table>(
        self,
        format: Option<Format>,
        mut read: impl FnMut(&mut Tx<'_>, TenantId) -> Result<R, Error> + Send + 'static,
    ) -> Result<Answer, Problem> {
        let (tenant_id, format) = (self.caller.tenant_id, format.unwrap_or(self.accepts));
        let answer = self.app.db.read::<_, Error>(Some(tenant_id), move |tx| {
            let table = read(tx, tenant_id)?;
            Ok(match format {
                Format::Json => Answer::ok(&table)?,
                Format::Csv => Answer::csv(&table)?,
            })
        });
        Ok(answer.await?)
    }
}

fn accepts(req: &HttpRequest) -> Format {
    let format = preferred(req, |media| match media {
        "text/csv" => Some(Format::Csv),
        "application/json" | "application/*" | "*/*" => Some(Format::Json),
        _ => None,
    });
    format.unwrap_or(Format::Json)
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
