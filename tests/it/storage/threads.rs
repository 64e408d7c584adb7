//! What happens when more is asked of the database than it can do, or something breaks on the way?

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use actix_web::rt::System;
use billwright::domain::ids::TenantId;
use billwright::storage::{Db, Session, StorageError};
use uuid::Uuid;

use crate::harness::Database;

#[test]
fn a_full_queue_answers_busy_at_once_and_drains_when_it_can() {
    let db = Db::start(&Database::shared().url, 1).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (begun, running) = mpsc::channel::<()>();
    let blocker = {
        let db = db.clone();
        thread::spawn(move || {
            System::new().block_on(db.on_session(None, move |_| {
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
                    async move { db.on_session(None, move |_| n).await }
                })
            })
            .collect();
        // Lets each of them put its work into the queue.
        while db.waiting() < 1024 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(db.on_session(None, |_| 0).await, Err(StorageError::Busy)));
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
        let broken = db.on_session(None, |_| panic!("on purpose")).await;
        assert!(matches!(broken, Err::<(), _>(StorageError::Internal(_))));
        assert_eq!(db.on_session(None, |_| 7).await.unwrap(), 7);
    });
}

#[test]
fn work_of_one_tenant_that_does_not_end_leaves_threads_to_the_others() {
    let db = Db::start(&Database::shared().url, 4).unwrap();
    let [hog, other] = [1, 2].map(|n| Some(TenantId::from_uuid(Uuid::from_u128(n))));
    let (release, held) = crossbeam_channel::bounded::<()>(0);
    let (begun, running) = mpsc::channel::<usize>();
    System::new().block_on(async {
        let spawn = |n| {
            let (db, begun, held) = (db.clone(), begun.clone(), held.clone());
            actix_web::rt::spawn(async move {
                let work = move |_: &mut Session| {
                    begun.send(n).unwrap();
                    let _ = held.recv();
                };
                db.on_session(hog, work).await
            })
        };
        let hogging: Vec<_> = (0..32).map(spawn).collect();
        while db.waiting() < 30 {
            tokio::task::yield_now().await;
        }
        for n in 0..100 {
            assert_eq!(db.on_session(other, move |_| n).await.unwrap(), n);
        }
        assert_eq!((running.try_iter().count(), db.waiting()), (2, 30));
        drop(release);
        for answer in hogging {
            answer.await.unwrap().unwrap();
        }
    });
}

#[test]
fn whose_caller_is_gone_before_it_begins_is_not_begun() {
    let db = Db::start(&Database::shared().url, 1).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let (begun, running) = mpsc::channel::<()>();
    System::new().block_on(async {
        let blocking = {
            let db = db.clone();
            let work = move |_: &mut Session| {
                begun.send(()).unwrap();
                held.recv().unwrap();
            };
            actix_web::rt::spawn(async move { db.on_session(None, work).await })
        };
        while running.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
        let gone = tokio::time::timeout(Duration::from_millis(20), db.on_session(None, |_| panic!("begun")));
        assert!(gone.await.is_err());
        release.send(()).unwrap();
        blocking.await.unwrap().unwrap();
        assert_eq!(db.on_session(None, |_| 7).await.unwrap(), 7);
    });
}
