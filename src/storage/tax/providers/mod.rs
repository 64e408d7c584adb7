//! Which providers of tax are there, what were they asked, and what have they heard? A table each.

mod contents;
mod documents;
mod kept;
mod questions;

pub use contents::{buyer, note_taxes, taxed_as};
pub use documents::{
    Differing, KeptDocument, Receipt, claim_documents, compared, differences, document_failed, document_told,
    documents_to_compare, invoice_document, note_document, note_invoices, note_void, wake_originals,
};
pub use kept::{
    Sealed, compare_next, delete_provider, find_provider, insert_provider, list_providers, providers,
    sealed_provider, update_provider,
};
pub use questions::{
    Failure, OpenQuestion, Turn, answered_late, claim_questions, fail_questions, keep_answers, known_answers,
    note_questions, purge_questions, question_id,
};
