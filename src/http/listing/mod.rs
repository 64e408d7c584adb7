//! How is a list answered? A page of it as JSON; all of it as CSV or as lines of JSON, where the header `Accept` wants that, read in one snapshot part by
//! part while it is sent: a million invoices take no more memory than a thousand.

use std::marker::PhantomData;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::{Ready, ready};
use futures_util::stream;
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

use super::answer::preferred;
use super::lanes::Lane;
use super::query::pairs;
use super::{Get, Problem};
use crate::domain::ids::TenantId;
use crate::domain::listing::{Part, Start, Wanted};
use crate::domain::refusal::Invalid;
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::{StorageError, Tx};
use crate::wire::listing::{CurrencyTotals, Kind, List, ListPage, ListRequest, Sheet, read};
use crate::workflows::{Error, Scope};

/// Rows that are read and sent at once.
const PART: u16 = 1000;
/// Parts that wait for a slow reader.
const AHEAD: usize = 4;
/// How long one part waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who reads, and what is to be shown with each row.
pub struct Reading<'a> {
    pub reader: Reader,
    pub expand: &'a [&'static str],
}

impl Reading<'_> {
    /// Whether this is to be shown.
    pub fn shows(&self, name: &str) -> bool {
        self.expand.contains(&name)
    }
}

/// A list that can be read.
pub trait Listed: List + 'static {
    /// A row, as it is shown.
    type Shown: Serialize;

    /// A part of it.
    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<Self::Shown>, Error>;

    /// What all of it comes to.
    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError>;
}

/// How a list is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Page,
    Csv,
    Lines,
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Format::Page => "application/json",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Lines => "application/x-ndjson",
        }
    }
}

/// What is asked of a list, and how it is to be written.
#[derive(Debug)]
pub struct Asking<L> {
    request: ListRequest,
    format: Format,
    list: PhantomData<L>,
}

impl<L: List + 'static> FromRequest for Asking<L> {
    type Error = Problem;
    type Future = Ready<Result<Asking<L>, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(asking(req))
    }
}

fn asking<L: List>(req: &HttpRequest) -> Result<Asking<L>, Problem> {
    let request = read(L::SHAPE, &pairs(req.query_string())?)?;
    let format = accepts(req);
    if format != Format::Page && (request.is_paged || request.totals) {
        let detail = "CSV and lines of JSON are the whole list: leave `limit`, `after`, `before` and `totals` out, or read JSON";
        return Err(Invalid::one("/query", "page_of_a_file", detail).into());
    }
    Ok(Asking { request, format, list: PhantomData })
}

fn accepts(req: &HttpRequest) -> Format {
    let format = preferred(req, |media| match media {
        "text/csv" => Some(Format::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Format::Lines),
        "application/json" | "application/*" | "*/*" => Some(Format::Page),
        _ => None,
    });
    format.unwrap_or(Format::Page)
}

impl Get {
    /// Answers with a list.
    pub async fn list<L: Listed>(self, asking: Asking<L>) -> Result<HttpResponse, Problem> {
        let Asking { request, format, .. } = asking;
        match format {
            Format::Page => self.page::<L>(request).await,
            Format::Csv | Format::Lines => self.whole::<L>(request, format).await,
        }
    }

    async fn page<L: Listed>(self, request: ListRequest) -> Result<HttpResponse, Problem> {
        let tenant_id = self.caller.tenant_id;
        let body = self.app.db.read::<_, Error>(Some(tenant_id), move |tx| {
            let (reader, wanted) = resolved::<L>(tx, tenant_id, request.wanted.clone())?;
            let reading = Reading { reader, expand: &request.expand };
            let slice = L::part(tx, &reading, (&wanted, &request.part))?;
            let mut page = ListPage::of(slice.rows, wanted.order, slice.next.as_deref());
            if request.totals {
                let shown = |sums: Totals| {
                    CurrencyTotals::of(sums.count, (sums.currency.code().to_owned(), sums.sums))
                };
                page.totals = Some(L::totals(tx, reader, &wanted)?.into_iter().map(shown).collect());
            }
            Ok(serde_json::to_string(&page).map_err(|e| StorageError::unreadable("answer", e))?)
        });
        Ok(HttpResponse::Ok().content_type(Format::Page.content_type()).body(body.await?))
    }

