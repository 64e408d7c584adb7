//! `/v1/refunds`: money on its way back to who paid.

use actix_web::HttpResponse;

use crate::domain::listing::{Part, Wanted};
use crate::http::{Asking, Get, Listed, Problem, Reading};
use crate::storage::credits::views::refunds as views;
use crate::storage::listing::{Reader, Slice, Totals};
use crate::storage::{StorageError, Tx};
use crate::wire::credits::note_list::{ListedRefund, Refunds};
use crate::wire::listing::{ListPage, ListQuery};
use crate::workflows::Error;

/// List refunds, newest first
///
/// Of credit notes, of what was paid out of a balance, of what came too late, and those made at a gateway itself. As CSV or lines of JSON, by the header
/// `Accept`, the whole list is sent.
#[utoipa::path(get, path = "/v1/refunds", tag = "refunds", params(ListQuery<Refunds>),
    responses((status = 200, description = "A page of refunds",
        content((ListPage<ListedRefund> = "application/json"), (ListedRefund = "application/x-ndjson"), (String = "text/csv")))))]
pub async fn list(get: Get, asking: Asking<Refunds>) -> Result<HttpResponse, Problem> {
    get.list(asking).await
}

impl Listed for Refunds {
    type Shown = ListedRefund;

    fn part(
        tx: &mut Tx<'_>,
        reading: &Reading<'_>,
        wanted: (&Wanted, &Part),
    ) -> Result<Slice<ListedRefund>, Error> {
        views::list(tx, reading.reader, wanted)?.try_map(|refund| Ok(ListedRefund::from(refund)))
    }

    fn totals(tx: &mut Tx<'_>, reader: Reader, wanted: &Wanted) -> Result<Vec<Totals>, StorageError> {
        views::totals(tx, reader, wanted)
    }
}
