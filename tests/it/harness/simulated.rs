//! Who plays a gateway that pays out? The simulator's server, in this process, with books of its own and the faults that a test orders.

use std::net::TcpListener;
use std::thread;

use billwright::cli::simulator::serve;
use billwright::http::server::block_on;
use serde_json::{Value, json};

use super::{Client, Reply};

/// The name of the books of a test.
const BOOKS: &str = "books_of_the_stories";
const SECRET: &str = "a_secret_of_the_stories";

/// What its events are signed with.
pub fn simulated_secret() -> &'static str {
    SECRET
}

/// A simulator until the process ends.
pub struct Simulated {
    pub url: String,
    pub client: Client,
}

impl Simulated {
    pub fn open() -> Simulated {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || block_on(async { serve(listener, None).unwrap().await }));
        let client = Client::new(&url, Some(BOOKS));
        Simulated { url, client }
    }

    /// A gateway account that leads there.
    pub fn account(&self) -> Value {
        json!({ "gateway": "simulator", "name": "Rehearsal", "base_url": self.url,
            "credentials": { "secret_key": BOOKS, "webhook_secrets": [SECRET] } })
    }

    /// The next calls of a kind fail so.
    pub fn fail(&self, call: &str, how: &str, times: u32) {
        let faults = json!([{ "call": call, "how": how, "times": times }]);
        self.client.patch("/control", json!({ "faults": faults })).is(200);
    }

    pub fn books(&self) -> Value {
        self.client.get("/books").is(200).json
    }

    /// Status and amount of each charge, in no order.
    pub fn charges(&self) -> Vec<(String, String)> {
        let text = |charge: &Value, name: &str| charge[name].as_str().unwrap().to_owned();
        let books = self.books();
        let charges = books["charges"].as_array().unwrap().iter();
        charges.map(|charge| (text(charge, "status"), text(charge, "amount"))).collect()
    }

    /// Pays out all there is as of an instant; gives the name of the payout.
    pub fn pay_out(&self, body: Value) -> String {
        self.client.post("/control/payouts", body).is(201).text_at("/data/0/id")
    }

    /// Tells a server of something, with a signature of now.
    pub fn tell(&self, world: &Client, account: &str, event: &Value) -> Reply {
        let body = event.to_string();
        let now = billwright::platform::clock::now().timestamp();
        let path = format!("/v1/inbound/simulator/{account}");
        let request = world.with_key(None).request("POST", &path);
        let request = request.header("Simulator-Signature", super::signature(SECRET, now, &body));
        Reply::of(request.header("Content-Type", "application/json").body(body))
    }
}
