-- Who may steer the engine, and what they did.

create table api_keys (
  id         uuid primary key,
  name       text not null,
  role       text not null check (role in ('supervisor', 'operator', 'agent')),
  -- An agent's key acts for this agent only.
  agent_id   uuid references agents,
  -- SHA-256 of the key; keys are 256 random bits, so no salt is needed.
  hash       text not null unique,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  check ((role = 'agent') = (agent_id is not null))
);

create table audit (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default now(),
  actor   text not null,
  action  text not null,
  subject text not null,
  details jsonb not null default '{}'
);
create index audit_subject on audit (subject, at);