    async fn whole<L: Listed>(self, request: ListRequest, format: Format) -> Result<HttpResponse, Problem> {
        let tenant_id = self.caller.tenant_id;
        let place = self.app.lanes.enter(Lane::Exports, tenant_id).await?;
        let (send, mut parts) = mpsc::channel(AHEAD);
        let (app, handle) = (self.app.clone(), Handle::current());
        actix_web::rt::task::spawn_blocking(move || {
            let outlet = Outlet { send, handle };
            let read = app.db.session().map_err(Error::from).and_then(|mut session| {
                session.snapshot(|tx| write::<L>(tx, tenant_id, (&request, format), &outlet))
            });
            let end = read.map(|()| Sent::End).map_err(Problem::from);
            outlet.send(end);
            drop(place);
        });
        // What cannot be read at all is answered as any other problem.
        let first = parts.recv().await;
        if let Some(Err(problem)) = first {
            return Err(problem);
        }
        let rest = stream::unfold((Some(first), parts), next);
        Ok(HttpResponse::Ok().content_type(format.content_type()).streaming(rest))
    }
}

/// What is handed from the thread that reads to the connection.
enum Sent {
    Part(Bytes),
    End,
}

type Handed = Result<Sent, Problem>;

type Waiting = (Option<Option<Handed>>, Receiver<Handed>);

/// The next part of a body. Where it stops without its end the connection is broken off, so that nobody takes what is there for all of it.
async fn next((first, mut parts): Waiting) -> Option<(Result<Bytes, actix_web::Error>, Waiting)> {
    let handed = match first {
        Some(first) => first,
        None => parts.recv().await,
    };
    let part = match handed {
        Some(Ok(Sent::Part(bytes))) => Ok(bytes),
        Some(Ok(Sent::End)) => return None,
        Some(Err(problem)) => Err(problem.into()),
        None => Err(Problem::from(StorageError::Internal("a list ended before its end".to_owned())).into()),
    };
    Some((part, (None, parts)))
}

/// Where parts go to.
struct Outlet {
    send: Sender<Handed>,
    handle: Handle,
}

impl Outlet {
    /// Whether anybody took it.
    fn send(&self, part: Handed) -> bool {
        self.handle.block_on(async { matches!(timeout(PATIENCE, self.send.send(part)).await, Ok(Ok(()))) })
    }
}

/// Reads all of a list, part by part, and sends each. Ends when nobody reads any more.
fn write<L: Listed>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    (request, format): (&ListRequest, Format),
    outlet: &Outlet,
) -> Result<(), Error> {
    let (reader, wanted) = resolved::<L>(tx, tenant_id, request.wanted.clone())?;
    let reading = Reading { reader, expand: &request.expand };
    let sheet = Sheet::of(L::SHAPE, &request.expand);
    let unwritten = |error: &dyn std::fmt::Display| StorageError::unreadable("answer", error);
    let mut bytes = match format {
        Format::Csv => sheet.head().map_err(|e| unwritten(&e))?,
        Format::Page | Format::Lines => Vec::new(),
    };
    let mut start = Start::First;
    loop {
        let slice = L::part(tx, &reading, (&wanted, &Part { limit: PART, start }))?;
        match format {
            Format::Csv => bytes.extend(sheet.rows(&slice.rows).map_err(|e| unwritten(&e))?),
            Format::Page | Format::Lines => {
                for row in &slice.rows {
                    serde_json::to_writer(&mut bytes, row).map_err(|e| unwritten(&e))?;
                    bytes.push(b'\n');
                }
            }
        }
        if !outlet.send(Ok(Sent::Part(Bytes::from(std::mem::take(&mut bytes))))) {
            let gone = "nobody reads the list any more".to_owned();
            return Err(StorageError::Internal(gone).into());
        }
        match slice.next {
            Some(place) => start = Start::After(place),
            None => return Ok(()),
        }
    }
}

/// Who reads, and what is wanted with its days as instants.
fn resolved<L: List>(
    tx: &mut Tx<'_>,
    tenant_id: TenantId,
    wanted: Wanted,
) -> Result<(Reader, Wanted), Error> {
    let scope = Scope::load(tx, tenant_id)?;
    let is_instant =
        |name: &str| L::SHAPE.field(name).is_some_and(|field| matches!(field.kind, Kind::Instant));
    let wanted = wanted.in_zone(scope.zone, is_instant);
    let wanted = wanted.map_err(|e| Invalid::one("/query", "date_out_of_range", e))?;
    Ok((Reader { tenant_id, now: scope.now }, wanted))
}
