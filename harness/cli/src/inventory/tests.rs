//! The same machines, said in each of the forms.

use super::*;

/// What each form says: hosts, with the address of each, whoever says it.
const WANTED: [(&str, &str); 3] =
    [("rack-01", "https://192.0.2.1"), ("rack-02", "https://192.0.2.9"), ("spare", "https://192.0.2.9")];

fn read(name: &str, text: &str) -> Result<Inventory, InventoryError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    #[cfg(unix)]
    if text.starts_with("#!") {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    Inventory::read(&path)
}

#[track_caller]
fn says_the_same(name: &str, text: &str) {
    let hosts = read(name, text).unwrap().hosts_of("metal").unwrap();
    let found: Vec<_> = hosts.iter().map(|host| (host.name.clone(), host.text("baseuri").unwrap().unwrap())).collect();
    assert_eq!(found, WANTED.map(|(host, uri)| (host.to_owned(), uri.to_owned())));
    assert_eq!(hosts[0].text("username").unwrap().as_deref(), Some("root"), "what all have");
}

const YAML: &str = "
all:
  vars: {username: root, baseuri: none}
  children:
    metal:
      vars: {baseuri: 'https://192.0.2.9'}
      children:
        racks:
          hosts:
            rack-[01:02]:
            rack-01: {baseuri: 'https://192.0.2.1'}
        spares: {hosts: {spare: }}
    other: {hosts: {elsewhere: {baseuri: x}}}
";

const INI: &str = r#"
lonely
[racks]
rack-[01:02]   # two of them
rack-01 baseuri="https://192.0.2.1"
[spares]
spare
; a comment
[metal:children]
racks
spares
[metal:vars]
baseuri = 'https://192.0.2.9'
[all:vars]
username=root
"#;

const LIST: &str = r#"{"all": {"children": ["metal", "ungrouped"], "vars": {"username": "root"}},
  "metal": {"children": ["racks", "spares"], "vars": {"baseuri": "https://192.0.2.9"}},
  "racks": {"hosts": ["rack-01", "rack-02"]}, "spares": ["spare"]"#;

#[test]
fn every_form_of_an_inventory_says_the_same() {
    says_the_same("hosts.yaml", YAML);
    says_the_same("hosts", INI);
    let meta = format!(r#"{LIST}, "_meta": {{"hostvars": {{"rack-01": {{"baseuri": "https://192.0.2.1"}}}}}}}}"#);
    says_the_same("hosts.json", &meta);
    says_the_same("program", &format!("#!/bin/sh\ncat <<'END'\n{meta}\nEND\n"));
    let host = "[ \"$2\" = rack-01 ] && echo '{\"baseuri\": \"https://192.0.2.1\"}' || echo '{}'";
    says_the_same(
        "each",
        &format!("#!/bin/sh\nif [ \"$1\" = --host ]; then {host}; exit; fi\ncat <<'END'\n{LIST}}}\nEND\n"),
    );
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let error = |name: &str, text: &str| read(name, text).unwrap_err().to_string();
    assert!(error("hosts.yaml", "all: [a]").contains("group `all` is no mapping"));
    assert!(error("hosts.yaml", "all: {host: {}}").contains("`hosts`, `vars` and `children`"));
    assert!(error("hosts", "[metal\nx").contains("line 1"));
    assert!(error("hosts", "[metal]\na b").contains("line 2: `b` is no `variable=value`"));
    assert!(error("hosts", "[metal:varz]\n").contains("`:vars`"));
    assert!(error("hosts", "[metal]\nnode[1:99999999]").contains("more than 10000 hosts"));
    assert!(error("hosts", "[metal]\nnode[3:1]").contains("no name of hosts"));
    assert!(error("program", "#!/bin/sh\nexit 3\n").contains("exit status: 3"));
    assert!(error("program", "#!/bin/sh\necho hello\n").contains("no JSON"));
    let none = read("hosts.yaml", YAML).unwrap().hosts_of("rack").unwrap_err().to_string();
    assert!(none.contains("no group `rack`; it has all, metal, other, racks, spares"), "{none}");
}

#[test]
fn what_needs_ansible_itself_is_left_to_it() {
    let text = "metal: {hosts: {a: {x: '{{ lookup }}', y: !vault 'abc', z: [1]}}}";
    let hosts = read("hosts.yaml", text).unwrap().hosts_of("metal").unwrap();
    for (variable, word) in [("x", "template"), ("y", "encrypted"), ("z", "no text")] {
        let error = hosts[0].text(variable).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("host `a`") && !error.contains("abc"), "{error}");
    }
    assert_eq!(hosts[0].text("w").unwrap(), None);
}

