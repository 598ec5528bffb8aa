-- What each turn used, one row for each; resets and deletions of its session leave it. Costs are US dollars.
CREATE TABLE usage_runs(
  id          INTEGER PRIMARY KEY,
  ts          INTEGER NOT NULL,
  session_key TEXT    NOT NULL,
  session_id  TEXT    NOT NULL,
  agent       TEXT    NOT NULL,
  provider    TEXT    NOT NULL,
  model       TEXT    NOT NULL,
  input       INTEGER NOT NULL,
  output      INTEGER NOT NULL,
  cache_read  INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  total       INTEGER NOT NULL,
  cost        REAL    NOT NULL,
  unpriced    INTEGER NOT NULL,
  cost_input  REAL    NOT NULL,
  cost_output REAL    NOT NULL,
  cost_read   REAL    NOT NULL,
  cost_write  REAL    NOT NULL,
  duration    INTEGER NOT NULL,
  asked       INTEGER NOT NULL,
  answered    INTEGER NOT NULL,
  failed      INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_runs_by_ts ON usage_runs(ts);
CREATE INDEX usage_runs_by_session ON usage_runs(session_key, ts);

-- The same in sums of a quarter of an hour, the least by which time zones differ, so that a year is read in no time.
CREATE TABLE usage_slots(
  slot        INTEGER NOT NULL,
  agent       TEXT    NOT NULL,
  provider    TEXT    NOT NULL,
  model       TEXT    NOT NULL,
  runs        INTEGER NOT NULL,
  input       INTEGER NOT NULL,
  output      INTEGER NOT NULL,
  cache_read  INTEGER NOT NULL,
  cache_write INTEGER NOT NULL,
  total       INTEGER NOT NULL,
  cost        REAL    NOT NULL,
  unpriced    INTEGER NOT NULL,
  cost_input  REAL    NOT NULL,
  cost_output REAL    NOT NULL,
  cost_read   REAL    NOT NULL,
  cost_write  REAL    NOT NULL,
  duration    INTEGER NOT NULL,
  longest     INTEGER NOT NULL,
  shortest    INTEGER NOT NULL,
  asked       INTEGER NOT NULL,
  answered    INTEGER NOT NULL,
  failed      INTEGER NOT NULL,
  PRIMARY KEY(slot, agent, provider, model)
) STRICT, WITHOUT ROWID;

-- What earlier turns used, as far as their outcomes tell. Turns that were answered together have one outcome.
INSERT INTO usage_runs(ts, session_key, session_id, agent, provider, model, input, output, cache_read, cache_write, total, cost,
                       unpriced, cost_input, cost_output, cost_read, cost_write, duration, asked, answered, failed)
SELECT r.ended, r.session_key, coalesce(s.session_id, ''),
       coalesce(s.agent, nullif(substr(r.session_key, 7, instr(substr(r.session_key, 7) || ':', ':') - 1), ''), 'main'),
       r.outcome ->> '$.provider', r.outcome ->> '$.model',
       coalesce(r.outcome ->> '$.usage.input', 0), coalesce(r.outcome ->> '$.usage.output', 0),
       coalesce(r.outcome ->> '$.usage.cacheRead', 0), coalesce(r.outcome ->> '$.usage.cacheWrite', 0),
       coalesce(r.outcome ->> '$.usage.totalTokens', 0), coalesce(CAST(r.outcome ->> '$.usage.cost.total' AS REAL), 0.0),
       r.outcome ->> '$.usage.cost.total' IS NULL, 0.0, 0.0, 0.0, 0.0,
       coalesce(r.outcome ->> '$.durationMs', 0), count(*), r.state <> 'error', r.state = 'error'
FROM runs r LEFT JOIN sessions s ON s.key = r.session_key
WHERE r.ended IS NOT NULL AND r.outcome ->> '$.provider' <> '' AND r.outcome ->> '$.model' IS NOT NULL
GROUP BY r.session_key, r.ended, r.outcome;

INSERT INTO usage_slots
SELECT ts / 900000, agent, provider, model, count(*), sum(input), sum(output), sum(cache_read), sum(cache_write), sum(total),
       sum(cost), sum(unpriced), sum(cost_input), sum(cost_output), sum(cost_read), sum(cost_write), sum(duration), max(duration),
       min(duration), sum(asked), sum(answered), sum(failed)
FROM usage_runs GROUP BY ts / 900000, agent, provider, model;

-- Searching what was said goes from the newest line to its session.
CREATE UNIQUE INDEX sessions_by_transcript ON sessions(transcript);
