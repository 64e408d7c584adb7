//! How is VIES asked, the European Commission's way into the registers of the member states? `POST {address}/check-vat-number`, once, within
//! seconds and a bounded size.

use std::io::Read;
use std::time::Duration;

use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use serde_json::json;

use super::reading::read;
use super::{Question, Registry};
use crate::adapters::https;
use crate::domain::customers::verification::Answer;

/// An answer is a few hundred bytes.
const ANSWER_BYTES: u64 = 64 << 10;
/// What an answer may take from the first byte sent to the last one read.
const PATIENCE: Duration = Duration::from_secs(15);
/// What VIES says when it does not know the seller's own number.
const BAD_REQUESTER: &str = "INVALID_REQUESTER_INFO";

/// VIES, or what stands in for it.
#[derive(Debug, Clone)]
pub struct Vies {
    address: String,
    patience: Duration,
}

impl Vies {
    /// At an address such as `https://ec.europa.eu/taxation_customs/vies/rest-api`.
    #[must_use]
    pub fn at(address: &str) -> Vies {
        Vies { address: address.trim_end_matches('/').to_owned(), patience: PATIENCE }
    }

    /// The same, waiting no longer than this for an answer.
    #[must_use]
    pub fn within(self, patience: Duration) -> Vies {
        Vies { patience, ..self }
    }

    fn ask(&self, number: &str, requester: Option<&str>) -> Answer {
        let unknown = |reason: String| Answer::Unknown { reason };
        let Some((state, digits)) = number.split_at_checked(2) else {
            return unknown("this is no number of a member state".to_owned());
        };
        let mut body = json!({ "countryCode": state, "vatNumber": digits });
        if let Some((state, digits)) = requester.and_then(|own| own.split_at_checked(2)) {
            body["requesterMemberStateCode"] = state.into();
            body["requesterNumber"] = digits.into();
        }
        match self.post(&body) {
            Ok((status, bytes)) => read((state, digits), status, &bytes),
            Err(reason) => unknown(format!("the register cannot be reached: {reason}")),
        }
    }

    fn post(&self, body: &serde_json::Value) -> Result<(u16, Vec<u8>), String> {
        let url = format!("{}/check-vat-number", self.address);
        let client = self.client().map_err(|e| https::causes(&e))?;
        let request = client.post(&url).header("content-type", "application/json").body(body.to_string());
        let answer = request.send().map_err(|e| https::causes(&e))?;
        let status = answer.status().as_u16();
        let mut bytes = Vec::new();
        answer.take(ANSWER_BYTES + 1).read_to_end(&mut bytes).map_err(|e| https::causes(&e))?;
        if bytes.len() as u64 > ANSWER_BYTES {
            return Err("its answer is larger than one may be".to_owned());
        }
        Ok((status, bytes))
    }

    fn client(&self) -> Result<Client, reqwest::Error> {
        https::client().timeout(self.patience).redirect(Policy::none()).build()
    }
}

impl Registry for Vies {
    fn name(&self) -> &'static str {
        "vies"
    }

    fn check(&self, question: Question<'_>) -> Answer {
        let answer = self.ask(question.number, question.requester);
        match &answer {
            // An answer without a number is better than none because of a slip in the seller's own number.
            Answer::Unknown { reason } if question.requester.is_some() && reason == BAD_REQUESTER => {
                self.ask(question.number, None)
            }
            _ => answer,
        }
    }
}
