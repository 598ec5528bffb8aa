-- Conversations. `revision` is the number of the last audit record that touched the row.
CREATE TABLE sessions(
  id            INTEGER PRIMARY KEY,
  key           TEXT    NOT NULL UNIQUE,
  session_id    TEXT    NOT NULL,
  agent         TEXT    NOT NULL,
  label         TEXT,
  archived      INTEGER NOT NULL,
  created       INTEGER NOT NULL,
  updated       INTEGER NOT NULL,
  revision      INTEGER NOT NULL,
  transcript    INTEGER NOT NULL,
  last_seq      INTEGER NOT NULL,
  message_count INTEGER NOT NULL,
  aborted       INTEGER NOT NULL,
  totals        TEXT    NOT NULL,
  settings      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX sessions_by_id ON sessions(session_id);
CREATE UNIQUE INDEX sessions_by_label ON sessions(label) WHERE label IS NOT NULL;
-- Not unique: one transaction may touch several sessions.
CREATE INDEX sessions_by_revision ON sessions(revision);
CREATE INDEX sessions_by_agent ON sessions(agent, revision);

-- Sessions per agent, so that counting does not read them all.
CREATE TABLE session_counts(
  agent    TEXT    NOT NULL,
  archived INTEGER NOT NULL,
  n        INTEGER NOT NULL,
  PRIMARY KEY(agent, archived)
) STRICT, WITHOUT ROWID;

-- One row per transcript. A reset, a compaction and a deletion that keeps the text end a transcript instead of moving its lines.
CREATE TABLE transcripts(
  id          INTEGER PRIMARY KEY,
  session_key TEXT    NOT NULL,
  session_id  TEXT    NOT NULL,
  started     INTEGER NOT NULL,
  ended       INTEGER,
  why         TEXT,
  messages    INTEGER
) STRICT;
CREATE INDEX transcripts_archived ON transcripts(session_key) WHERE ended IS NOT NULL;

CREATE TABLE messages(
  id         INTEGER PRIMARY KEY,
  transcript INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  message_id TEXT    NOT NULL,
  ts         INTEGER NOT NULL,
  run_id     TEXT,
  body       TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages(transcript, seq);

CREATE TABLE runs(
  id           INTEGER PRIMARY KEY,
  run_id       TEXT    NOT NULL UNIQUE,
  session_key  TEXT    NOT NULL,
  principal    TEXT    NOT NULL,
  request_hash TEXT    NOT NULL,
  state        TEXT    NOT NULL,
  accepted     INTEGER NOT NULL,
  started      INTEGER,
  ended        INTEGER,
  outcome      TEXT
) STRICT;
CREATE INDEX runs_by_session ON runs(session_key, id);
CREATE INDEX runs_unfinished ON runs(id) WHERE ended IS NULL;

CREATE TABLE devices(
  device_id TEXT PRIMARY KEY,
  doc       TEXT NOT NULL
) STRICT;

CREATE TABLE pairing_requests(
  request_id TEXT    PRIMARY KEY,
  ts         INTEGER NOT NULL,
  doc        TEXT    NOT NULL
) STRICT;
CREATE INDEX pairing_requests_by_ts ON pairing_requests(ts);

-- AUTOINCREMENT: a number is never given twice.
CREATE TABLE agents(
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  agent_id TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE settings(
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE idempotency(
  scope        TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  request_hash TEXT    NOT NULL,
  seq          INTEGER NOT NULL,
  ts           INTEGER NOT NULL,
  expires      INTEGER NOT NULL,
  reply        TEXT    NOT NULL,
  PRIMARY KEY(scope, key)
) STRICT;
CREATE INDEX idempotency_by_expiry ON idempotency(expires);

-- Who did what, each record chained to the one before.
CREATE TABLE audit(
  seq   INTEGER PRIMARY KEY,
  ts    INTEGER NOT NULL,
  event TEXT    NOT NULL,
  actor TEXT    NOT NULL,
  doc   TEXT    NOT NULL,
  prev  BLOB    NOT NULL,
  hash  BLOB    NOT NULL
) STRICT;

-- Where the chain ends, so that cutting off its newest records shows.
CREATE TABLE audit_head(
  id   INTEGER PRIMARY KEY CHECK(id = 1),
  seq  INTEGER NOT NULL,
  hash BLOB    NOT NULL
) STRICT;
INSERT INTO audit_head(id, seq, hash) VALUES(1, 0, zeroblob(32));
