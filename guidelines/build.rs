//! Lists the guideline files, so that a file that is dropped into a family's folder is embedded without further ado.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders of the package that hold no guidelines.
const OTHER: [&str; 3] = ["src", "tests", "target"];

/// What says what holds for all guidelines of a family, and is none itself.
const FAMILY: &str = "family";

/// What says how the capabilities of a family were scored, and is no guideline either.
const WORKSHEET: &str = "worksheet";

fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut list = String::from("&[\n");
    let mut families = String::from("&[\n");
    let mut worksheets = String::from("&[\n");
    println!("cargo::rerun-if-changed={}", package.display());
    for family in sorted(&package)? {
        let name = file_name(&family);
        if !family.is_dir() || name.starts_with('.') || OTHER.contains(&name.as_str()) {
            continue;
        }
        println!("cargo::rerun-if-changed={}", family.display());
        for (file, list) in [(FAMILY, &mut families), (WORKSHEET, &mut worksheets)] {
            let path = family.join(format!("{file}.yaml"));
            if path.is_file() {
                let _ = writeln!(list, "    ({name:?}, include_str!({:?})),", path.display().to_string());
            }
        }
        for file in sorted(&family)? {
            if let Some(version) =
                file_name(&file).strip_suffix(".yaml").filter(|version| ![FAMILY, WORKSHEET].contains(version))
            {
                let _ = writeln!(
                    list,
                    "    ({:?}, include_str!({:?})),",
                    format!("{name}/{version}"),
                    file.display().to_string()
                );
            }
        }
    }
    list.push(']');
    families.push(']');
    worksheets.push(']');
    fs::write(out.join("worksheets.rs"), worksheets)?;
    fs::write(out.join("families.rs"), families)?;
    fs::write(out.join("embedded.rs"), list)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
