-- What people are asked. `doc` holds everything; the columns are what is looked for.
CREATE TABLE approvals(
  id          INTEGER PRIMARY KEY,
  approval_id TEXT    NOT NULL UNIQUE,
  kind        TEXT    NOT NULL,
  created     INTEGER NOT NULL,
  expires     INTEGER NOT NULL,
  ended       INTEGER,
  doc         TEXT    NOT NULL
) STRICT;
CREATE INDEX approvals_pending ON approvals(id) WHERE ended IS NULL;
CREATE INDEX approvals_ended ON approvals(ended, id) WHERE ended IS NOT NULL;

-- Standing permissions. At most one that was not taken back for each plan.
CREATE TABLE exec_grants(
  id       INTEGER PRIMARY KEY,
  grant_id TEXT    NOT NULL UNIQUE,
  plan     TEXT    NOT NULL,
  created  INTEGER NOT NULL,
  revoked  INTEGER,
  doc      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX exec_grants_by_plan ON exec_grants(plan) WHERE revoked IS NULL;
