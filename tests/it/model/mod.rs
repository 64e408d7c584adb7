//! Does the engine bill what a plain reckoning of the same history says? Random histories of every command share a tenant and its clock;
//! in the end what each customer paid, owes and has left must be what the days are worth, to the cent.
//!
//! The model shares no code with the engine: whole cents, plain days and seconds, a loop over them. One history alone, by its seed:
//! `MODEL_SEED=1234 cargo nextest run --run-ignored all one_history_alone --no-capture`. How many in all: `MODEL_HISTORIES=1000000 scripts/soak`.

mod books;
mod commands;
mod ends;
mod extras;
mod history;
mod parts;
mod places;
mod reckoning;
mod shop;
mod starts;
mod taken_back;
mod takings;
mod taxes;
mod usages;

use std::collections::BTreeMap;
use std::env;
use std::sync::LazyLock;
use std::thread;

use billwright::workflows::verify_books;

use self::history::{History, Stage};
use self::places::{Moment, Place, written};
use self::taxes::Taxed;
use crate::harness::World;

/// Kinds that no history holds together: a start has one of them, or what they are worth together is told by stories alone.
pub const NEVER_TOGETHER: &[(&str, &str)] = &[
    ("phases", "terms"),
    ("parent", "grant"),
    ("parent", "sold_credits"),
    ("grant", "sold_credits"),
    ("pause_extend", "usage"),
    ("pause_extend", "late_usage"),
    ("pause_extend", "void_usage"),
    ("pause_extend", "backfill"),
    ("pause_extend", "early_usage"),
    ("pause_extend", "commitment"),
    ("phases", "commitment"),
    ("commitment", "note"),
    ("commitment", "note_refund"),
    ("commitment", "correct"),
    ("commitment", "void"),
    ("commitment", "write_off"),
    ("commitment", "draft_edit"),
    ("tax", "commitment"),
    ("tax", "draft_edit"),
    ("tax_rate", "commitment"),
    ("tax_rate", "draft_edit"),
    ("inclusive", "commitment"),
    ("inclusive", "draft_edit"),
];

/// Every kind of command a history may hold; any other two can be in one.
pub static KINDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut kinds = [starts::WITH_THE_START, commands::DRAWN, takings::BETWEEN, books::BETWEEN].concat();
    kinds.extend(Taxed::Within.kinds());
    kinds.sort_unstable();
    kinds.dedup();
    kinds
});

/// Histories that share a tenant.
const BATCH: u64 = 150;
/// Seeds are in so many series, each played by so many tests.
const SERIES: u64 = 8;
const PARTS: u64 = 10;
/// Callers at once.
const CALLERS: usize = 4;
/// The last day on which anything is commanded.
const LAST: i64 = 62;
/// The day on which all is judged.
const JUDGED: i64 = 128;

/// Seeds from here on, below the next, live where balances pay what is open by themselves.
const BY_ITSELF: u64 = 30_000_000;
/// Seeds from here on, below the next, live where invoices wait as drafts for two days.
const DRAFTS: u64 = 40_000_000;
/// Seeds from here on live elsewhere: in zones that change their clocks, most of them at any hour of the day.
const ELSEWHERE: u64 = 50_000_000;
/// Seeds from here on, below those that are taxed, live there too, and change and end by the second.
const SECONDS: u64 = 60_000_000;
/// So many in a row live in one place.
const NEIGHBOURS: u64 = 50;

/// What a history was found to be, and what it should be.
struct Verdict {
    seed: u64,
    wrong: String,
}

/// Where a history is played.
fn place_of(seed: u64) -> Place {
    if !(ELSEWHERE..taxes::WITHIN).contains(&seed) {
        Place::default()
    } else {
        Place::elsewhere(seed / NEIGHBOURS)
    }
}

