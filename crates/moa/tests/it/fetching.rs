//! Fetching models from a hub that begins to send and then falls silent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use crate::project::Project;

/// The catalogue's smallest model.
pub(crate) const MODEL: &str = "smollm2-135m-instruct";
const BYTES: usize = 98_362_432;
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
/// More than ten percent of it.
const SENT_BYTES: usize = 12_000_000;

/// Starts the hub and gives its address. It serves until the test's process ends.
pub(crate) fn stalling_hub() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || serve(connection));
        }
    });
    address
}

fn serve(mut connection: TcpStream) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {BYTES}\r\nX-Linked-Size: {BYTES}\r\nX-Linked-Etag: \"{SHA256}\"\r\n\
         Connection: close\r\n\r\n"
    );
    // A client that leaves is what the tests are about.
    let _ = connection.write_all(head.as_bytes());
    if request.starts_with("GET") {
        let _ = connection.write_all(&vec![0; SENT_BYTES]);
        let _ = reader.read(&mut [0; 1]);
    }
}

/// `moa` with that hub as the only source.
pub(crate) fn online(project: &Project, hub: &str, arguments: &[&str]) -> Command {
    let mut command = project.moa(arguments);
    command.env_remove("MOA_OFFLINE").env("HF_ENDPOINT", hub).env("NO_PROXY", "127.0.0.1");
    command
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_a_model_is_fetched_keeps_what_has_arrived_and_says_so() {
    let hub = stalling_hub();
    for arguments in [&["ask", "--model", MODEL, "Why?"][..], &["models", "pull", MODEL]] {
        let project = Project::new();
        let mut child = online(&project, &hub, arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("10 % (") {
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "{said}");
        }
        if arguments[0] == "ask" {
            // In a pipe nobody can be asked: one line says what is fetched, how much, and to where.
            let line = said.lines().next().unwrap();
            assert!(line.starts_with("fetching smollm2-135m-instruct (98 MB) into "), "{said}");
        }
        crate::interrupts::signal("INT", child.id());
        stderr.read_to_string(&mut said).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{said}");
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("stopped; ") && last.contains(" MB of smollm2-135m-instruct are kept"),
            "{said}"
        );
        let listed = project.run(&["models", "list"]);
        assert!(listed.stdout.contains("% fetched"), "{listed}");
        assert_eq!(project.run(&["runs", "list"]).stdout, "no runs\n");
    }
}
