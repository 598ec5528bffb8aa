-- Tokens of agents: at most one each, as a hash.
CREATE TABLE agent_tokens(
  agent_id TEXT PRIMARY KEY NOT NULL,
  doc TEXT NOT NULL
) STRICT, WITHOUT ROWID;
