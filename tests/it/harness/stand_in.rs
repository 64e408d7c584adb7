//! Who stands in for a server elsewhere? A listener at an address of its own until the test ends, each connection on a thread of its own.

use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Serves every connection so, and gives the address.
pub fn stand_in(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream));
        }
    });
    url
}
