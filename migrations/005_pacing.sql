-- What pacing has learnt, so that a restart is warm. The abandonment ledger is not in it: that is a record, not an estimate.

create table pacing_memory (
  -- 'pacer:CAMPAIGN' or 'answer-model'.
  name     text primary key,
  -- The snapshot of its owner, opaque to SQL.
  saved    jsonb not null,
  saved_at timestamptz not null
);
