-- Programs that clients had started. `ended` is NULL while one may still run.
CREATE TABLE spawns(
  id       INTEGER PRIMARY KEY,
  spawn_id TEXT    NOT NULL UNIQUE,
  ended    INTEGER,
  doc      TEXT    NOT NULL
) STRICT;
CREATE INDEX spawns_unfinished ON spawns(id) WHERE ended IS NULL;
