//! `/v1/inbound/{gateway}/{account_id}`: what gateways tell. No key: the signature over the body, as it came, says who it is. Stored once and
//! answered; how things stand is read at the gateway afterwards.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, BytesMut, Data, Path, Payload};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::domain::ids::GatewayAccountId;
use crate::domain::payments::accounts::GatewayKind;
use crate::http::{Answer, App, Problem};
use crate::platform::clock;
use crate::storage::StorageError;
use crate::storage::payments::views;
use crate::wire::payments::accounts::Received;
use crate::workflows::Error;
use crate::workflows::payments::receive_events::{self, Refused};

/// Longest event that is taken: Stripe's are a few kilobytes.
const LONGEST: usize = 256 << 10;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// The header that its signature is in.
fn signed_in(gateway: GatewayKind) -> &'static str {
    match gateway {
        GatewayKind::Stripe => "stripe-signature",
        GatewayKind::Gocardless => "webhook-signature",
        GatewayKind::Simulator => "simulator-signature",
    }
}

/// Tell what has become of a charge
///
/// Called by the gateway of an account, with a signature by one of the account's webhook secrets that is at most 300 seconds old; GoCardless's has
/// no time. Several events in one body are stored each.
#[utoipa::path(post, path = "/v1/inbound/{gateway}/{account_id}", tag = "gateway_accounts", security(()),
    request_body(content = String, content_type = "application/json", description = "The event, as the gateway writes it"),
    responses((status = 200, description = "It is stored, now or before", body = Received)), operation_id = "receive_gateway_event")]
pub async fn receive(
    req: HttpRequest,
    path: Path<(String, String)>,
    app: Data<App>,
    payload: Payload,
) -> Result<Answer, Problem> {
    let (gateway, account_id) = path.into_inner();
    let nobody = || Problem::not_found("there is no such account at a gateway");
    let gateway: GatewayKind = gateway.parse().map_err(|_| nobody())?;
    let id: GatewayAccountId = account_id.parse().map_err(|_| nobody())?;
    let body = timeout(PATIENCE, read(payload)).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} seconds", PATIENCE.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
    })??;
    let found = app.db.read::<_, StorageError>(None, move |tx| views::account_named(tx, (gateway, id)));
    let sealed = found.await?;
    let signature = req.headers().get(signed_in(gateway)).and_then(|value| value.to_str().ok());
    let notices = receive_events::check(&app.gateways, &sealed, (signature, &body), clock::now());
    let notices = notices.map_err(|refused| match refused {
        Refused::Wrong(wrong) => Problem::malformed(wrong.code(), wrong),
        // The gateway sends it again, and somebody sees that it does.
        Refused::Trouble(trouble) => Problem::unavailable("gateway_account_closed", trouble, 60),
    })?;
    let whose = (sealed.tenant_id, sealed.account.id);
    app.db
        .transaction::<_, Error>((sealed.tenant_id, "receive_gateway_event"), move |tx| {
            receive_events::store(tx, whose, notices.clone())
        })
        .await?;
    Ok(Answer::ok(&Received { received: true })?)
}

async fn read(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|error| {
            Problem::malformed("unreadable_body", format!("the body cannot be read: {error}"))
        })?;
        if body.len() + part.len() > LONGEST {
            let detail = format!("an event is at most {LONGEST} bytes long");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}
