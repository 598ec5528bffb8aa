-- Machines that offer commands, what an owner has to decide about each, and work that waits for those that sleep.
CREATE TABLE nodes(
  node_id TEXT PRIMARY KEY,
  doc     TEXT NOT NULL
) STRICT;

-- At most one for each node: what it asked for last.
CREATE TABLE node_requests(
  node_id    TEXT PRIMARY KEY,
  request_id TEXT NOT NULL UNIQUE,
  doc        TEXT NOT NULL
) STRICT;

CREATE TABLE node_work(
  id      INTEGER PRIMARY KEY,
  work_id TEXT    NOT NULL UNIQUE,
  node_id TEXT    NOT NULL,
  expires INTEGER NOT NULL,
  doc     TEXT    NOT NULL
) STRICT;
CREATE INDEX node_work_by_node ON node_work(node_id, id);
CREATE INDEX node_work_by_expiry ON node_work(expires);
