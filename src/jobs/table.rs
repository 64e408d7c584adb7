//! Which jobs are there? Of each its name, its schedule, what of it is due, and who does it: the table that the runner, test clocks, the
//! configuration and the guides read.

use super::{At, Does, Job, Kind, Task, chores};
use crate::domain::ids::{
    BillRunId, BudgetId, CreditGrantId, CustomerId, EntityId, InvoiceId, MigrationId, PaymentId, RefundId,
    SubscriptionId, TaxNumberId, TaxProviderId, TenantId, WebhookEndpointId,
};
use crate::domain::webhooks::PayloadForm;
use crate::domain::work::Tally;
use crate::storage::customers::Locked;
use crate::storage::due;
use crate::storage::events::views::FedEvent;
use crate::wire::events::{Event, object_id};
use crate::wire::webhooks;
use crate::workflows::Error;
use crate::workflows::billing::bill_run::{self, Request, Trigger};
use crate::workflows::budgets::check_budgets;
use crate::workflows::credits::{apply_balances, expire_credits};
use crate::workflows::invoicing::{ask_tax_providers, finalize_drafts};
use crate::workflows::keyed::Keyed;
use crate::workflows::ledger::value_transfers;
use crate::workflows::payments::disputes::follow;
use crate::workflows::payments::resolve_payments::Resolved;
use crate::workflows::payments::{
    collect_invoices, make_refunds, process_events, resolve_payments, retries::take_final_actions,
};
use crate::workflows::revenue::recognize;
use crate::workflows::subscriptions::{migrate_plan, step_subscriptions};
use crate::workflows::tax::providers::{compare_figures, inform_providers};
use crate::workflows::tax::{check_tax_numbers, watch_nexus};
use crate::workflows::webhooks::deliver_events;

