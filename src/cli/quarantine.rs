//! `firstpress quarantine`: list, retry and drop what could not be used.

use clap::{Args, Subcommand};

use super::database::Database;
use super::error::CliError;
use super::print;
use crate::config::Config;
use crate::quarantine::{self, Chosen, ItemName, Quarantine};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Options {
    /// List the items that were dropped too
    #[arg(long)]
    all: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Have the next run ask for items again, also for dropped ones
    Retry(Items),
    /// Have no run ask for items again, and list them no longer
    Drop(Items),
}

#[derive(Debug, Args)]
struct Items {
    /// As TYPE/ID, for instance album/4aawyAB9vmqN3uQ7FjRGTy
    #[arg(
        value_name = "TYPE/ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    items: Vec<ItemName>,
    /// All items that are not dropped
    #[arg(long)]
    all: bool,
}

pub(super) async fn quarantine(
    config: &Config,
    sandbox: bool,
    options: Options,
    json: bool,
) -> Result<u8, CliError> {
    Database::with(config, sandbox, async |database| {
        let db = &database.pool;
        match &options.action {
            None => {
                let listed = Quarantine::read(db, options.all).await;
                print(&listed.map_err(CliError::reading)?, json)
            }
            Some(Action::Retry(items)) => print(&quarantine::retry(db, &items.chosen()).await?, json),
            Some(Action::Drop(items)) => print(&quarantine::drop(db, &items.chosen()).await?, json),
        }
    })
    .await
}

impl Items {
    fn chosen(&self) -> Chosen {
        if self.all {
            Chosen::All
        } else {
            Chosen::These(self.items.clone())
        }
    }
}
