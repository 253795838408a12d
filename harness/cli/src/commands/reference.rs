//! `assay reference serve`: the reference deployment for any client.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;

use crate::exit::{Code, Failure};
use crate::output::say;
use crate::reference::Embedded;
use crate::signals::{Order, Stopping};

/// `assay reference`.
#[derive(Debug, Subcommand)]
pub enum ReferenceCommand {
    /// Serve the reference deployment until ctrl-C, for any client.
    Serve {
        /// The address to listen on; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Where to write a clouds.yaml for it.
        #[arg(long, value_name = "FILE", default_value = "clouds.yaml")]
        clouds: PathBuf,
        /// Serve its bare metal by itself too, and write a deployment file for that here; the certificate of its Redfish service
        /// is written beside it, with the ending `.pem`.
        #[arg(long, value_name = "FILE")]
        deployment: Option<PathBuf>,
    },
}

/// How long it may take to end what is under way.
const ENDING: Duration = Duration::from_secs(2);

pub async fn run(command: ReferenceCommand) -> Result<Code, Failure> {
    let ReferenceCommand::Serve { listen, clouds, deployment } = command;
    let stopping =
        Stopping::orderly(Order { within: ENDING, ..Order::plain("the reference deployment ends", "ended") });
    let reference = Embedded::start(listen, deployment.is_some()).await?;
    let written = |path: &Path, text: &str, option: &str| {
        write(path, text).map_err(|error| {
            Failure::usage(format!("cannot write {}: {error}; name another file with {option}", path.display()))
        })
    };
    written(&clouds, reference.clouds_yaml(), "--clouds")?;
    say(&format!("the reference deployment, which is no product, serves {} until ctrl-C", reference.url()));
    say(&format!("export OS_CLIENT_CONFIG_FILE={} OS_CLOUD=reference", clouds.display()));
    if let Some(file) = deployment {
        let certificate = file.with_extension("pem");
        let name = certificate.file_name().unwrap_or_default().to_string_lossy();
        written(&file, &reference.deployment_yaml(&name)?, "--deployment")?;
        written(&certificate, reference.certificate(), "--deployment")?;
        say(&format!("its bare metal by itself: assay doctor --deployment {}", file.display()));
    }
    stopping.stopped().await;
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
