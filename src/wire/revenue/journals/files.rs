//! What do general ledgers read? A file of lines each, in the columns of its program: 120.00 moved are a debit of one account and a credit of another.
//!
//! Columns by the makers' import templates: Xero "Manual journals", QuickBooks Online "Import journal entries", NetSuite "Journal Entry" CSV import,
//! Sage Intacct "GL journal entries".

use chrono::NaiveDate;
use csv::{Terminator, Writer, WriterBuilder};

use super::{JournalFileQuery, JournalFormat, datev};
use crate::domain::money::Money;
use crate::domain::refusal::Invalid;
use crate::domain::revenue::journals::{AccountCode, JournalExport, Pair, Posted};
use crate::wire::table::as_text;

/// Journals that Xero takes in one file have at most so many lines.
pub const XERO_LINES: usize = 300;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub content_type: &'static str,
    pub text: String,
}

/// A file as it is being written.
pub struct JournalFile<'e> {
    export: &'e JournalExport,
    format: JournalFormat,
    /// What Xero's lines are taxed with, or the journal of Sage.
    word: String,
    csv: Writer<Vec<u8>>,
    /// The entry of the line before, and its number there.
    line: (i64, usize),
    lines: usize,
}

/// A side of an amount that moved.
struct Side<'p> {
    code: &'p AccountCode,
    debit: Option<Money>,
    credit: Option<Money>,
    foreign: Option<Money>,
}

impl<'e> JournalFile<'e> {
    /// The file's first line.
    ///
    /// # Errors
    /// What DATEV must know is missing; `account_code_unfit`.
    pub fn begin(export: &'e JournalExport, query: &JournalFileQuery) -> Result<JournalFile<'e>, Invalid> {
        let format = query.format.unwrap_or(JournalFormat::Csv);
        let word = match format {
            JournalFormat::Xero => query.tax_rate.as_deref().unwrap_or("Tax Exempt"),
            JournalFormat::Sage => query.journal.as_deref().unwrap_or("GJ"),
            _ => "",
        };
        let separator = if format == JournalFormat::Datev { b';' } else { b',' };
        let quotes =
            if format == JournalFormat::Datev { csv::QuoteStyle::Never } else { csv::QuoteStyle::Necessary };
        let csv = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .delimiter(separator)
            .quote_style(quotes)
            .flexible(true)
            .from_writer(Vec::new());
        let mut file = JournalFile { export, format, word: word.to_owned(), csv, line: (0, 0), lines: 0 };
        match format {
            JournalFormat::Csv => file.row(&[
                "entry",
                "date",
                "account",
                "code",
                "name",
                "debit",
                "credit",
                "currency",
                "amount",
                "amount_currency",
                "customer_id",
                "customer",
                "source",
                "document",
            ]),
            JournalFormat::Quickbooks => file.row(&[
                "Journal No.",
                "Journal Date",
                "Account Name",
                "Debits",
                "Credits",
                "Description",
                "Name",
                "Currency",
            ]),
            JournalFormat::Xero => {
                file.row(&["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"])
            }
            JournalFormat::Netsuite => {
                file.row(&["External ID", "Date", "Currency", "Account", "Debit", "Credit", "Line Memo"])
            }
            JournalFormat::Sage => {
                file.row(&["JOURNAL", "DATE", "DESCRIPTION", "LINE_NO", "ACCT_NO", "MEMO", "DEBIT", "CREDIT"])
            }
            JournalFormat::Datev => {
                for head in datev::head(export, query)? {
                    file.row(&head);
                }
            }
        }
        Ok(file)
    }

    fn row<S: AsRef<[u8]>>(&mut self, cells: &[S]) {
        // Memory takes it, and any number of cells is a row: it cannot fail.
        let _ = self.csv.write_record(cells);
        self.lines += 1;
    }

    /// What a posting moves.
    pub fn add(&mut self, posted: &Posted, pairs: &[Pair]) {
        for pair in pairs {
            let (Some(debit), Some(credit)) =
                (self.export.codes.find(pair.debit), self.export.codes.find(pair.credit))
            else {
                continue;
            };
            if self.format == JournalFormat::Datev {
                self.row(&datev::row(posted, pair.amount, (debit, credit)));
                continue;
            }
            let (amount, foreign) = (Some(pair.amount), pair.foreign);
            self.side(posted, &Side { code: debit, debit: amount, credit: None, foreign });
            self.side(posted, &Side { code: credit, debit: None, credit: amount, foreign });
        }
    }

    fn side(&mut self, posted: &Posted, side: &Side<'_>) {
        let number = if self.line.0 == posted.entry_no { self.line.1 + 1 } else { 1 };
        self.line = (posted.entry_no, number);
        let amount = |money: Option<Money>| money.map_or_else(String::new, Money::to_major_string);
        let (debit, credit) = (amount(side.debit), amount(side.credit));
        let (code, words) = (as_text(&side.code.code), posted.words());
        let entry = format!("{}-{}", self.export.id, posted.entry_no);
        let customer = posted.customer.clone();
        let name = customer.as_ref().map_or_else(String::new, |customer| as_text(&customer.1));
        let currency = self.export.currency.code().to_owned();
        let cells = match self.format {
            JournalFormat::Csv => vec![
                posted.entry_no.to_string(),
                posted.on.to_string(),
                side.code.account.into_str().to_owned(),
                code,
                as_text(&side.code.name()),
                debit,
                credit,
                currency,
                amount(side.foreign),
                side.foreign.map_or_else(String::new, |money| money.currency().code().to_owned()),
                customer.map_or_else(String::new, |customer| customer.0.to_string()),
                name,
                posted.kind.clone(),
                posted.number.clone().unwrap_or_default(),
            ],
            JournalFormat::Quickbooks => {
                vec![entry, us(posted.on), code, debit, credit, words, name, currency]
            }
            JournalFormat::Xero => {
                let signed = if credit.is_empty() { debit } else { format!("-{credit}") };
                vec![entry, posted.on.format("%d/%m/%Y").to_string(), words, code, self.word.clone(), signed]
            }
            JournalFormat::Netsuite => vec![entry, us(posted.on), currency, code, debit, credit, words],
            JournalFormat::Sage => {
                // The fields of the whole entry stand in its first line.
                let head = |text: String| if number == 1 { text } else { String::new() };
                let (journal, day) = (head(self.word.clone()), head(us(posted.on)));
                let description: String = head(words.clone()).chars().take(30).collect();
                vec![journal, day, description, number.to_string(), code, words, debit, credit]
            }
            JournalFormat::Datev => return,
        };
        self.row(&cells);
    }

    /// The file.
    ///
    /// # Errors
    /// `too_many_lines`: more than the program takes.
    pub fn end(self) -> Result<File, Invalid> {
        if self.format == JournalFormat::Xero && self.lines > XERO_LINES + 1 {
            let detail = format_args!(
                "Xero takes {XERO_LINES} lines of manual journals in a file, and these are {}: reverse the export and make a summary",
                self.lines - 1
            );
            return Err(Invalid::one("/query/format", "too_many_lines", detail));
        }
        let text = self.csv.into_inner().unwrap_or_default();
        let name = match self.format {
            JournalFormat::Datev => format!("EXTF_{}.csv", self.export.id),
            _ => format!("{}.csv", self.export.id),
        };
        Ok(File {
            name,
            content_type: "text/csv; charset=utf-8",
            text: String::from_utf8_lossy(&text).into_owned(),
        })
    }
}

/// As dates are written in the United States.
fn us(day: NaiveDate) -> String {
    day.format("%m/%d/%Y").to_string()
}
