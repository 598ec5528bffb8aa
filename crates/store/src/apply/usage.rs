//! What turns used.

use openclaw_core::usage::UsedTurn;
use rusqlite::params;

use super::Applying;
use crate::error::Fail;

/// The least by which time zones differ, milliseconds.
pub(crate) const SLOT_MS: i64 = 15 * 60 * 1000;

pub(super) fn keep(at: &Applying<'_>, turn: &UsedTurn) -> Result<(), Fail> {
    let UsedTurn { ts, session_key, agent_id, provider, model, sums } = turn;
    at.connection
        .prepare_cached(
            "INSERT INTO usage_runs(ts, session_key, session_id, agent, provider, model, input, output, cache_read, cache_write, total,
             cost, unpriced, cost_input, cost_output, cost_read, cost_write, duration, asked, answered, failed)
             VALUES(?1, ?2, coalesce((SELECT session_id FROM sessions WHERE key = ?2), ''), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
             ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        )?
        .execute(params![
            ts,
            session_key.as_str(),
            agent_id.as_str(),
            provider,
            model,
            sums.input,
            sums.output,
            sums.cache_read,
            sums.cache_write,
            sums.total,
            sums.cost,
            sums.unpriced,
            sums.cost_input,
            sums.cost_output,
            sums.cost_cache_read,
            sums.cost_cache_write,
            sums.duration_ms,
            sums.asked,
            sums.answered,
            sums.failed,
        ])?;
    at.connection
        .prepare_cached(
            "INSERT INTO usage_slots(slot, agent, provider, model, runs, input, output, cache_read, cache_write, total, cost, unpriced,
             cost_input, cost_output, cost_read, cost_write, duration, longest, shortest, asked, answered, failed)
             VALUES(?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16, ?16, ?17, ?18, ?19)
             ON CONFLICT(slot, agent, provider, model) DO UPDATE SET runs = runs + 1, input = input + excluded.input,
             output = output + excluded.output, cache_read = cache_read + excluded.cache_read,
             cache_write = cache_write + excluded.cache_write, total = total + excluded.total, cost = cost + excluded.cost,
             unpriced = unpriced + excluded.unpriced, cost_input = cost_input + excluded.cost_input,
             cost_output = cost_output + excluded.cost_output, cost_read = cost_read + excluded.cost_read,
             cost_write = cost_write + excluded.cost_write, duration = duration + excluded.duration,
             longest = max(longest, excluded.longest), shortest = min(shortest, excluded.shortest),
             asked = asked + excluded.asked, answered = answered + excluded.answered, failed = failed + excluded.failed",
        )?
        .execute(params![
            ts.div_euclid(SLOT_MS),
            agent_id.as_str(),
            provider,
            model,
            sums.input,
            sums.output,
            sums.cache_read,
            sums.cache_write,
            sums.total,
            sums.cost,
            sums.unpriced,
            sums.cost_input,
            sums.cost_output,
            sums.cost_cache_read,
            sums.cost_cache_write,
            sums.duration_ms,
            sums.asked,
            sums.answered,
            sums.failed,
        ])?;
    Ok(())
}
