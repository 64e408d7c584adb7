//! Do the guides' pages lead everywhere they say, without a key and without a network?

use std::collections::BTreeMap;

use billwright::http::docs::GUIDES;
use serde_json::Value;

use crate::harness::{Client, World};

/// What is behind each `href` and `src` of a page.
fn addresses(page: &str) -> Vec<String> {
    let after = |begin: &str| -> Vec<String> {
        page.split(begin).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    [after("href=\""), after("src=\"")].concat()
}

/// An address of a page under `/docs/`, from the root.
fn absolute(address: &str) -> String {
    match address.strip_prefix("./") {
        _ if address.starts_with('/') => address.to_owned(),
        Some(rest) => format!("/docs/{rest}"),
        None => format!("/docs/{address}"),
    }
}

/// The pages read so far.
struct Reader {
    client: Client,
    read: BTreeMap<String, String>,
}

impl Reader {
    fn page(&mut self, url: &str) -> &str {
        let client = &self.client;
        self.read.entry(url.to_owned()).or_insert_with(|| client.get(url).is(200).text)
    }
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let world = World::new();
    let mut reader = Reader { client: world.with_key(None), read: BTreeMap::new() };
    let mut followed = 0;
    for guide in GUIDES {
        let here = if guide.file == "README" { "/docs/".to_owned() } else { format!("/docs/{}", guide.file) };
        let page = reader.page(&here).to_owned();
        assert!(
            page.contains("<a class=\"reference\" href=\"api/\">"),
            "{here} does not lead to the reference"
        );
        for address in addresses(&page).iter().filter(|a| !a.starts_with("https://")) {
            let (url, anchor) =
                address.split_once('#').map_or((address.as_str(), None), |(u, a)| (u, Some(a)));
            let url = if url.is_empty() { here.clone() } else { absolute(url) };
            let target = reader.page(&url);
            let is_there = anchor.is_none_or(|anchor| target.contains(&format!("id=\"{anchor}\"")));
            assert!(is_there, "{here}: {address} leads nowhere");
            followed += 1;
        }
    }
    assert!(followed > 300, "only {followed} links were followed");
    let reference = world.with_key(None).get("/docs").is(200).text;
    assert!(reference.contains("Search the guides") && reference.contains("API reference"));
}

#[test]
fn every_section_can_be_searched_for() {
    let world = World::new();
    let nobody = world.with_key(None);
    let index = nobody.get("/docs/search.json").is(200);
    let sections = index.json.as_array().unwrap();
    let found = |word: &str| {
        let has = |section: &&Value| section["text"].as_str().unwrap().contains(word);
        sections.iter().filter(has).map(|s| s["address"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert!(found("tok_hard_decline").contains(&"testing#the-cards"), "{:?}", found("tok_hard_decline"));
    assert!(found("gapless").iter().any(|address| address.starts_with("glossary")));
    assert!(sections.len() > 60, "only {} sections are searched", sections.len());
    nobody.get("/docs/nothing").is_problem(404, "no_such_route");
}
