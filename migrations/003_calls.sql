-- The queue, what came of it, and the record the licence hangs on.

create table leads (
  id              bigint generated always as identity primary key,
  campaign_id     uuid not null references campaigns,
  contact_id      bigint not null references contacts,
  state           text not null default 'waiting' check (state in ('waiting', 'claimed', 'in_call', 'finished')),
  -- 9 is dialed first.
  priority        smallint not null default 0 check (priority between 0 and 9),
  -- Attempts that count (a congested trunk does not).
  attempts        integer not null default 0,
  -- Attempts that did not count, since the last one that did.
  failures        integer not null default 0,
  -- The phone to dial next; null: the first active one.
  phone_id        bigint references phones on delete set null,
  next_attempt_at timestamptz not null,
  -- Set when the next attempt is the call-back the contact asked for: no rest after the last talk stands against it.
  callback_at     timestamptz,
  claimed_by      text,
  claimed_until   timestamptz,
  disposition     text,
  -- Why the lead is where it is, for people.
  reason          text not null,
  last_attempt_at timestamptz,
  created_at      timestamptz not null default now(),
  finished_at     timestamptz,
  unique (campaign_id, contact_id)
);
-- "Claim n due leads" walks this from its start, whatever the length of the list.
create index leads_due on leads (campaign_id, priority, next_attempt_at) where state = 'waiting';
create index leads_leased on leads (claimed_until) where state in ('claimed', 'in_call');
create index leads_contact on leads (contact_id);

create table attempts (
  -- Also the channel id on the switch.
  id             uuid primary key,
  lead_id        bigint not null references leads,
  campaign_id    uuid not null references campaigns,
  contact_id     bigint not null references contacts,
  phone_id       bigint references phones on delete set null,
  number         text not null,
  trunk_id       text not null references trunks,
  caller_id_id   bigint not null references caller_ids,
  mode           text not null check (mode in ('progressive', 'ratio', 'predictive')),
  -- Why this lead, this number, this caller ID.
  reason         text not null,
  placed_at      timestamptz not null,
  answered_at    timestamptz,
  detection      text check (detection in ('human', 'machine', 'unsure')),
  detection_cause text,
  detected_at    timestamptz,
  agent_id       uuid references agents,
  connected_at   timestamptz,
  ended_at       timestamptz,
  disposition    text,
  -- Why it ended so, for people.
  end_reason     text,
  hangup_cause   integer,
  sip_code       integer,
  counts         boolean not null default true,
  result_code    text,
  result_note    text
);
-- One person is never in two calls, over all campaigns: neither by contact nor by number.
create unique index attempts_live_contact on attempts (contact_id) where ended_at is null;
create unique index attempts_live_number on attempts (number) where ended_at is null;
create index attempts_contact on attempts (contact_id, placed_at desc);
create index attempts_number on attempts (number, placed_at desc);
create index attempts_lead on attempts (lead_id, placed_at);
-- The talk an agent's result code belongs to.
create index attempts_agent on attempts (agent_id, connected_at desc) where agent_id is not null;
create index attempts_campaign on attempts (campaign_id, placed_at);
-- How worn a caller ID is, and whom it called (inbound).
create index attempts_caller_id on attempts (caller_id_id, placed_at);

-- One row for each answered call that the abandonment rate counts.
create table abandonment_ledger (
  attempt_id  uuid primary key references attempts,
  campaign_id uuid not null references campaigns,
  at          timestamptz not null,
  outcome     text not null check (outcome in ('connected', 'abandoned'))
);
create index abandonment_ledger_window on abandonment_ledger (campaign_id, at);

create table imports (
  id          uuid primary key,
  campaign_id uuid not null references campaigns,
  file_name   text not null,
  state       text not null check (state in ('running', 'done', 'failed')),
  lines       integer not null default 0,
  accepted    integer not null default 0,
  refused     integer not null default 0,
  error       text,
  started_at  timestamptz not null,
  finished_at timestamptz
);

create table import_refusals (
  import_id uuid not null references imports on delete cascade,
  line      integer not null,
  field     text not null,
  code      text not null,
  reason    text not null
);
create index import_refusals_import on import_refusals (import_id, line);
