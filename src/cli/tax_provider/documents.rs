//! Which documents were committed, and what became of them? Each under the id it came with, once.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::reading::text;
use crate::cli::faults::Reply;

/// A document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Kept {
    status: &'static str,
    tax: Value,
    /// Part of a return: it can be voided no more.
    locked: bool,
    /// How often it was sent, and how often its voiding.
    sent: u32,
    voided: u32,
    document: Value,
}

fn refused(status: u16, error: &str) -> Reply {
    (status, json!({ "error": error }))
}

impl Kept {
    fn shown(&self, id: &str) -> Value {
        json!({ "id": id, "status": self.status, "tax": if self.status == "voided" { json!("0") } else { self.tax.clone() } })
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Documents(pub(super) BTreeMap<String, Kept>);

impl Documents {
    /// Keeps a document; sent again with the same figures, it is the same one.
    pub(super) fn commit(&mut self, document: &Value) -> Reply {
        let (Some(id), Some(tax)) = (text(document, "/id"), document.get("tax")) else {
            return refused(422, "a document has an id, lines and a tax");
        };
        let new = Kept {
            status: "committed",
            tax: tax.clone(),
            locked: false,
            sent: 0,
            voided: 0,
            document: document.clone(),
        };
        let kept = self.0.entry(id.to_owned()).or_insert(new);
        if kept.tax != *tax {
            return refused(409, "another document has this id");
        }
        kept.sent = kept.sent.saturating_add(1);
        (if kept.sent == 1 { 201 } else { 200 }, kept.shown(id))
    }

    /// Keeps one that takes back of another.
    pub(super) fn credit(&mut self, original: &str, document: &Value) -> Reply {
        match self.0.get(original) {
            Some(kept) if kept.status == "committed" => self.commit(document),
            Some(_) => refused(409, "what is void cannot be credited"),
            None => refused(404, "there is no document with this id"),
        }
    }

    /// Keeps one no longer.
    pub(super) fn void(&mut self, id: &str) -> Reply {
        let Some(kept) = self.0.get_mut(id) else {
            return refused(404, "there is no document with this id");
        };
        if kept.locked {
            return refused(423, "the document is locked: it is part of a return");
        }
        (kept.status, kept.voided) = ("voided", kept.voided.saturating_add(1));
        (200, kept.shown(id))
    }

    /// What is there.
    pub(super) fn look_up(&self, id: &str) -> Reply {
        match self.0.get(id) {
            Some(kept) => (200, kept.shown(id)),
            None => refused(404, "there is no document with this id"),
        }
    }

    /// Locks one, or changes its tax, as if somebody had there.
    pub(super) fn change(&mut self, id: &str, change: &Value) -> Reply {
        let Some(kept) = self.0.get_mut(id) else {
            return refused(404, "there is no document with this id");
        };
        kept.locked = change.get("locked").and_then(Value::as_bool).unwrap_or(kept.locked);
        if let Some(tax) = change.get("tax") {
            kept.tax = tax.clone();
        }
        (200, json!(kept))
    }
}