/// Plays these seeds in a tenant of their own. Of two places elsewhere, one is the tenant's and one its customers' alone.
fn play(seeds: &[u64], one: bool) -> Vec<Verdict> {
    let place = place_of(seeds[0]);
    let of_tenant = if place.number.is_multiple_of(2) { "UTC" } else { place.zone.name() };
    let world = World::of(&written(place.stop(0)), of_tenant, "USD");
    let drafts = (DRAFTS..ELSEWHERE).contains(&seeds[0]);
    let apply_balance = if (BY_ITSELF..DRAFTS).contains(&seeds[0]) { "oldest_first" } else { "manual" };
    let taxed = Taxed::of(seeds[0]);
    let rules = shop::Rules { draft_hours: if drafts { 48 } else { 0 }, apply_balance, taxed };
    let mut shop = shop::open(&world.tenant.client, rules);
    books::keep_in_euros(&world);
    if taxed != Taxed::Never {
        taxes::register(&world, &place);
    }
    let mut histories: Vec<History> = seeds.iter().map(|seed| History::of(*seed, place)).collect();
    for history in &mut histories {
        // What a draft gives back is nowhere yet.
        history.is_exact = !drafts;
        history.by_second = (SECONDS..taxes::WITHIN).contains(&history.seed);
        history.taxed = taxed;
    }
    // The clock stops on the same days for all, so that a history alone is what it was among others.
    for day in (0..).map(|n| n * 4).take_while(|day| *day <= LAST) {
        let now = place.stop(day);
        if day > 0 {
            world.advance_to(&written(now));
        }
        books::record_rate(&world, (day, &written(now)), |day| written(place.stop(day)));
        // In every other series.
        if day > 0 && (seeds[0] / 10_000_000).is_multiple_of(2) {
            books::close_what_is_over(&world);
        }
        if day >= shop::DEARER && shop.plans.len() == shop::AT_FIRST {
            shop.get_dearer(&world.tenant.client);
        }
        each(&world, &mut histories, |client, history| {
            let stage = Stage { client, plans: &shop.plans, meter: &shop.meter, now, day };
            turn(history, &stage);
        });
        if histories.iter().any(|history| history.uses_now) {
            // Budgets are looked at again.
            world.advance_to(&written(now));
            each(&world, &mut histories, |client, history| history.judge_budget(client, now));
        }
    }
    world.advance_to(&written(place.stop(JUDGED)));
    books::record_rest(&world, LAST..JUDGED, |day| written(place.stop(day)));
    world.advance_to(&written(place.stop(JUDGED)));
    let mut verdicts = Vec::new();
    each(&world, &mut histories, judge);
    for history in &histories {
        if one {
            println!("{}", verdict(history));
        }
        if !history.wrong.is_empty() {
            verdicts.push(Verdict { seed: history.seed, wrong: verdict(history) });
        }
    }
    let report = verify_books::run(&mut world.session(), world.tenant.id).unwrap();
    if !report.is_right() {
        verdicts.push(Verdict { seed: 0, wrong: format!("the books are wrong: {:#?}", report.differences) });
    }
    verdicts
}

fn turn(history: &mut History, stage: &Stage<'_>) {
    history.look(stage.now);
    if history.is_exact && !history.subscription.is_empty() && history.wrong.is_empty() {
        judge_so_far(stage.client, history, stage.now);
    }
    if history.subscription.is_empty() {
        if stage.day >= 12 || history.chance.one_in(3) {
            history.start(stage);
        }
    } else if history.chance.one_in(2) {
        history.act(stage);
    }
    if !history.subscription.is_empty() && history.spare.one_in(6) {
        history.use_balance(stage);
    }
    history.look(stage.now);
}

fn judge(client: &crate::harness::Client, history: &mut History) {
    let should = history.worth(history.reckoning.place.stop(JUDGED));
    let (found, how) = history.found(client);
    if found != should {
        history.wrong.push(format!("comes to {found} ({how}), should come to {should}"));
    }
    history.judge_credits(client);
    history.judge_taxes(client);
    if (BY_ITSELF..DRAFTS).contains(&history.seed) {
        history.judge_balance(client);
    }
}

/// What comes to light on the way: what is billed too early or too late comes to the same in the end.
fn judge_so_far(client: &crate::harness::Client, history: &mut History, now: Moment) {
    let should = history.worth_by(now);
    let (found, how) = history.found(client);
    if found != should {
        history.wrong.push(format!("comes to {found} ({how}) at {}, should come to {should}", written(now)));
    }
}

fn verdict(history: &History) -> String {
    let charge = |(key, charge): (&parts::Key, &history::Charge)| {
        let code = &history.reckoning.versions[key.version].code;
        let comes = charge.target.left_of(charge.worth);
        format!("    {code} from {}: worth {} comes to {comes}", written(key.start), charge.worth)
    };
    let charges: Vec<String> = history.charges.iter().map(charge).collect();
    format!(
        "seed {} {}\n  of {:?}\n  {}\n  reckoned:\n{}",
        history.seed,
        history.wrong.join("; "),
        history.kinds,
        history.log.join("\n  "),
        charges.join("\n")
    )
}

/// Does something with every history, by several callers at once.
fn each(
    world: &World,
    histories: &mut [History],
    act: impl Fn(&crate::harness::Client, &mut History) + Sync,
) {
    let part = histories.len().div_ceil(CALLERS).max(1);
    thread::scope(|scope| {
        for some in histories.chunks_mut(part) {
            let (act, client) = (&act, world.tenant.client.clone());
            scope.spawn(move || some.iter_mut().for_each(|history| act(&client, history)));
        }
    });
}

/// How many histories a test plays.
fn count() -> u64 {
    env_number("MODEL_HISTORIES").unwrap_or(6_000).div_ceil(SERIES * PARTS)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how many are played is told to the test run, not to the program"
)]
fn env_number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap())
}

