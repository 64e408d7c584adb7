//! What does a file name, and on which line? Paths from the crate's root, such as `crate::storage::Db`, whether written so
//! or with `super`, and paths into outside crates, such as `diesel::prelude`. Code for tests only is left out.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::super::source::Source;

/// Something named.
pub struct Reference {
    pub line: usize,
    /// From this crate's root, without `crate`.
    pub inside: Option<Vec<String>>,
    /// Into an outside crate, or something local: nobody can tell but the list of dependencies.
    pub outside: Option<Vec<String>>,
    /// Of a `use`: under which name it is known from there on; `*` for all there is.
    pub known_as: Option<String>,
    /// Whether a `use` gives it on to others: `pub use`.
    pub given_on: bool,
}

/// All that a file names.
pub fn references(source: &Source) -> Vec<Reference> {
    let mut walk = Walk { module: source.module(), found: Vec::new(), given_on: false };
    walk.visit_file(&source.parse());
    walk.found
}

/// The crates of Cargo.toml as they are written in code, and the standard ones.
pub fn dependencies() -> Vec<String> {
    let manifest = include_str!("../../../../Cargo.toml");
    let listed =
        manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    let names = listed
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.trim().replace('-', "_"));
    names.chain(["std", "core", "alloc"].map(str::to_owned)).collect()
}

struct Walk {
    module: Vec<String>,
    found: Vec<Reference>,
    given_on: bool,
}

impl Walk {
    fn note(&mut self, line: usize, path: Vec<String>) {
        self.note_as(line, path, None);
    }

    fn note_as(&mut self, line: usize, path: Vec<String>, known_as: Option<String>) {
        let (inside, outside) = match self.from_root(&path) {
            Some(inside) => (Some(inside), None),
            None => (None, Some(path)),
        };
        let given_on = self.given_on && known_as.is_some();
        self.found.push(Reference { line, inside, outside, known_as, given_on });
    }

    /// `crate::…`, `self::…` and `super::…` from the root; anything else is not ours to resolve.
    fn from_root(&self, path: &[String]) -> Option<Vec<String>> {
        let mut at = match path.first()?.as_str() {
            "crate" => return Some(path[1..].to_vec()),
            "self" | "super" => self.module.clone(),
            _ => return None,
        };
        for name in path {
            match name.as_str() {
                "self" => {}
                "super" => drop(at.pop()),
                _ => at.push(name.clone()),
            }
        }
        Some(at)
    }

    fn use_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) if name.ident == "self" => {
                let known_as = before.last().cloned();
                self.note_as(name.span().start().line, before.to_vec(), known_as)
            }
            syn::UseTree::Name(name) => {
                self.note_as(name.span().start().line, with(&name.ident), Some(name.ident.to_string()))
            }
            syn::UseTree::Rename(name) => {
                let path = if name.ident == "self" { before.to_vec() } else { with(&name.ident) };
                self.note_as(name.span().start().line, path, Some(name.rename.to_string()))
            }
            syn::UseTree::Glob(glob) => {
                self.note_as(glob.span().start().line, before.to_vec(), Some("*".to_owned()))
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, before)),
        }
    }

    /// The paths in what a macro or an attribute is given: `a::b` is an identifier, two colons, an identifier.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) if colons == 2 && !path.is_empty() => path.push(name.to_string()),
                TokenTree::Ident(name) => {
                    self.flush(line, &mut path);
                    line = name.span().start().line;
                    path.push(name.to_string());
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.flush(line, &mut path);
                    self.tokens(group.stream());
                }
                _ => self.flush(line, &mut path),
            }
            colons = 0;
        }
        self.flush(line, &mut path);
    }

    fn flush(&mut self, line: usize, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.note(line, path);
        }
    }
}

/// Whether something is compiled for tests only.
fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Walk {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !for_tests(&item.attrs) {
            self.given_on = !matches!(item.vis, syn::Visibility::Inherited);
            self.use_tree(&item.tree, &[]);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !for_tests(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if !for_tests(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    /// `pub(in crate::http)` says who may look, not what is used.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if names.len() > 1 {
            self.note(path.span().start().line, names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        visit::visit_macro(self, item);
        self.tokens(item.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}
