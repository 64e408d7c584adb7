//! Which codes can a problem have? Read from the code itself: what a `fn code` gives, what is handed to a function that takes a
//! `code` and a `detail` (or a value that may be wrong), what a `FieldError` is made with, and the table of violated constraints.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use crate::architecture::source::{self, Source};

/// Tells faults at the command line, by line and column: no problem of the API.
const IMPORT: &str = "src/domain/subscriptions/import.rs";

/// A function that is given a code: `Invalid::one(pointer, code, detail)` takes it in second place.
struct Taker {
    owner: Option<String>,
    name: String,
    place: usize,
    takes: usize,
    is_method: bool,
}

/// Every code, with the file it comes from.
pub fn in_the_source() -> BTreeMap<String, String> {
    let sources: Vec<Source> = source::code().into_iter().filter(|s| s.path != IMPORT).collect();
    let mut takers = Takers::default();
    for source in &sources {
        takers.visit_file(&source.parse());
    }
    let mut codes = BTreeMap::new();
    for source in &sources {
        let mut given = Given { takers: &takers.found, owner: None, found: BTreeSet::new() };
        given.visit_file(&source.parse());
        codes.extend(given.found.into_iter().map(|code| (code, source.path.clone())));
    }
    codes.extend(unknown(&sources));
    codes
}

/// `unknown_plan` and its like: a reference in a body that leads nowhere, named after what storage did not find.
fn unknown(sources: &[Source]) -> BTreeMap<String, String> {
    let after = |text: &str, begin: &str| -> Vec<String> {
        text.split(begin).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let things: BTreeSet<String> = sources.iter().flat_map(|s| things_of(&s.text)).collect();
    let mut codes = BTreeMap::new();
    for source in sources {
        for pointer in after(&source.text, "or_unknown(\"/") {
            // A version is one of a plan.
            let named = pointer.replace("to_version", "plan_version").replace("from_version", "plan_version");
            let thing = named.trim_end_matches("_id").replace('_', " ");
            if things.contains(&thing) {
                codes.insert(format!("unknown_{}", thing.replace(' ', "_")), source.path.clone());
            }
        }
    }
    codes
}

/// `not_found(Thing::PlanVersion` tells of a plan version, and so does `found(Thing::PlanVersion`.
fn things_of(text: &str) -> Vec<String> {
    let words = |name: &str| {
        let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
        let spaced = name
            .chars()
            .map(|c| if c.is_uppercase() { format!(" {}", c.to_lowercase()) } else { c.to_string() });
        spaced.collect::<String>().trim().to_owned()
    };
    text.split("found(Thing::").skip(1).map(words).collect()
}

/// The name of the type that an `impl` is for.
fn owner_of(item: &syn::ItemImpl) -> Option<String> {
    match &*item.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

#[derive(Default)]
struct Takers {
    owner: Option<String>,
    found: Vec<Taker>,
}

impl Takers {
    fn note(&mut self, signature: &syn::Signature) {
        let names: Vec<String> = signature.inputs.iter().filter_map(name_of).collect();
        let Some(place) = names.iter().position(|name| name == "code") else { return };
        if names.iter().any(|name| name == "detail" || name == "value") {
            self.found.push(Taker {
                owner: self.owner.clone(),
                name: signature.ident.to_string(),
                place,
                takes: names.len(),
                is_method: signature.receiver().is_some(),
            });
        }
    }
}

/// A parameter's name; `_` for a pattern, none for `self`.
fn name_of(input: &syn::FnArg) -> Option<String> {
    match input {
        syn::FnArg::Receiver(_) => None,
        syn::FnArg::Typed(typed) => match &*typed.pat {
            syn::Pat::Ident(name) => Some(name.ident.to_string()),
            _ => Some("_".to_owned()),
        },
    }
}

impl<'ast> Visit<'ast> for Takers {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.owner = owner_of(item);
        visit::visit_item_impl(self, item);
        self.owner = None;
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        self.note(signature);
        visit::visit_signature(self, signature);
    }
}

/// Collects the codes that are given.
struct Given<'t> {
    takers: &'t [Taker],
    owner: Option<String>,
    found: BTreeSet<String>,
}