#[test]
fn a_group_within_itself_comes_to_an_end() {
    let inventory = read("hosts", "[a:children]\nb\n[b:children]\na\n[b]\nhost\n").unwrap();
    assert_eq!(inventory.hosts_of("a").unwrap().len(), 1);
}

#[test]
fn many_hosts_and_groups_take_no_longer_than_reading_them() {
    let begun = std::time::Instant::now();
    let hosts: String = (0..20_000).map(|host| format!("host{host}\n")).collect();
    let chain: String = (0..2_000).map(|group| format!("[g{group}:children]\ng{}\n", group + 1)).collect();
    let text = format!("[g]\n{hosts}[g2000]\nlast\n{chain}[g1999:vars]\nx=inner\n[g1:vars]\nx=outer\n");
    let inventory = read("hosts", &text).unwrap();
    assert_eq!(inventory.hosts_of("g").unwrap().len(), 20_000);
    let last = inventory.hosts_of("g0").unwrap();
    assert_eq!(last[0].text("x").unwrap().as_deref(), Some("inner"), "the innermost group has the last word");
    assert_eq!(inventory.hosts_of("all").unwrap().len(), 20_001);
    // Groups that stand in themselves come to an end as well.
    let rings: String = (0..2_000).map(|group| format!("[r{group}:children]\nr{}\n", (group + 1) % 2_000)).collect();
    assert_eq!(read("hosts", &format!("[r7]\nhost\n{rings}")).unwrap().hosts_of("r0").unwrap().len(), 1);
    let wide: String = (0..60).map(|group| format!("[w{group}:children]\nw{}\n", group + 1)).collect();
    let text = format!("[w60]\n{hosts}{wide}");
    let error = read("hosts", &text).unwrap().hosts_of("w0").unwrap_err().to_string();
    assert!(error.contains("pairs of a host and a group"), "{error}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn merge_keys_hold_in_variables_and_in_hosts() {
    let text = "
all:
  vars:
    oob: &oob {username: root, password: &word hush}
    more: &more {<<: *oob, port: 1}
  children:
    metal:
      hosts: &stage
        one: {<<: *more, baseuri: 'https://192.0.2.1', username: admin}
    staging:
      hosts:
        <<: *stage
        two: {<<: [{port: 2}, *more], password: *word}
";
    let inventory = read("hosts.yaml", text).unwrap();
    let hosts = inventory.hosts_of("staging").unwrap();
    let said = |at: usize, key: &str| hosts[at].text(key).unwrap().unwrap_or_default();
    assert_eq!(hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!((said(0, "username"), said(0, "password"), said(0, "port")), ("root".into(), "hush".into(), "2".into()));
    assert_eq!(
        (said(1, "username"), said(1, "password"), said(1, "port")),
        ("admin".into(), "hush".into(), "1".into())
    );
    let error = read("hosts.yaml", "all:\n  hosts:\n    one: {<<: [text]}\n").unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("a merge key"), "{error}");
}

#[test]
fn files_beside_an_inventory_say_more_of_its_groups_and_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("hosts.yaml", YAML);
    write("group_vars/all.yml", "username: all\nbaseuri: 'https://192.0.2.8'\n");
    write("group_vars/racks/10-first.yml", "username: early\n");
    write("group_vars/racks/20-second", "username: racks\n");
    write("group_vars/racks/.20-second.swp", "\u{0}");
    write("host_vars/rack-02.json", r#"{"baseuri": "https://192.0.2.7"}"#);
    let inventory = Inventory::read(&folder.path().join("hosts.yaml")).unwrap();
    let hosts = inventory.hosts_of("metal").unwrap();
    let said = |key: &str| hosts.iter().map(|host| host.text(key).unwrap().unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!(said("username"), ["racks", "racks", "all"]);
    // As `ansible-inventory --list` answers: what the inventory says of a host stands above what files say of its groups.
    assert_eq!(said("baseuri"), ["https://192.0.2.1", "https://192.0.2.7", "https://192.0.2.8"]);
    write("group_vars/metal.yml", "$ANSIBLE_VAULT;1.1;AES256\n00\n");
    let error = Inventory::read(&folder.path().join("hosts.yaml")).unwrap_err().to_string();
    assert!(error.contains("metal.yml") && error.contains("ansible-inventory --list"), "{error}");
}
