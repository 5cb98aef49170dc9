//! The calls that may still be made: each is entered in a ledger before it is made, so that a process that dies
//! has made none that nobody counted, and a day's budget holds over all runs.

use std::pin::Pin;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;

use super::SpotifyError;

/// Calls that are entered at once where no budget is set.
const BLOCK: u32 = 50;

/// What a ledger grants.
#[derive(Debug, Clone, Copy)]
pub struct Granted {
    /// Calls entered; fewer than wanted when the budget is used up.
    pub calls: u32,
    /// Calls that the budget leaves after these; `None` without a budget.
    pub left: Option<u64>,
    /// When the first of the calls made in the last 24 hours no longer counts; `None` when there were none.
    pub frees_at: Option<DateTime<Utc>>,
}

/// Where calls are entered. It outlives the process.
pub trait CallLedger: Send + Sync {
    /// Enters up to `wanted` calls, as far as `budget` (calls in any 24 hours) leaves them.
    fn enter(
        &self,
        wanted: u32,
        budget: Option<u32>,
    ) -> Pin<Box<dyn Future<Output = Result<Granted, String>> + Send + '_>>;

    /// Strikes out calls that were entered and not made.
    fn give_back(&self, calls: u32) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send + '_>>;
}

pub(super) struct Allowance {
    ledger: Arc<dyn CallLedger>,
    budget: std::sync::Mutex<Budget>,
    /// Calls that are entered and not made yet. Held while more are entered.
    entered: Mutex<u32>,
}

#[derive(Clone, Copy)]
struct Budget {
    calls_a_day: Option<u32>,
    left: Option<u64>,
}

impl Allowance {
    pub(super) fn new(ledger: Arc<dyn CallLedger>, calls_a_day: Option<u32>) -> Self {
        Self {
            ledger,
            budget: std::sync::Mutex::new(Budget {
                calls_a_day,
                left: None,
            }),
            entered: Mutex::new(0),
        }
    }

    /// From now on so many calls in any 24 hours.
    pub(super) fn limit(&self, calls_a_day: Option<u32>) {
        self.budget().calls_a_day = calls_a_day;
    }

    /// Calls that the day's budget leaves, as far as is known; `None` without a budget.
    pub(super) fn left(&self) -> Option<u64> {
        let budget = self.budget();
        budget.calls_a_day.and(budget.left)
    }

    /// Asks the ledger what the budget leaves.
    pub(super) async fn look_up(&self) -> Result<Option<u64>, SpotifyError> {
        self.give_back().await?;
        self.enter(0).await?;
        Ok(self.left())
    }

    /// Enters the call that is about to be made.
    pub(super) async fn take(&self) -> Result<(), SpotifyError> {
        let mut entered = self.entered.lock().await;
        let has_budget = self.budget().calls_a_day.is_some();
        // a block that was entered before there was a budget would go past it
        if has_budget && *entered > 0 {
            self.ledger
                .give_back(std::mem::take(&mut *entered))
                .await
                .map_err(SpotifyError::Ledger)?;
        }
        if *entered == 0 {
            let granted = self.enter(if has_budget { 1 } else { BLOCK }).await?;
            if granted.calls == 0 {
                return Err(SpotifyError::BudgetSpent {
                    calls_a_day: self.budget().calls_a_day.unwrap_or_default(),
                    frees_at: granted.frees_at.unwrap_or_else(Utc::now),
                });
            }
            *entered = granted.calls;
        }
        *entered -= 1;
        Ok(())
    }

    /// Strikes out what was entered and not used.
    pub(super) async fn give_back(&self) -> Result<(), SpotifyError> {
        let mut entered = self.entered.lock().await;
        if *entered > 0 {
            let unused = std::mem::take(&mut *entered);
            self.ledger
                .give_back(unused)
                .await
                .map_err(SpotifyError::Ledger)?;
        }
        Ok(())
    }

    async fn enter(&self, wanted: u32) -> Result<Granted, SpotifyError> {
        let calls_a_day = self.budget().calls_a_day;
        let granted = self.ledger.enter(wanted, calls_a_day).await;
        let granted = granted.map_err(SpotifyError::Ledger)?;
        self.budget().left = granted.left;
        Ok(granted)
    }

    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
