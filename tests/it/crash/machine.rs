//! How does a test kill a server? The real program as a process of its own, on a data directory of its own.

use std::fs;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use billwright::platform::postgres::Access;
use billwright::platform::random;
use diesel::prelude::*;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::harness::Client;

/// How long a start, with the recovery of its database, or an end may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A data directory, and the server on it when there is one.
pub struct Machine {
    data_dir: PathBuf,
    port: u16,
    server: Option<Child>,
    /// What its server is told beyond what every server of a test is.
    flags: Vec<String>,
    listener: Listener,
    /// The other end of its standard error, held and never read.
    unread: Option<PipeReader>,
}

/// Who listens to what the server says on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listener {
    /// A file.
    File,
    /// Nobody: it is closed.
    Closed,
    /// A pipe whose reader is gone.
    Gone,
    /// A pipe that is full, and that nobody reads.
    Full,
}

impl Machine {
    /// With a new data directory, running.
    pub fn started() -> Machine {
        Machine::started_with(&[])
    }

    /// The same with further flags.
    pub fn started_with(flags: &[&str]) -> Machine {
        Machine::heard_by(Listener::File, flags)
    }

    /// The same, with somebody else at its standard error.
    pub fn heard_by(listener: Listener, flags: &[&str]) -> Machine {
        let name = format!("crash_{:08x}", random::cheap_u32());
        let data_dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&data_dir).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let mut machine = Machine { data_dir, port, server: None, flags, listener, unread: None };
        machine.start();
        machine
    }

    /// Starts the server, and waits until it is ready.
    pub fn start(&mut self) {
        self.spawn();
        let client = Client::new(&self.url(), None);
        let begun = Instant::now();
        loop {
            let ready =
                client.request("GET", "/readyz").send().is_ok_and(|reply| reply.status().is_success());
            if ready {
                return;
            }
            let ended = self.server.as_mut().and_then(|server| server.try_wait().unwrap());
            assert!(ended.is_none(), "the server ended with {ended:?}; {}", self.log());
            assert!(begun.elapsed() < PATIENCE, "the server did not become ready; {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts the server, and does not wait.
    pub fn spawn(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = self.program(&["serve", "--db-threads", "2", "--shutdown-grace", "10"]);
        command.args(&self.flags).env("BILLWRIGHT_SECRETS_KEY", "a key of the tests");
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).process_group(0);
        match self.listener {
            Listener::File => drop(command.stderr(log)),
            Listener::Closed => command = without_standard_error(&command),
            Listener::Gone => drop(command.stderr(io::pipe().unwrap().1)),
            Listener::Full => {
                let (reader, writer) = io::pipe().unwrap();
                fill(&writer);
                command.stderr(writer);
                self.unread = Some(reader);
            }
        }
        self.server = Some(command.spawn().unwrap());
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// SIGSTOP: it stands still, and may be woken. Its database goes on.
    pub fn stand_still(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// SIGCONT: it goes on where it stood.
    pub fn wake(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let server = self.server.as_ref().unwrap();
        kill(Pid::from_raw(i32::try_from(server.id()).unwrap()), signal).unwrap();
    }

    /// SIGTERM, and waits for a good end.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        kill(Pid::from_raw(i32::try_from(server.id()).unwrap()), Signal::SIGTERM).unwrap();
        let begun = Instant::now();
        while server.try_wait().unwrap().is_none() {
            if begun.elapsed() > PATIENCE {
                server.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes a tenant that bills in dollars, where one is named with a clock that begins then; gives its `api_key` and `tenant_id`.
    pub fn tenant(&self, name: &str, begin: Option<&str>) -> Value {
        let mut create = vec!["tenants", "create", "--name", name, "--currency", "USD", "--json"];
        create.extend(begin.into_iter().flat_map(|begin| ["--clock", begin]));
        let made = self.run(&create);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        serde_json::from_slice(&made.stdout).unwrap()
    }

    /// Another command of the program on the same data directory.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.program(arguments).output().unwrap()
    }

    /// That command, to be started by someone else.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_billwright"));
        command.args(arguments).arg("--data-dir").arg(&self.data_dir).env_remove("DATABASE_URL");
        command
    }

    /// A command that finds the data directory in its environment.
    pub fn with_data_dir(&self, mut command: Command) -> Command {
        command.env("BILLWRIGHT_DATA_DIR", &self.data_dir).env_remove("DATABASE_URL");
        command
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A connection to the running server's database.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.database_url()).unwrap()
    }

    /// How to reach the running server's database.
    pub fn database_url(&self) -> String {
        Access::borrow(&self.data_dir).unwrap().unwrap().url().to_owned()
    }

    /// How much physical memory the server's process holds, in MB.
    pub fn memory_mb(&self) -> u64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.server.as_ref().unwrap().id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
    }

    /// Everything it has logged. Lines are written a moment after what they tell of: whoever wants them all stops the server first.
    pub fn logged(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The process of its database.
    pub fn postmaster(&self) -> Pid {
        let file = self.data_dir.join("postgres/cluster/postmaster.pid");
        let text = fs::read_to_string(file).unwrap();
        Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap())
    }

    fn log_file(&self) -> PathBuf {
        self.data_dir.with_extension("log")
    }

    /// The end of its log.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

/// The same command by a shell that closes standard error first.
fn without_standard_error(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"exec "$0" "$@" 2>&-"#]).arg(command.get_program()).args(command.get_args());
    shell.env_remove("DATABASE_URL").stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    shell
}

/// Writes until there is no room.
fn fill(mut pipe: &PipeWriter) {
    fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).unwrap();
    while pipe.write(&[b'.'; 512]).is_ok() {}
    fcntl(pipe, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
}

impl Drop for Machine {
    /// The data and the log of a failed test stay for whoever looks into it.
    fn drop(&mut self) {
        self.stop();
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.data_dir);
            let _ = fs::remove_file(self.log_file());
        }
    }
}
