//! What happens when more is asked of the database than it can do, or something breaks on the way?

use std::sync::mpsc;
use std::thread;

use actix_web::rt::System;
use billwright::storage::{Db, StorageError};

use crate::harness::Database;

#[test]
fn a_full_queue_answers_busy_at_once_and_drains_when_it_can() {
    let db = Db::start(&Database::shared().url, 1).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (begun, running) = mpsc::channel::<()>();
    let blocker = {
        let db = db.clone();
        thread::spawn(move || {
            System::new().block_on(db.on_session(move |_| {
                begun.send(()).unwrap();
                held.recv().unwrap();
            }))
        })
    };
    running.recv().unwrap();
    System::new().block_on(async {
        let waiting: Vec<_> = (0..1024)
            .map(|n| {
                actix_web::rt::spawn({
                    let db = db.clone();
                    async move { db.on_session(move |_| n).await }
                })
            })
            .collect();
        // Lets each of them put its work into the queue.
        while db.waiting() < 1024 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(db.on_session(|_| 0).await, Err(StorageError::Busy)));
        release.send(()).unwrap();
        for (n, answer) in waiting.into_iter().enumerate() {
            assert_eq!(answer.await.unwrap().unwrap(), n);
        }
    });
    blocker.join().unwrap().unwrap();
}

#[test]
fn a_panic_costs_its_caller_an_answer_and_nobody_else() {
    let db = Db::start(&Database::shared().url, 1).unwrap();
    System::new().block_on(async {
        let broken = db.on_session(|_| panic!("on purpose")).await;
        assert!(matches!(broken, Err::<(), _>(StorageError::Internal(_))));
        assert_eq!(db.on_session(|_| 7).await.unwrap(), 7);
    });
}
