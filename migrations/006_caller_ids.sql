-- Numbers we own: where they belong, what may be asked of them, whether people reach us on them, and how they do.

alter table caller_ids
  -- Under whose name it calls: ours, or a client's.
  add column brand text,
  -- Area code, from the number itself; null: mobile, or a plan without areas.
  add column area text,
  -- Attempts in the last 24 hours, and in the last hour; null: no limit.
  add column daily_cap integer check (daily_cap > 0),
  add column hourly_cap integer check (hourly_cap > 0),
  add column state_since timestamptz not null default now(),
  -- Why it is in this state, for people.
  add column state_reason text not null default 'added',
  -- A rest that the health check gave ends then; null: it ends by hand.
  add column rest_until timestamptz,
  -- What was dialed before this time says nothing of its health any more.
  add column judged_since timestamptz not null default now(),
  -- Whether people who call back reach us: proven by a test call, or vouched for by a supervisor.
  add column inbound_route text not null default 'untested' check (inbound_route in ('untested', 'passed', 'failed', 'waived')),
  add column inbound_route_at timestamptz,
  add column inbound_route_reason text;

drop index caller_ids_pool;
create index caller_ids_pool on caller_ids (pool) where state in ('active', 'warming');

-- Each change of state and each proof of the route, with its reason.
create table caller_id_history (
  id           bigint generated always as identity primary key,
  caller_id_id bigint not null references caller_ids,
  at           timestamptz not null,
  what         text not null check (what in ('state', 'inbound_route')),
  from_value   text not null,
  to_value     text not null,
  reason       text not null,
  -- Key name of who did it; null: the engine.
  actor        text
);
create index caller_id_history_of on caller_id_history (caller_id_id, id desc);

-- What the last health check found of each number.
create table caller_id_health (
  caller_id_id bigint primary key references caller_ids,
  at           timestamptz not null,
  -- HealthReport (dialer/caller-id/health.ts).
  report       jsonb not null
);

-- Chosen by hand for the next attempt of a lead, and by whom.
alter table leads
  add column wanted_caller_id_id bigint references caller_ids,
  add column wanted_caller_id_by text;

alter table trunks
  -- Where the carrier looks for the number we show.
  add column presentation text not null default 'both'
    check (presentation in ('from', 'p_asserted_identity', 'both', 'remote_party_id')),
  -- User of From where the number stands elsewhere; null: the account.
  add column from_user text,
  -- Domain of From; null: our own address.
  add column from_domain text;