fn hold(series: u64, part: u64) {
    let base = env_number("MODEL_BASE").unwrap_or(0);
    let count = count();
    let seeds = (0..count).map(|n| series * 10_000_000 + base + part * count + n + 1);
    let seeds: Vec<u64> = seeds.collect();
    let mut wrong = Vec::new();
    for neighbours in seeds.chunk_by(|one, next| place_of(*one) == place_of(*next)) {
        for batch in neighbours.chunks(usize::try_from(BATCH).unwrap()) {
            wrong.extend(play(batch, false));
        }
    }
    let mut shown = BTreeMap::new();
    for verdict in &wrong {
        shown.insert(verdict.seed, verdict.wrong.as_str());
    }
    let text: Vec<&str> = shown.values().copied().take(200).collect();
    assert!(wrong.is_empty(), "{} of {} histories disagree:\n{}", wrong.len(), seeds.len(), text.join("\n"));
}

/// A test for each part of a series: they run side by side.
macro_rules! random_histories {
    ($($name:ident: $series:literal, $part:literal;)+) => {
        $(#[test] fn $name() { hold($series, $part); })+
    };
}

random_histories! {
    random_histories_1_00: 1, 0;
    random_histories_1_01: 1, 1;
    random_histories_1_02: 1, 2;
    random_histories_1_03: 1, 3;
    random_histories_1_04: 1, 4;
    random_histories_1_05: 1, 5;
    random_histories_1_06: 1, 6;
    random_histories_1_07: 1, 7;
    random_histories_1_08: 1, 8;
    random_histories_1_09: 1, 9;
    random_histories_2_00: 2, 0;
    random_histories_2_01: 2, 1;
    random_histories_2_02: 2, 2;
    random_histories_2_03: 2, 3;
    random_histories_2_04: 2, 4;
    random_histories_2_05: 2, 5;
    random_histories_2_06: 2, 6;
    random_histories_2_07: 2, 7;
    random_histories_2_08: 2, 8;
    random_histories_2_09: 2, 9;
    random_histories_3_00: 3, 0;
    random_histories_3_01: 3, 1;
    random_histories_3_02: 3, 2;
    random_histories_3_03: 3, 3;
    random_histories_3_04: 3, 4;
    random_histories_3_05: 3, 5;
    random_histories_3_06: 3, 6;
    random_histories_3_07: 3, 7;
    random_histories_3_08: 3, 8;
    random_histories_3_09: 3, 9;
    random_histories_4_00: 4, 0;
    random_histories_4_01: 4, 1;
    random_histories_4_02: 4, 2;
    random_histories_4_03: 4, 3;
    random_histories_4_04: 4, 4;
    random_histories_4_05: 4, 5;
    random_histories_4_06: 4, 6;
    random_histories_4_07: 4, 7;
    random_histories_4_08: 4, 8;
    random_histories_4_09: 4, 9;
    random_histories_5_00: 5, 0;
    random_histories_5_01: 5, 1;
    random_histories_5_02: 5, 2;
    random_histories_5_03: 5, 3;
    random_histories_5_04: 5, 4;
    random_histories_5_05: 5, 5;
    random_histories_5_06: 5, 6;
    random_histories_5_07: 5, 7;
    random_histories_5_08: 5, 8;
    random_histories_5_09: 5, 9;
    random_histories_6_00: 6, 0;
    random_histories_6_01: 6, 1;
    random_histories_6_02: 6, 2;
    random_histories_6_03: 6, 3;
    random_histories_6_04: 6, 4;
    random_histories_6_05: 6, 5;
    random_histories_6_06: 6, 6;
    random_histories_6_07: 6, 7;
    random_histories_6_08: 6, 8;
    random_histories_6_09: 6, 9;
    random_histories_7_00: 7, 0;
    random_histories_7_01: 7, 1;
    random_histories_7_02: 7, 2;
    random_histories_7_03: 7, 3;
    random_histories_7_04: 7, 4;
    random_histories_7_05: 7, 5;
    random_histories_7_06: 7, 6;
    random_histories_7_07: 7, 7;
    random_histories_7_08: 7, 8;
    random_histories_7_09: 7, 9;
    random_histories_8_00: 8, 0;
    random_histories_8_01: 8, 1;
    random_histories_8_02: 8, 2;
    random_histories_8_03: 8, 3;
    random_histories_8_04: 8, 4;
    random_histories_8_05: 8, 5;
    random_histories_8_06: 8, 6;
    random_histories_8_07: 8, 7;
    random_histories_8_08: 8, 8;
    random_histories_8_09: 8, 9;
}

#[test]
#[ignore = "plays the seed it is told"]
fn one_history_alone() {
    let seed = env_number("MODEL_SEED").unwrap_or(10_000_001);
    let verdicts = play(&[seed], true);
    assert!(verdicts.is_empty(), "{}", verdicts[0].wrong);
}
