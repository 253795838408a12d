//! `assay reference serve`: the reference deployment for any client.

use std::path::Path;

use crate::args::ReferenceCommand;
use crate::exit::{Code, Failure};
use crate::output::say;
use crate::reference::Embedded;

pub async fn run(command: ReferenceCommand) -> Result<Code, Failure> {
    let ReferenceCommand::Serve { listen, clouds, deployment } = command;
    let reference = Embedded::start(listen, deployment.is_some()).await?;
    let written = |path: &Path, text: &str, option: &str| {
        write(path, text).map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}; name another file with {option}", path.display()))
        })
    };
    written(&clouds, &reference.clouds_yaml(), "--clouds")?;
    say(&format!("the reference deployment, which is no product, serves {} until ctrl-C", reference.url()));
    say(&format!("export OS_CLIENT_CONFIG_FILE={} OS_CLOUD=reference", clouds.display()));
    if let Some(file) = deployment {
        let certificate = file.with_extension("pem");
        let name = certificate.file_name().unwrap_or_default().to_string_lossy();
        written(&file, &reference.deployment_yaml(&name)?, "--deployment")?;
        written(&certificate, reference.certificate(), "--deployment")?;
        say(&format!("its bare metal by itself: assay doctor --deployment {}", file.display()));
    }
    // Whether it was ctrl-C or could not be waited for, the end is the same.
    let _ = tokio::signal::ctrl_c().await;
    reference.stop().await;
    Ok(Code::Done)
}

/// Writes a file that holds passwords: it must be new, and nobody else may read it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
