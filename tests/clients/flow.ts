// From a tenant to a credit note, typed by what `openapi-typescript` makes of `openapi/openapi.json`: 31.00 a month, one month paid by card, 10.00 given back.
// Called as `node flow.js URL KEY`.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths, webhooks } from "./api.js";

type Problem = components["schemas"]["Problem"];
type PaidInvoice = webhooks["invoice.paid"]["post"]["requestBody"]["content"]["application/json"];

const [url, key] = process.argv.slice(2) as [string, string];
const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

function done<T>(answer: { data?: T; error?: Problem }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

/** What a price is for 7 units, told apart by the field `type`. */
function describe(model: components["schemas"]["PriceModel"]): string {
  switch (model.type) {
    case "flat":
      return model.amount;
    case "graduated":
      return `${model.tiers.length} tiers`;
    default:
      return model.type;
  }
}

/** The number of an invoice that was paid, as a webhook tells of it. */
export function paidNumber(event: PaidInvoice): string {
  return `${event.type} ${"number" in event.data ? event.data.number : event.data.id}`;
}

const product = done(await api.POST("/v1/products", { body: { name: "Internet access" } }));
const plan = done(
  await api.POST("/v1/plans", {
    body: {
      code: "base",
      name: "Base",
      product_id: product.id,
      currency: "EUR",
      interval: "month",
      prices: [{ code: "base", kind: "recurring", model: { type: "flat", amount: "31.00" } }],
    },
  }),
);
const once = { params: { header: { "Idempotency-Key": "ada" } } };
const customer = done(await api.POST("/v1/customers", { ...once, body: { name: "Ada" } }));
const again = done(await api.POST("/v1/customers", { ...once, body: { name: "Ada" } }));
assert.equal(again.id, customer.id, "the same call, done once");
done(
  await api.POST("/v1/payment_methods", {
    body: { customer_id: customer.id, kind: "card", token: "tok_success", gateway: "simulator" },
  }),
);
const subscription = done(
  await api.POST("/v1/subscriptions", {
    body: { customer_id: customer.id, plan_id: plan.id, collection: "automatic" },
  }),
);
assert.equal(describe(subscription.items[0]!.model), "31.00");
const moved = done(await api.POST("/v1/test_clock/advance", { body: { to: "2026-02-01T02:00:00Z" } }));
assert.equal("payments_succeeded" in moved ? moved.payments_succeeded : undefined, 2);
const listed = done(await api.GET("/v1/invoices", { params: { query: { customer_id: customer.id } } }));
assert.deepEqual(listed.data.map((invoice) => [invoice.status, invoice.total]), [["paid", "31.00"], ["paid", "31.00"]]);
const invoice = done(await api.GET("/v1/invoices/{id}", { params: { path: { id: listed.data[0]!.id } } }));
assert.equal(invoice.lines?.[0]?.amount, "31.00");
const payments = done(await api.GET("/v1/payments", { params: { query: { customer_id: customer.id } } }));
assert.equal(payments.data.length, 2);
const note = done(
  await api.POST("/v1/credit_notes", {
    body: { invoice_id: invoice.id, amount: "10.00", to: "credit_balance", reason: "an outage" },
  }),
);
assert.equal(note.total, "10.00");
const events = done(await api.GET("/v1/events", { params: { query: { limit: 100 } } }));
assert.ok(events.data.some((event) => event.type === "invoice.paid"));
const refused = await api.POST("/v1/customers", { body: { name: " " } });
assert.equal(refused.error?.code, "blank");
assert.equal(refused.error?.errors?.[0]?.pointer, "/name");
assert.equal(refused.response.headers.get("x-request-id"), refused.error?.request_id);
