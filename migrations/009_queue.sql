-- The order of the queue: callbacks that are due, first attempts owed within a day of the take-over, priority, due time.

alter table leads drop constraint leads_state_check;
alter table leads
  -- held: nobody dials it until a supervisor decides (a missed callback).
  add constraint leads_state_check check (state in ('waiting', 'claimed', 'in_call', 'held', 'finished')),
  -- When the contact was handed over to us.
  add column taken_over_at timestamptz not null default now(),
  -- The first attempt that counted, and until when it is owed; null: made, or too late to go first.
  add column first_attempt_at timestamptz,
  add column first_attempt_by timestamptz,
  -- The agent the contact wants to talk to when he is called back; null: anyone.
  add column callback_agent_id uuid references agents,
  -- How often that agent was not there in time.
  add column callback_misses smallint not null default 0;

-- Dialed from the highest down. A callback for a certain agent is in no common queue (null): it goes with the agent.
alter table leads add column urgency smallint generated always as (
  case when callback_agent_id is not null then null
       when callback_at is not null then 20
       when first_attempt_by is not null then 10
       else 0 end + priority) stored;

drop index leads_due;
-- "Claim n due leads" walks each urgency of this from its start, whatever the length of the list.
create index leads_due on leads (campaign_id, urgency, next_attempt_at) where state = 'waiting';
create index leads_due_agent on leads (callback_agent_id, next_attempt_at) where callback_agent_id is not null and state = 'waiting';
create index leads_first_attempt on leads (first_attempt_by) where first_attempt_by is not null and state = 'waiting';
create index leads_callback on leads (callback_at) where callback_at is not null;

-- Erasure: the person goes; how often he was called and what he wished stays under keyed hashes ('#' and 43 letters) of his
-- external id, numbers and debts, and is found again when these are imported again.
alter table contacts add column erased_at timestamptz;
alter table phones
  drop constraint phones_number_check,
  add constraint phones_number_check check (number ~ '^(\+[1-9][0-9]{5,14}|#[A-Za-z0-9_-]{43})$'),
  -- The hash under which attempts on this number are kept of somebody who was erased.
  add column erased_as text;
create index phones_erased_as on phones (erased_as) where erased_as is not null;

-- One row, from the first erasure on: by it an engine sees that its key is the one of the hashes.
create table erasure_key (
  singleton   boolean primary key default true check (singleton),
  fingerprint text not null
);