/// Every job there is, in the order in which a test clock runs those of one instant.
pub const JOBS: &[Job] = &[
    // Before the bills: they are taxed by what is known.
    Job {
        name: "tax_numbers",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::TAX_NUMBERS,
                takes_on: "numbers of customers whose `next_check_at` has come: a register is asked about them",
                at: At::Tick,
                all: Some(|Task { session, registers, place, .. }| {
                    let checked = check_tax_numbers::run(session, registers, place)?;
                    Ok(Tally { parked: checked.parked, ..Tally::default() })
                }),
                one: |Task { session, registers, place, .. }, id| {
                    check_tax_numbers::one(session, registers, place, TaxNumberId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    Job {
        name: "plan_migrations",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::PLAN_MIGRATIONS,
                takes_on: "plan migrations that are not complete and that nobody is at, test tenants' too",
                at: At::Tick,
                all: None,
                one: |Task { session, place, trigger, .. }, id| {
                    // A clock moves no further before it is complete; the job comes again.
                    let locked = if trigger == Trigger::Clock { Locked::Wait } else { Locked::Skip };
                    let id = MigrationId::from_uuid(id);
                    migrate_plan::resume(session, (place.tenant_id, id), locked).map(nothing)
                },
            }],
            with_clocks: true,
            remote: false,
        },
    },
    Job {
        name: "billing",
        cron: "0 0 * * * *",
        does: Does::WorkOfTenants {
            kinds: &[
                Kind {
                    due: due::BILL_RUNS,
                    takes_on: "billing runs that a dead process left",
                    at: At::Ends,
                    all: None,
                    one: |Task { session, place, .. }, id| {
                        bill_run::resume(session, place.tenant_id, BillRunId::from_uuid(id)).map(nothing)
                    },
                },
                // Before the bills: what is canceled or paused when its trial ends is not billed.
                Kind {
                    due: due::SUBSCRIPTION_STEPS,
                    takes_on: "subscriptions whose `step_at` has come: a trial or a term ends",
                    at: At::Tick,
                    all: None,
                    one: |Task { session, place, .. }, id| {
                        step_subscriptions::run(session, place, SubscriptionId::from_uuid(id)).map(nothing)
                    },
                },
                Kind {
                    due: due::BILLING,
                    takes_on: "customers with a subscription whose `next_bill_at` has come",
                    at: At::Tick,
                    all: Some(bill),
                    one: |Task { session, place, .. }, id| {
                        bill_run::one(session, place, CustomerId::from_uuid(id)).map(nothing)
                    },
                },
            ],
            with_clocks: false,
            remote: false,
        },
    },
    // Between the bills and their issue: what waits for a provider is asked about first.
    Job {
        name: "tax_provider",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::TAX_QUESTIONS,
                takes_on: "questions about drafts whose `next_ask_at` has come, test tenants' too: providers of tax are asked, and what waits is issued",
                at: At::Once,
                all: Some(|Task { session, registers, place, .. }| {
                    ask_tax_providers::run(session, &registers.providers, place)
                }),
                one: |Task { session, registers, place, .. }, id| {
                    ask_tax_providers::these(session, &registers.providers, place, &[id]).map(nothing)
                },
            }],
            with_clocks: true,
            remote: true,
        },
    },
    Job {
        name: "finalization",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::FINALIZATION,
                takes_on: "drafts whose `finalizes_at` has come",
                at: At::Once,
                all: Some(|Task { session, place, .. }| finalize_drafts::run(session, place)),
                one: |Task { session, place, .. }, id| {
                    finalize_drafts::one(session, place, InvoiceId::from_uuid(id))
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    Job {
        name: "tax_provider_documents",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::TAX_DOCUMENTS,
                takes_on: "issued, voided and credited documents whose `next_tell_at` has come, test tenants' too: their provider of tax hears of them",
                at: At::Tick,
                all: Some(|Task { session, registers, place, .. }| {
                    inform_providers::run(session, &registers.providers, place)
                }),
                one: |Task { session, registers, place, .. }, id| {
                    inform_providers::these(session, &registers.providers, place, &[id]).map(nothing)
                },
            }],
            with_clocks: true,
            remote: true,
        },
    },
    Job {
        name: "tax_provider_comparison",
        cron: "0 50 * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::TAX_COMPARISON,
                takes_on: "providers of tax whose `next_compare_at` has come, each night: what they have is held against our documents",
                at: At::Tick,
                all: None,
                one: |Task { session, registers, place, .. }, id| {
                    let id = TaxProviderId::from_uuid(id);
                    compare_figures::one(session, &registers.providers, place, id).map(nothing)
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    Job {
        name: "tax_nexus",
        cron: "0 40 * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::TAX_NEXUS,
                takes_on: "tenants with tax settings whose `nexus_check_at` has come: their sales, state by state",
                at: At::Tick,
                all: None,
                one: |Task { session, place, .. }, id| {
                    watch_nexus::one(session, place, TenantId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    // Before the cards: they are charged for what the balances left.
    Job {
        name: "balances",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::BALANCES,
                takes_on: "customers with a balance and an open invoice in its currency, where balances pay by themselves",
                at: At::Once,
                all: None,
                one: |Task { session, place, .. }, id| {
                    apply_balances::run(session, place, CustomerId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    Job {
        name: "inbound_events",
        cron: "*/2 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::INBOUND_EVENTS,
                takes_on: "events that gateways have sent and nobody has processed, test tenants' too: how things stand is read at the gateway",
                at: At::Tick,
                all: None,
                one: |Task { session, gateways, place, .. }, id| {
                    process_events::one(session, gateways, place, id).map(nothing)
                },
            }],
            with_clocks: true,
            remote: true,
        },
    },
    Job {
        name: "payment_resolution",
        cron: "*/30 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::PAYMENT_RESOLUTION,
                takes_on: "payments without an outcome whose `next_check_at` has come",
                at: At::Tick,
                all: Some(|Task { session, gateways, place, .. }| {
                    resolve_payments::run(session, gateways, place).map(resolved)
                }),
                one: |Task { session, gateways, place, .. }, id| {
                    let mut known = Resolved::default();
                    resolve_payments::resolve(session, gateways, (place, &[id]), &mut known)?;
                    Ok(resolved(known))
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    Job {
        name: "disputes",
        cron: "*/30 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::DISPUTES,
                takes_on: "payments that are disputed, or are to be at the simulator, whose `next_attempt_at` has come: their gateway is asked",
                at: At::Tick,
                all: None,
                one: |Task { session, gateways, place, .. }, id| {
                    follow::one(session, gateways, place, PaymentId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    Job {
        name: "collection",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::COLLECTION,
                takes_on: "open invoices whose `next_attempt_at` has come",
                at: At::Tick,
                all: Some(|Task { session, gateways, place, .. }| {
                    collect_invoices::run(session, gateways, place).map(collected)
                }),
                one: |Task { session, gateways, place, .. }, id| {
                    collect_invoices::one(session, gateways, place, InvoiceId::from_uuid(id)).map(collected)
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    // After the charges of the same instant: what they pay is left alone.
    Job {
        name: "final_actions",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::FINAL_ACTIONS,
                takes_on: "invoices that are not tried again, whose `final_action_at` has come: they are written off, or what they bill is paused or canceled",
                at: At::Tick,
                all: None,
                one: |Task { session, place, .. }, id| {
                    take_final_actions::one(session, place, InvoiceId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    Job {
        name: "credit_expiry",
        cron: "0 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::CREDIT_EXPIRY,
                takes_on: "active credit grants whose `expires_at` has come",
                at: At::Tick,
                all: None,
                one: |Task { session, place, .. }, id| {
                    expire_credits::run(session, place, CreditGrantId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    Job {
        name: "refunds",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::REFUNDS,
                takes_on: "pending refunds whose `next_attempt_at` has come",
                at: At::Tick,
                all: Some(|Task { session, gateways, place, .. }| {
                    let made = make_refunds::run(session, gateways, place)?;
                    Ok(Tally { parked: made.parked, ..Tally::default() })
                }),
                one: |Task { session, gateways, place, .. }, id| {
                    make_refunds::one(session, gateways, place, RefundId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: true,
        },
    },
    Job {
        name: "budgets",
        cron: "*/5 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::BUDGETS,
                takes_on: "budgets whose `next_check_at` has come, test tenants' too: usage came in",
                at: At::Ends,
                all: Some(|Task { session, place, .. }| {
                    let looked = check_budgets::run(session, place)?;
                    Ok(Tally { parked: looked.parked, ..Tally::default() })
                }),
                one: |Task { session, place, .. }, id| {
                    check_budgets::one(session, place, BudgetId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: true,
            remote: false,
        },
    },
    Job {
        name: "functional_amounts",
        cron: "*/10 * * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::FUNCTIONAL_AMOUNTS,
                takes_on: "customers whose transfers wait for an exchange rate, test tenants' too: daily, and when a rate is recorded",
                at: At::Ends,
                all: None,
                one: |Task { session, place, .. }, id| {
                    value_transfers::run(session, place, CustomerId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: true,
            remote: false,
        },
    },
    // After the valuing of what it takes from, and some time after midnight: whatever was begun before it is through.
    Job {
        name: "revenue",
        cron: "0 10 * * * *",
        does: Does::WorkOfTenants {
            kinds: &[Kind {
                due: due::RECOGNITION,
                takes_on: "legal entities whose `next_recognition_at` has come, test tenants' at that very instant: a month is over, and what it earned is posted",
                at: At::Once,
                all: None,
                one: |Task { session, place, .. }, id| {
                    recognize::run(session, place, EntityId::from_uuid(id)).map(nothing)
                },
            }],
            with_clocks: false,
            remote: false,
        },
    },
    Job {
        name: "webhooks",
        cron: "* * * * * *",
        does: Does::PostOffice(&[Kind {
            due: due::WEBHOOK_DELIVERIES,
            takes_on: "enabled webhook endpoints that have events of the feed to hear, or whose deliveries' `next_attempt_at` has come, test tenants' too",
            at: At::Once,
            all: None,
            one: |Task { session, courier, place, .. }, id| {
                let id = WebhookEndpointId::from_uuid(id);
                deliver_events::run(session, (courier, written), (place, id)).map(nothing)
            },
        }]),
    },
    Job { name: "test_clocks", cron: "*/10 * * * * *", does: Does::TestClocks },
    Job { name: "event_relay", cron: "* * * * * *", does: Does::Chores(&[chores::RELAY]) },
    Job { name: "usage_months", cron: "0 10 * * * *", does: Does::Chores(&[chores::USAGE_MONTHS]) },
    Job { name: "exchange_rates", cron: "0 20 * * * *", does: Does::Chores(&[chores::EXCHANGE_RATES]) },
    Job {
        name: "housekeeping",
        cron: "0 30 3 * * *",
        does: Does::Chores(&[chores::IDEMPOTENCY_KEYS, chores::CALL_CLAIMS]),
    },
];

/// Names and default schedules, as the configuration checks them.
pub fn defaults() -> Vec<(&'static str, &'static str)> {
    JOBS.iter().map(|job| (job.name, job.cron)).collect()
}

/// Every kind of due work there is.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    JOBS.iter().flat_map(|job| match job.does {
        Does::WorkOfTenants { kinds, .. } | Does::PostOffice(kinds) => kinds,
        Does::TestClocks | Does::Chores(_) => &[],
    })
}

fn nothing(_: ()) -> Tally {
    Tally::default()
}

/// An event as endpoints read it.
fn written(event: &FedEvent, form: PayloadForm) -> Vec<u8> {
    let event = Event {
        id: event.id.to_string(),
        sequence: event.sequence,
        type_: event.type_.clone(),
        occurred_at: event.occurred_at,
        object_id: object_id(&event.type_, event.object_id),
        data: event.data.clone(),
    };
    webhooks::body(&event, form)
}

fn resolved(known: Resolved) -> Tally {
    Tally {
        payments_succeeded: known.succeeded,
        payments_failed: known.failed,
        parked: known.parked,
        ..Tally::default()
    }
}

fn collected(done: collect_invoices::Collected) -> Tally {
    Tally {
        payments_attempted: done.attempted,
        payments_succeeded: done.succeeded,
        payments_failed: done.failed,
        parked: done.parked,
        ..Tally::default()
    }
}

/// One run for all that is due; none when nothing is.
fn bill(Task { session, registers, place, trigger, .. }: Task<'_>) -> Result<Tally, Error> {
    let tenant_id = place.tenant_id;
    if session.read(|tx| due::BILLING.items(tx, tenant_id, (place.now, 1)))?.is_empty() {
        return Ok(Tally::default());
    }
    let request = Request { trigger, as_of: None, finalize: None };
    let asking = Some(&registers.providers);
    let run = bill_run::run_keyed(session, tenant_id, (request, &Keyed::default()), asking)?;
    Ok(run.progress.tally())
}
