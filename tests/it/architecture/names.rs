//! Does the name of a value say what it holds? `events`, `request`, `version`: not `told`, `asked` or `of`.

use syn::visit::{self, Visit};

use super::source::{Breach, Source};

/// Names that say nothing of what they hold.
const VAGUE: [&str; 5] = ["told", "asked", "of", "what", "those"];

/// Files that still have such names. Each is taken off the list when it has none.
const KNOWN: [&str; 18] = [
    "src/domain/credits/take_back.rs",
    "src/domain/credits/usage.rs",
    "src/http/body.rs",
    "src/http/metrics.rs",
    "src/http/post.rs",
    "src/http/v1/billing/explanations.rs",
    "src/http/v1/invoicing/invoices.rs",
    "src/http/v1/payments/mod.rs",
    "src/http/v1/subscriptions/mod.rs",
    "src/http/v1/subscriptions/subscription_ends.rs",
    "src/http/v1/subscriptions/subscription_life.rs",
    "src/http/v1/usage/ingest/lanes.rs",
    "src/http/v1/usage/ingest/lines.rs",
    "src/http/v1/usage/ingest/read.rs",
    "src/platform/postgres/locate.rs",
    "src/platform/postgres/postmaster.rs",
    "src/platform/vitals.rs",
    "src/workflows/subscriptions/start_subscription.rs",
];

/// Variables, parameters and fields with a vague name.
pub fn vague(source: &Source) -> Vec<Breach> {
    if KNOWN.contains(&source.path.as_str()) { Vec::new() } else { found(source) }
}

/// The files on the list that need not be there.
pub fn plain(sources: &[Source]) -> Vec<&'static str> {
    let is_vague = |path: &str| sources.iter().any(|s| s.path == path && !found(s).is_empty());
    KNOWN.into_iter().filter(|path| !is_vague(path)).collect()
}

fn found(source: &Source) -> Vec<Breach> {
    let mut names = Names::default();
    names.visit_file(&source.parse());
    let rule = |name: &str| format!("{name} does not say what it holds: name that");
    names.found.iter().map(|(name, line)| source.breach(*line, rule(name))).collect()
}

/// Collects the vague names that are bound by a pattern or declared as a field, with their lines.
#[derive(Default)]
struct Names {
    found: Vec<(String, usize)>,
}

impl Names {
    fn judge(&mut self, name: &syn::Ident) {
        if VAGUE.iter().any(|vague| name == vague) {
            self.found.push((name.to_string(), name.span().start().line));
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, bound: &'ast syn::PatIdent) {
        self.judge(&bound.ident);
        visit::visit_pat_ident(self, bound);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        field.ident.iter().for_each(|name| self.judge(name));
        visit::visit_field(self, field);
    }
}
