//! Billwright: subscription billing and revenue, from order to cash, in one binary and one PostgreSQL. This page is the map.
//!
//! # The one idea: expected minus recorded
//!
//! Everything that must happen is a pure function of recorded facts and a date; every job computes what should exist,
//! subtracts what is already recorded, and records the difference. So every job can be run twice, crash anywhere, be run
//! late, or be run by two processes at once, and the books come out the same. The idea in code:
//! [`segments::due`](domain::billing::segments::due) is what is expected,
//! [`difference::missing`](domain::billing::difference::missing) is the subtraction, and
//! [`bill_customers::run`](workflows::billing::bill_customers::run) records the difference.
//!
//! # Rings outside, subjects inside
//!
//! The first level of `src/` is the kind of effect; the second is a shelf, a billing subject with the same name in `domain`,
//! `storage`, `workflows`, `wire`, `http/v1` and `tests/it/scenarios`, in river order:
//! `tenants customers catalog subscriptions usage entitlements budgets rating billing discounts fx tax entities invoicing credits payments dunning
//! ledger revenue webhooks`. A shelf imports earlier shelves of its ring; its `mod.rs` says what it owns, what it does not, and its laws. At a
//! ring's root lies only what all shelves share. `find src tests -path '*invoic*'` prints everything about
//! invoicing: its shelf in every ring, and every file elsewhere that is named after it.
//!
//! | ring | what it is | may import |
//! |---|---|---|
//! | [`domain`] | rules: values in, values out | std, decimal, date, serde and error crates |
//! | [`platform`] | clock, chance, configuration, telemetry, embedded PostgreSQL | outside crates |
//! | [`storage`] | Diesel, and only here | domain, platform |
//! | [`adapters`] | remote parties, and a simulator of each | domain, platform |
//! | [`wire`] | JSON shapes of the API | domain |
//! | [`workflows`] | the verbs, a file each | domain, storage, adapters, platform |
//! | [`jobs`] | when work is looked for | workflows, storage, wire, adapters, domain, platform |
//! | [`http`] | the API | wire, workflows, storage, adapters::gateway, domain, platform |
//! | [`cli`] | the commands | everything |
//!
//! `tests/it/architecture.rs` holds the code to this table, and `tests/domain` builds the domain alone.
//!
//! # Walkthroughs
//!
//! **A subscription is started** (`POST /v1/subscriptions`): [`http::v1`] parses the wire shape into domain values once;
//! the workflow locks the customer, decides, saves subscription, timeline and cursor, and bills what is due at once with
//! [`bill_customers::one`](workflows::billing::bill_customers::one), all in the transaction that also keeps the answer for its
//! `Idempotency-Key`.
//!
//! **A subscription is changed** (`POST /v1/subscriptions/{id}/change`, `…/cancel`, `…/pause` and their like):
//! [`edit_subscription`](workflows::subscriptions::edit_subscription) locks the customer and reads the whole
//! [`Timeline`](domain::subscriptions::Timeline); a pure edit ends versions and begins others; the cursor goes back to where the
//! edit cuts, and the next bill is the difference. `…/preview` does the same and takes it back.
//!
//! **Anything of a customer is written** by whoever holds its row: [`locks`](storage::customers::locks) alone locks customers, in the order of
//! their ids and with who pays for them, and what it gives, [`Held`](storage::customers::Held), is what every function that writes asks for.
//!
//! **A line is explained** (`GET /v1/invoice_lines/{id}/explain`): [`explain_line`](workflows::billing::explain_line) computes it again by
//! what billed it, [`worth`](domain::billing::worth), from what it rests on, [`Grounds`](domain::billing::Grounds).
//!
//! **A billing run** ([`bill_run`](workflows::billing::bill_run)): [`plan`](workflows::billing::bill_run::plan) cuts the due customers into
//! ranges; [`work`](workflows::billing::bill_run::work) claims a range with `SKIP LOCKED`, loads facts in four statements
//! ([`billing::load`](storage::billing::load)), decides purely, and writes lines, postings, cursors, numbers, invoices and
//! events by `COPY`, one transaction a range.
//!
//! **An invoice is collected** ([`collect_invoices`](workflows::payments::collect_invoices)): the attempt is committed before the
//! gateway is called with the attempt's id as its idempotency key, under a claim whose number is read again right before the call; an
//! unknown outcome is resolved by asking ([`resolve_payments`](workflows::payments::resolve_payments)), never by charging again, and by raising that
//! number first. Money that comes too late is put right by [`settle_late`](workflows::payments::settle_late).
//!
//! **Money is paid out**: a gateway tells of a payout, and its parts are read there; each is matched to what it is of and booked
//! ([`payouts`](workflows::payments::payouts::follow)), so that nothing is left on cash clearing that no gateway has.
//!
//! **A transfer is posted**: [`storage::ledger::post`] writes it with what it is worth in the currency of its entity's books, as
//! [`functional::Books`](domain::ledger::functional::Books) values it by the day's rate and by what its balances are carried at; without a rate it
//! waits, and [`value_transfers`](workflows::ledger::value_transfers) values it once.
//!
//! **Revenue is recognised**: whoever issues, credits or voids a document writes its [`schedule`](workflows::revenue::schedule) with it; when a month
//! is over, [`recognize`](workflows::revenue::recognize) posts what the schedules earn less what was posted, and
//! [`close_period`](workflows::revenue::close_period) lets nothing more be posted.
//!
//! **The clock is moved** ([`advance_clock`](workflows::advance_clock)): a test tenant's jobs run tick by tick, in simulated
//! time order.

// The examples of the API are long.
#![recursion_limit = "256"]
#![cfg_attr(test, expect(unreachable_pub, reason = "what tests share is `pub` in their own modules"))]

pub mod adapters;
pub mod cli;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod platform;
pub mod storage;
pub mod wire;
pub mod workflows;
