-- Work at a time of the user's choosing. `doc` is what somebody wrote, `state` what came of it: a change and a run of a job do
-- not meet. `next_at` is when it is due next; NULL when it does not run by itself.
CREATE TABLE cron_jobs(
  id          INTEGER PRIMARY KEY,
  job_id      TEXT    NOT NULL UNIQUE,
  name        TEXT    NOT NULL,
  agent       TEXT,
  enabled     INTEGER NOT NULL,
  kind        TEXT    NOT NULL,
  next_at     INTEGER,
  last_status TEXT,
  updated     INTEGER NOT NULL,
  revision    INTEGER NOT NULL,
  doc         TEXT    NOT NULL,
  state       TEXT    NOT NULL
) STRICT;
CREATE INDEX cron_jobs_by_next ON cron_jobs(next_at IS NULL, next_at, id);
CREATE INDEX cron_jobs_by_updated ON cron_jobs(updated, id);
CREATE INDEX cron_jobs_by_name ON cron_jobs(name COLLATE NOCASE, id);

-- The times at which jobs were due. One row for a job, a source and a time, whoever asks and however often, so that neither a
-- restart nor a second look runs anything twice. Not bound to the job's row: history outlives the job.
CREATE TABLE cron_occurrences(
  id        INTEGER PRIMARY KEY,
  run_id    TEXT    NOT NULL UNIQUE,
  job_id    TEXT    NOT NULL,
  source    TEXT    NOT NULL,
  scheduled INTEGER NOT NULL,
  state     TEXT    NOT NULL,
  agent     TEXT,
  ended     INTEGER,
  delivery  TEXT,
  doc       TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX cron_occurrences_once ON cron_occurrences(job_id, source, scheduled);
CREATE INDEX cron_occurrences_open ON cron_occurrences(job_id, id) WHERE ended IS NULL;
CREATE INDEX cron_occurrences_by_job ON cron_occurrences(job_id, ended, id) WHERE ended IS NOT NULL;
CREATE INDEX cron_occurrences_by_end ON cron_occurrences(ended, id) WHERE ended IS NOT NULL;

-- What an agent is to be told with its next turn in a session.
CREATE TABLE system_events(
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  session_key TEXT    NOT NULL,
  ts          INTEGER NOT NULL,
  text        TEXT    NOT NULL
) STRICT;
CREATE INDEX system_events_by_session ON system_events(session_key, id);
