-- What we dial with: carriers, numbers we own, agents and their shifts.

create table trunks (
  id               text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,38}$'),
  host             text not null,
  port             integer not null default 5060 check (port between 1 and 65535),
  username         text,
  password         text,
  max_channels     integer not null check (max_channels > 0),
  calls_per_second real not null check (calls_per_second > 0),
  -- Codecs offered, in order.
  codecs           text[] not null default '{alaw,ulaw}',
  -- How the carrier wants numbers: '+48...' or '48...'.
  number_format    text not null default 'plus' check (number_format in ('plus', 'digits')),
  -- Sends the attempt's id as X-Outpace-Attempt on the INVITE.
  send_attempt_id  boolean not null default false,
  enabled          boolean not null default true,
  created_at       timestamptz not null default now()
);

create table caller_ids (
  id         bigint generated always as identity primary key,
  number     text not null unique check (number ~ '^\+[1-9][0-9]{5,14}$'),
  pool       text not null,
  trunk_id   text not null references trunks,
  country    char(2) not null,
  line_type  text not null check (line_type in ('mobile', 'fixed', 'fixed_or_mobile', 'voip', 'other')),
  state      text not null default 'active' check (state in ('active', 'warming', 'resting', 'retired')),
  created_at timestamptz not null default now()
);
create index caller_ids_pool on caller_ids (pool) where state = 'active';

create table campaigns (
  id          uuid primary key,
  name        text not null unique,
  state       text not null default 'draft' check (state in ('draft', 'running', 'paused', 'draining', 'finished')),
  -- CampaignSettings (dialer/campaigns/settings.ts), whole, with defaults filled in.
  settings    jsonb not null,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  started_at  timestamptz,
  finished_at timestamptz
);

create table agents (
  id          uuid primary key,
  -- SIP account and what the agent is called in reports.
  account     text not null unique check (account ~ '^[a-z0-9][a-z0-9._-]{0,38}$'),
  name        text not null,
  -- MD5(account:realm:password): enough to register, not the password.
  sip_digest  text not null,
  campaign_id uuid references campaigns,
  enabled     boolean not null default true,
  created_at  timestamptz not null default now()
);

create table agent_sessions (
  id            uuid primary key,
  agent_id      uuid not null references agents,
  campaign_id   uuid not null references campaigns,
  via           text not null check (via in ('dialed_in', 'called')),
  logged_in_at  timestamptz not null,
  logged_out_at timestamptz,
  logout_reason text
);
create unique index agent_sessions_open on agent_sessions (agent_id) where logged_out_at is null;
create index agent_sessions_campaign on agent_sessions (campaign_id, logged_in_at);

-- Each stretch of a shift in one state, written when it ends.
create table agent_stretches (
  session_id uuid not null references agent_sessions on delete cascade,
  began_at   timestamptz not null,
  ended_at   timestamptz not null,
  state      text not null check (state in ('ready', 'reserved', 'talking', 'wrap_up', 'paused')),
  reason     text,
  primary key (session_id, began_at)
);
