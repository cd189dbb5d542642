-- What an engine must know of the one before it, and how two engines share one database.

-- The switch on which a leg stands or a call was placed (OUTPACE_SWITCH): an engine takes over what is its switch's.
alter table agent_sessions
  add column switch     text not null default 'main',
  -- The leg and its bridge on the switch.
  add column channel_id text,
  add column bridge_id  text,
  -- What the agent comes back to when the engine or the switch was gone (dialer/agents/standing.ts).
  add column standing   jsonb;
alter table attempts add column switch text not null default 'main';
create index attempts_open on attempts (switch) where ended_at is null;

-- Raised by each engine that begins to dial the campaign; an attempt that carries an older number is not written.
alter table campaigns add column fence bigint not null default 0;