impl Given<'_> {
    fn texts_in(&mut self, expression: &syn::Expr) {
        let mut texts = Texts::default();
        texts.visit_expr(expression);
        self.found.extend(texts.found);
    }

    /// What is handed over by a call: of a method, or of a function of this type if of any.
    fn handed(&mut self, call: &Call<'_>) {
        let takers = self.takers;
        for taker in takers.iter().filter(|t| t.name == call.name && t.takes == call.arguments.len()) {
            let is_it = match call.is_method {
                true => taker.is_method,
                false => !taker.is_method && (taker.owner.is_none() || taker.owner == call.owner),
            };
            if is_it {
                self.texts_in(call.arguments[taker.place]);
            }
        }
    }
}

/// A call of a function, or of a method.
struct Call<'c> {
    name: String,
    owner: Option<String>,
    arguments: Vec<&'c syn::Expr>,
    is_method: bool,
}

impl<'ast> Visit<'ast> for Given<'_> {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.owner = owner_of(item);
        visit::visit_item_impl(self, item);
        self.owner = None;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let gives_a_code = item.sig.ident == "code"
            && matches!(&item.sig.output, syn::ReturnType::Type(_, t) if is_static_text(t));
        if gives_a_code {
            let mut texts = Texts::default();
            texts.visit_block(&item.block);
            self.found.extend(texts.found);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
            let (name, mut owner) = (names.next().unwrap_or_default(), names.next());
            if owner.as_deref() == Some("Self") {
                owner.clone_from(&self.owner);
            }
            self.handed(&Call { name, owner, arguments: call.args.iter().collect(), is_method: false });
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let (name, arguments) = (call.method.to_string(), call.args.iter().collect());
        self.handed(&Call { name, owner: None, arguments, is_method: true });
        visit::visit_expr_method_call(self, call);
    }

    /// `let code = match errors { [only] => …, _ => "invalid" };`
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (syn::Pat::Ident(name), Some(init)) = (&local.pat, &local.init)
            && name.ident == "code"
            && matches!(&*init.expr, syn::Expr::Match(_) | syn::Expr::If(_))
        {
            self.texts_in(&init.expr);
        }
        visit::visit_local(self, local);
    }

    /// `FieldError { pointer, code: "blank".to_owned(), detail }`.
    fn visit_expr_struct(&mut self, made: &'ast syn::ExprStruct) {
        let named = |wanted: &str| {
            made.fields.iter().find(|f| matches!(&f.member, syn::Member::Named(name) if name == wanted))
        };
        if let (Some(code), Some(_)) = (named("code"), named("detail")) {
            self.texts_in(&code.expr);
        }
        visit::visit_expr_struct(self, made);
    }

    /// The violated constraints: `("plan_code_is_unique", "code_taken", Some("/code"), "another plan …")`.
    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if item.ident == "RULES" {
            let mut rows = Rows::default();
            rows.visit_expr(&item.expr);
            self.found.extend(rows.found);
        }
        visit::visit_item_const(self, item);
    }

    fn visit_macro(&mut self, made: &'ast syn::Macro) {
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(expressions) = made.parse_body_with(parser) {
            expressions.iter().for_each(|expression| self.visit_expr(expression));
        }
    }
}

fn is_static_text(kind: &syn::Type) -> bool {
    matches!(kind, syn::Type::Reference(to) if to.lifetime.as_ref().is_some_and(|l| l.ident == "static"))
}

/// Texts that may be codes.
#[derive(Default)]
struct Texts {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        let text = text.value();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            self.found.push(text);
        }
    }
}

/// The second text of each tuple of four.
#[derive(Default)]
struct Rows {
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Rows {
    fn visit_expr_tuple(&mut self, row: &'ast syn::ExprTuple) {
        if let (4, Some(code)) = (row.elems.len(), row.elems.get(1)) {
            let mut texts = Texts::default();
            texts.visit_expr(code);
            self.found.extend(texts.found);
        }
    }
}
