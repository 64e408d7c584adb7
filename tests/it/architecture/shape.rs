//! Can it be read in one sitting, and does its name say what it is? 500 lines a file, 70 lines of code a function; parameters
//! that are named.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::{Breach, Source};

const FILE: usize = 500;
const FUNCTION: usize = 70;
/// So many parts make a tuple a struct without names.
const BUNDLE: usize = 3;

/// Generated from the tables, so as long as they are many.
const ANY_LENGTH: [&str; 1] = ["src/storage/schema.rs"];

/// Names under which anything could be put. Singular; their plurals are meant, too.
const NAMELESS: [&str; 7] = ["util", "helper", "common", "misc", "type", "shared", "core"];

/// Files and functions that are too long.
pub fn too_long(source: &Source) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE && !ANY_LENGTH.contains(&source.path.as_str()) {
        breaches.push(source.breach(1, format!("the file has {lines} lines; {FILE} are allowed")));
    }
    let mut functions = Functions { lines: source.text.lines().collect(), found: Vec::new() };
    functions.visit_file(&source.parse());
    for (name, line, length) in functions.found.into_iter().filter(|f| f.2 > FUNCTION) {
        breaches.push(
            source.breach(line, format!("the function {name} has {length} lines; {FUNCTION} are allowed")),
        );
    }
    breaches
}

/// Files that do not open with their question.
pub fn undocumented(source: &Source) -> Vec<Breach> {
    let opens = source.text.lines().next().is_some_and(|line| line.starts_with("//! "));
    if opens {
        Vec::new()
    } else {
        vec![source.breach(1, "a file opens with //! and the question it answers".to_owned())]
    }
}

/// Files, folders and modules whose name says nothing.
pub fn nameless(source: &Source) -> Vec<Breach> {
    let says_nothing = |name: &str| {
        NAMELESS.contains(&name) || name.strip_suffix('s').is_some_and(|one| NAMELESS.contains(&one))
    };
    let mut modules = Modules::default();
    modules.visit_file(&source.parse());
    let path = source.path.trim_end_matches(".rs").split('/').map(|name| (name.to_owned(), 1));
    path.chain(modules.found)
        .filter(|(name, _)| says_nothing(name))
        .map(|(name, line)| source.breach(line, format!("{name} says nothing about what is inside")))
        .collect()
}

/// Binary floats where amounts, quantities and shares are computed or kept.
pub fn floats(source: &Source) -> Vec<Breach> {
    let ring = source.ring();
    if !["domain", "storage", "workflows", "wire"].contains(&ring) {
        return Vec::new();
    }
    let mut floats = Floats::default();
    floats.visit_file(&source.parse());
    let rule = |name: &str| format!("{name} is not exact: {ring} computes in Decimal and integers");
    floats.found.iter().map(|(name, line)| source.breach(*line, rule(name))).collect()
}

/// Parameters that are a tuple of three or more: each has a name and a type of its own, or a struct names them all.
pub fn bundled(source: &Source) -> Vec<Breach> {
    let mut bundles = Bundles::default();
    bundles.visit_file(&source.parse());
    let rule = |name: &str, parts: usize| format!("{name} takes {parts} parameters as one tuple: name each");
    bundles.found.iter().map(|(name, line, parts)| source.breach(*line, rule(name, *parts))).collect()
}

/// Collects the functions with a tuple of three or more among their parameters, with their lines and the parts of the tuple.
#[derive(Default)]
struct Bundles {
    found: Vec<(String, usize, usize)>,
}

impl<'ast> Visit<'ast> for Bundles {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        for input in &signature.inputs {
            let syn::FnArg::Typed(parameter) = input else { continue };
            let by_pattern = match &*parameter.pat {
                syn::Pat::Tuple(tuple) => tuple.elems.len(),
                _ => 0,
            };
            let by_type = match &*parameter.ty {
                syn::Type::Tuple(tuple) => tuple.elems.len(),
                _ => 0,
            };
            let parts = by_pattern.max(by_type);
            if parts >= BUNDLE {
                self.found.push((signature.ident.to_string(), parameter.span().start().line, parts));
            }
        }
        visit::visit_signature(self, signature);
    }
}

/// Collects the binary float types that are named, with their lines.
#[derive(Default)]
struct Floats {
    found: Vec<(String, usize)>,
}

impl<'ast> Visit<'ast> for Floats {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        for segment in path.segments.iter().filter(|s| s.ident == "f32" || s.ident == "f64") {
            self.found.push((segment.ident.to_string(), segment.ident.span().start().line));
        }
        visit::visit_path(self, path);
    }
}

/// Collects the functions with the line they start at and their lines of code.
struct Functions<'s> {
    lines: Vec<&'s str>,
    found: Vec<(String, usize, usize)>,
}

impl Functions<'_> {
    fn note(&mut self, name: &syn::Ident, from: Span, to: Span) {
        let (first, last) = (from.start().line, to.end().line);
        let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let length = self.lines[first - 1..last].iter().filter(is_code).count();
        self.found.push((name.to_string(), first, length));
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig.ident, item.sig.span(), item.block.span());
        visit::visit_impl_item_fn(self, item);
    }
}

/// Collects the modules that are declared, with their lines.
#[derive(Default)]
struct Modules {
    found: Vec<(String, usize)>,
}

impl<'ast> Visit<'ast> for Modules {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // A module in a file of its own is judged there.
        if item.content.is_some() {
            self.found.push((item.ident.to_string(), item.ident.span().start().line));
        }
        visit::visit_item_mod(self, item);
    }
}
