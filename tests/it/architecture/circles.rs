//! Do files import each other in a circle? Then neither is read without the other. `use` counts, and every path in the code, each
//! for the file in which the thing itself stands: who takes `invoicing::Line` imports the file of `Line`, not the `mod.rs` that gives it on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::imports::paths::{self, Reference};
use super::source::Source;

/// Circles there are, by one file of each, and why.
const KNOWN: &[(&str, &str)] = &[
    ("src/cli/bench/mod.rs", "the benches are one program: each measures with what its folder gives to all"),
    ("src/domain/calendar/mod.rs", "an error of the calendar names the bound that an interval has"),
    (
        "src/domain/money/mod.rs",
        "an amount, its currency, its digits and its rounding are one type in five files",
    ),
    (
        "src/domain/rating/mod.rs",
        "one question for every price model, each of which answers it in a file with the same steps",
    ),
    (
        "src/domain/subscriptions/mod.rs",
        "a subscription holds its phase and its break, which are read off it",
    ),
    (
        "src/domain/subscriptions/change.rs",
        "what is wanted of a change is read from its request, and becomes it",
    ),
    ("src/http/openapi/mod.rs", "the description is made of the routes, and is itself served under one"),
    ("src/storage/error.rs", "a broken constraint becomes the error that says what it means"),
    (
        "src/workflows/invoicing/issue.rs",
        "usage taken back when an invoice is issued pays earlier ones from the balance",
    ),
    (
        "src/workflows/invoicing/void_invoice.rs",
        "a void sale of credits ends them, and credits that end unpaid void their sale",
    ),
    (
        "src/workflows/payments/settle_payments.rs",
        "money that comes too late is settled, and posted, like any other",
    ),
    (
        "src/workflows/subscriptions/change_subscription.rs",
        "a change may agree on phases, and each phase is a change",
    ),
];

/// Files that import each other.
pub type Circle = BTreeSet<String>;

/// Circles that are not known, each with its files.
pub fn unknown(found: &[Circle]) -> Vec<String> {
    let is_known = |circle: &Circle| KNOWN.iter().any(|(file, _)| circle.contains(*file));
    let shown = |circle: &Circle| circle.iter().cloned().collect::<Vec<_>>().join(" ↔ ");
    found.iter().filter(|circle| !is_known(circle)).map(shown).collect()
}

/// Circles that are known and that are open by now.
pub fn opened(found: &[Circle]) -> Vec<&'static str> {
    let is_closed = |file: &str| found.iter().any(|circle| circle.contains(file));
    KNOWN.iter().map(|(file, _)| *file).filter(|file| !is_closed(file)).collect()
}

/// All circles there are.
pub fn find(sources: &[Source]) -> Vec<Circle> {
    let imports = Imports::of(sources);
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        imports.graph.keys().map(|file| (*file, imports.reached(file))).collect();
    let mut circles: Vec<Circle> = Vec::new();
    for (file, others) in &reached {
        if !others.contains(file) || circles.iter().any(|circle| circle.contains(*file)) {
            continue;
        }
        let back = others.iter().filter(|other| reached[*other].contains(file));
        circles.push(back.map(|other| (*other).to_owned()).collect());
    }
    circles
}

type Module = Vec<String>;

/// Which file imports which.
struct Imports<'s> {
    graph: BTreeMap<&'s str, BTreeSet<&'s str>>,
}

/// What is needed to find the file of a thing.
struct Places<'s> {
    files: HashMap<Module, &'s str>,
    /// What modules give on under a name: where it is.
    given_on: HashMap<Module, Module>,
}

impl<'s> Imports<'s> {
    fn of(sources: &'s [Source]) -> Imports<'s> {
        let mut places = Places { files: HashMap::new(), given_on: HashMap::new() };
        for source in sources {
            places.files.insert(source.module(), &source.path);
        }
        let references: Vec<(&Source, Vec<Reference>)> =
            sources.iter().map(|s| (s, paths::references(s))).collect();
        for (source, found) in &references {
            for reference in found.iter().filter(|r| r.given_on) {
                let name = reference.known_as.clone().into_iter();
                if let Some(path) = places.absolute(&source.module(), reference) {
                    places.given_on.insert(source.module().into_iter().chain(name).collect(), path);
                }
            }
        }
        let mut graph = BTreeMap::new();
        for (source, found) in &references {
            graph.insert(source.path.as_str(), places.imported(source, found));
        }
        Imports { graph }
    }

    /// All that is imported by a file, and by what it imports.
    fn reached(&self, file: &str) -> BTreeSet<&'s str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = vec![file];
        while let Some(file) = open.pop() {
            for other in self.graph.get(file).into_iter().flatten() {
                if reached.insert(*other) {
                    open.push(other);
                }
            }
        }
        reached
    }
}

impl<'s> Places<'s> {
    /// From the crate's root, also what is named by a module inside the one that names it.
    fn absolute(&self, module: &Module, reference: &Reference) -> Option<Module> {
        if let Some(inside) = &reference.inside {
            return Some(inside.clone());
        }
        let path = reference.outside.as_ref()?;
        let child: Module = module.iter().chain(path.first()).cloned().collect();
        self.files.contains_key(&child).then(|| module.iter().chain(path).cloned().collect())
    }

    /// The files of the things a file names, itself left out.
    fn imported(&self, source: &Source, found: &[Reference]) -> BTreeSet<&'s str> {
        let module = source.module();
        let mut known: HashMap<&str, Module> = HashMap::new();
        for reference in found {
            if let (Some(name), Some(path)) = (&reference.known_as, self.absolute(&module, reference)) {
                known.insert(name, path);
            }
        }
        let mut files = BTreeSet::new();
        for reference in found.iter().filter(|r| !r.given_on) {
            let by_name = || {
                let path = reference.outside.as_ref().filter(|_| reference.known_as.is_none())?;
                let start = known.get(path.first()?.as_str())?;
                Some(start.iter().chain(&path[1..]).cloned().collect())
            };
            let Some(path) = by_name().or_else(|| self.absolute(&module, reference)) else { continue };
            let all = reference.known_as.as_deref() == Some("*");
            files.extend(self.file_of(path, all).filter(|file| *file != source.path));
        }
        files
    }

    /// The file in which a thing stands. A module that is named is no thing yet, but all that is in one is.
    fn file_of(&self, mut path: Module, all: bool) -> Option<&'s str> {
        for _ in 0..10 {
            let Some(n) = (1..=path.len()).rev().find(|n| self.given_on.contains_key(&path[..*n])) else {
                break;
            };
            let rest = path.split_off(n);
            path = self.given_on[&path].iter().cloned().chain(rest).collect();
        }
        let n = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n]))?;
        (all || n < path.len()).then(|| self.files[&path[..n]])
    }
}
