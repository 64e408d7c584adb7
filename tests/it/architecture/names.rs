//! Does a name say what it names? A value is called `events`, `request` or `version`, not `told`, `asked` or `of`; a function
//! `steps_taken`, not `retold`; a type `Origin`, not `Asked`.

use proc_macro2::Span;
use syn::visit::{self, Visit};

use super::source::{Breach, Source};

/// Names that say nothing of what they hold or do.
const VAGUE: [&str; 5] = ["told", "asked", "of", "what", "those"];

/// Values, functions, types and modules with a vague name. `of` may be a constructor: `Totals::of(currency, lines)`.
pub fn vague(source: &Source) -> Vec<Breach> {
    let mut names = Names::default();
    names.visit_file(&source.parse());
    names.found.iter().map(|(line, rule)| source.breach(*line, rule.clone())).collect()
}

/// Collects the vague names that are bound by a pattern or declared, with their lines.
#[derive(Default)]
struct Names {
    found: Vec<(usize, String)>,
}

impl Names {
    fn judge(&mut self, name: &syn::Ident, lacks: &str) {
        let lower = name.to_string().to_lowercase();
        if VAGUE.contains(&lower.as_str()) || lower == "retold" {
            self.add(name.span(), format!("{name} does not say {lacks}: name that"));
        }
    }

    fn add(&mut self, at: Span, rule: String) {
        self.found.push((at.start().line, rule));
    }

    fn judge_value(&mut self, name: &syn::Ident) {
        self.judge(name, "what it holds");
    }

    fn judge_type(&mut self, name: &syn::Ident) {
        self.judge(name, "what it is");
    }

    /// A constructor may be called `of`: it is read with its type, and the type says of what.
    fn judge_function(&mut self, signature: &syn::Signature, is_associated: bool) {
        let is_constructor = is_associated && signature.receiver().is_none();
        if !(is_constructor && signature.ident == "of") {
            self.judge(&signature.ident, "what it does");
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, bound: &'ast syn::PatIdent) {
        self.judge_value(&bound.ident);
        visit::visit_pat_ident(self, bound);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        field.ident.iter().for_each(|name| self.judge_value(name));
        visit::visit_field(self, field);
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Struct(syn::ItemStruct { ident, .. })
            | syn::Item::Enum(syn::ItemEnum { ident, .. })
            | syn::Item::Trait(syn::ItemTrait { ident, .. })
            | syn::Item::Type(syn::ItemType { ident, .. }) => self.judge_type(ident),
            syn::Item::Mod(syn::ItemMod { ident, .. }) => self.judge(ident, "what lies in it"),
            syn::Item::Fn(function) => self.judge_function(&function.sig, false),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.judge_function(&function.sig, true);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.judge_function(&function.sig, true);
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.judge_type(&variant.ident);
        visit::visit_variant(self, variant);
    }
}
