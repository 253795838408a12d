//! A browser without a window, and a page of a file in it, seen and used through the `DevTools` protocol.
//!
//! The protocol goes through two pipes, so that nothing listens and nothing but the browser's own end of them can speak to it.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Names that systems have for it.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// With the value `required`, a machine without it fails the tests that need it.
const REQUIRED: &str = "ASSAY_BROWSER";
/// What never takes so long, unless it hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A running browser, which ends with this.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    number: u64,
    events: VecDeque<Value>,
    folder: TempDir,
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    PROGRAMS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

impl Browser {
    /// Starts one. Without the program the tests do without it, and say so past the test runner, which keeps to itself what a
    /// passing test prints.
    pub fn start() -> Option<Self> {
        let Some(program) = find() else {
            let missing = "the pages were not opened in a browser: no chromium here; apt-get install chromium";
            assert!(std::env::var(REQUIRED).as_deref() != Ok("required"), "{missing}");
            std::io::stderr().write_all(format!("warning: {missing}\n").as_bytes()).unwrap();
            return None;
        };
        let folder = TempDir::new().unwrap();
        let said = std::fs::File::create(folder.path().join("log")).unwrap();
        // The shell gives the browser its pipes under the numbers that it looks for them.
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(program);
        command.args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--disable-quic"]);
        command.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
        ]);
        command.args(["--disable-extensions", "--window-size=1280,900", "--lang=en"]);
        let user = Command::new("id").arg("-u").output().unwrap();
        if user.stdout.trim_ascii() == b"0" {
            // Its sandbox refuses to be started by root.
            command.arg("--no-sandbox");
        }
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        command.env("HOME", folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(said);
        let mut child = command.spawn().unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let Ok(message) = message else { break };
                if send.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
            }
        });
        Some(Self { child, commands, messages, number: 0, events: VecDeque::new(), folder })
    }

    /// Sends a command and waits for its result.
    fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut command = json!({"id": self.number, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes).and_then(|()| self.commands.flush());
        assert!(sent.is_ok(), "the browser takes no {method}: {}", self.said());
        loop {
            let message = self.receive(method);
            if message["id"] == self.number {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    fn receive(&mut self, why: &str) -> Value {
        self.messages.recv_timeout(HANGS).unwrap_or_else(|error| panic!("no answer to {why}, {error}: {}", self.said()))
    }

    /// Waits for an event of a session; those before it are kept.
    fn wait(&mut self, session: &str, method: &str) {
        let is = |event: &Value| event["method"] == method && event["sessionId"] == session;
        if self.events.iter().any(is) {
            return;
        }
        loop {
            let event = self.receive(method);
            let found = is(&event);
            self.events.push_back(event);
            if found {
                return;
            }
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Opens a file in a page of its own, as a double click on it would.
    pub fn open(&mut self, file: &Path) -> Page<'_> {
        let url = format!("file://{}", file.canonicalize().unwrap().display());
        let target = self.call(None, "Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call(None, "Target.attachToTarget", attach)["sessionId"].as_str().unwrap().to_owned();
        self.events.clear();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(Some(&session), &format!("{domain}.enable"), json!({}));
        }
        self.call(Some(&session), "Page.navigate", json!({"url": url}));
        self.wait(&session, "Page.loadEventFired");
        Page { browser: self, session, url }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its own processes when it is told to; this process and no other is ended where it does not.
        let _ = self.commands.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page that is open.
pub struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
    url: String,
}

impl Page<'_> {
    /// What an expression of JavaScript comes to. What it does is what a user does with a mouse and a keyboard.
    pub fn ask(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.browser.call(Some(&self.session), "Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// How many elements a selector finds.
    pub fn count(&mut self, selector: &str) -> u64 {
        self.ask(&format!("document.querySelectorAll({}).length", json!(selector))).as_u64().unwrap()
    }

    /// How many of them can be seen: they have a place in the layout.
    pub fn seen(&mut self, selector: &str) -> u64 {
        let selector = json!(selector);
        let seen = "one => one.checkVisibility() && one.getClientRects().length > 0";
        self.ask(&format!("[...document.querySelectorAll({selector})].filter({seen}).length")).as_u64().unwrap()
    }

    /// The text of the first one.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.ask(&format!("document.querySelector({}).textContent.trim()", json!(selector)));
        text.as_str().unwrap().to_owned()
    }

    pub fn click(&mut self, selector: &str) {
        self.ask(&format!("document.querySelector({}).click()", json!(selector)));
    }

    /// Writes into a field, or chooses an option.
    pub fn fill(&mut self, selector: &str, value: &str) {
        self.ask(&format!(
            "(field => {{ field.value = {}; for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{bubbles: true}})); }})\
             (document.querySelector({}))",
            json!(value),
            json!(selector)
        ));
    }

    /// What went wrong, and what was asked of anyone, since it was opened.
    pub fn wrong(mut self) -> Vec<String> {
        // Whatever happens soon has happened once two frames were drawn and a moment has passed.
        self.ask(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))",
        );
        let (session, url) = (self.session.clone(), self.url.clone());
        let mut wrong = Vec::new();
        let mut documents = 0;
        for event in self.browser.events.drain(..).filter(|event| event["sessionId"] == session.as_str()) {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" => wrong.push(format!("exception: {}", parameters["exceptionDetails"])),
                "Runtime.consoleAPICalled" => wrong.push(format!("console: {}", parameters["args"])),
                "Log.entryAdded" => wrong.push(format!("log: {}", parameters["entry"])),
                "Network.requestWillBeSent" if parameters["request"]["url"] == url.as_str() => documents += 1,
                "Network.requestWillBeSent" => wrong.push(format!("request: {}", parameters["request"]["url"])),
                "Network.webSocketCreated" => wrong.push(format!("request: {}", parameters["url"])),
                _ => {}
            }
        }
        if documents != 1 {
            wrong.push(format!("the page itself was read {documents} times"));
        }
        wrong
    }
}
