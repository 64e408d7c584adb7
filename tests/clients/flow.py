"""From a tenant to a credit note, through the client that `openapi-python-client` makes of `openapi/openapi.json`: 31.00 a month, one month paid by card,
10.00 given back. Called as `flow.py URL KEY`, with the package `billwright_client` beside it."""

import datetime
import sys

from billwright_client import AuthenticatedClient
from billwright_client.api.credit_notes import create_credit_note
from billwright_client.api.customers import create_customer, get_customer
from billwright_client.api.events import list_events
from billwright_client.api.invoices import get_invoice, list_invoices
from billwright_client.api.payment_methods import create_payment_method
from billwright_client.api.payments import list_payments
from billwright_client.api.plans import create_plan
from billwright_client.api.products import create_product
from billwright_client.api.subscriptions import create_subscription
from billwright_client.api.test_clock import advance_test_clock
from billwright_client.models import (
    AdvanceClock,
    Collection,
    CreditNote,
    IntervalUnit,
    InvoiceStatus,
    NewCreditNote,
    NewCustomer,
    NewPaymentMethod,
    NewPlan,
    NewPrice,
    NewProduct,
    NewSubscription,
    PaymentMethodKind,
    PriceKind,
    PriceModelFlat,
    PriceModelFlatType,
    Problem,
    ProblemCode,
    To,
)


def done(answer, kind):
    assert isinstance(answer, kind), f"{kind.__name__} expected: {answer}"
    return answer


def main(url, key):
    client = AuthenticatedClient(base_url=url, token=key, timeout=60)
    product = create_product.sync(client=client, body=NewProduct(name="Internet access"))
    assert not isinstance(product, Problem), product
    price = NewPrice(code="base", kind=PriceKind.RECURRING, model=PriceModelFlat(type_=PriceModelFlatType.FLAT, amount="31.00"))
    plan = create_plan.sync(
        client=client,
        body=NewPlan(code="base", name="Base", product_id=product.id, currency="EUR", interval=IntervalUnit.MONTH, prices=[price]),
    )
    assert not isinstance(plan, Problem), plan
    customer = create_customer.sync(client=client, body=NewCustomer(name="Ada"), idempotency_key="ada")
    again = create_customer.sync(client=client, body=NewCustomer(name="Ada"), idempotency_key="ada")
    assert again.id == customer.id, "the same call, done once"
    card = NewPaymentMethod(customer_id=customer.id, kind=PaymentMethodKind.CARD, token="tok_success", gateway="simulator")
    method = create_payment_method.sync(client=client, body=card)
    assert not isinstance(method, Problem), method
    order = NewSubscription(customer_id=customer.id, plan_id=plan.id, collection=Collection.AUTOMATIC)
    subscription = create_subscription.sync(client=client, body=order)
    assert subscription.items[0].model.amount == "31.00", subscription.items
    to = datetime.datetime(2026, 2, 1, 2, tzinfo=datetime.timezone.utc)
    moved = advance_test_clock.sync(client=client, body=AdvanceClock(to=to))
    assert moved.payments_succeeded == 2, moved
    invoices = list_invoices.sync(client=client, customer_id=customer.id).data
    assert [(invoice.status, invoice.total) for invoice in invoices] == [(InvoiceStatus.PAID, "31.00")] * 2, invoices
    invoice = get_invoice.sync(invoices[0].id, client=client)
    assert invoice.lines[0].amount == "31.00" and invoice.amount_due == "0.00", invoice
    assert [payment.amount for payment in list_payments.sync(client=client, customer_id=customer.id).data] == ["31.00", "31.00"]
    note = create_credit_note.sync(
        client=client, body=NewCreditNote(invoice_id=invoice.id, amount="10.00", to=To.CREDIT_BALANCE, reason="an outage")
    )
    assert done(note, CreditNote).total == "10.00", note
    assert any(event.type_ == "invoice.paid" for event in list_events.sync(client=client, limit=100).data)
    refused = done(create_customer.sync(client=client, body=NewCustomer(name=" ")), Problem)
    assert refused.code == ProblemCode.BLANK and refused.errors[0].pointer == "/name", refused
    assert refused.type_ == "/docs/errors#blank", refused
    missing = done(get_customer.sync("cus_01jgejp8g0e3q9k0v6z4t1x2y3", client=client), Problem)
    assert missing.code == ProblemCode.NOT_FOUND, missing


main(*sys.argv[1:])
