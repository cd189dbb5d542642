-- Calls to our own numbers. A talk here is no attempt: it counts in no cap and in no abandonment rate.

create table inbound_calls (
  id            uuid primary key,
  -- The switch that has the call, and what it calls the channel.
  switch        text not null,
  channel_id    text not null,
  trunk_id      text not null,
  -- The number of ours that was dialed.
  caller_id_id  bigint not null references caller_ids,
  -- Of the caller; null: he withholds it.
  number        text,
  -- Whose agents it is for.
  campaign_id   uuid references campaigns,
  -- Everybody it may be, the likeliest first; contact_id and lead_id once that is settled.
  contact_ids   bigint[] not null default '{}',
  contact_id    bigint references contacts,
  lead_id       bigint references leads,
  -- How the likeliest was found.
  match         text check (match in ('pair', 'caller', 'last_attempt', 'reference')),
  arrived_at    timestamptz not null,
  answered_at   timestamptz,
  agent_id      uuid references agents,
  connected_at  timestamptz,
  ended_at      timestamptz,
  outcome       text check (outcome in ('talked', 'left', 'callback_planned', 'closed', 'not_served', 'failed', 'lost')),
  end_reason    text,
  result_code   text,
  result_note   text
);
-- Who is on the line is not called.
create index inbound_calls_live on inbound_calls (id) where ended_at is null;
create index inbound_calls_contact on inbound_calls (contact_id, arrived_at desc) where contact_id is not null;
-- Who talked with us rests, whoever called whom.
create index inbound_calls_number on inbound_calls (number) where connected_at is not null;
create index inbound_calls_agent on inbound_calls (agent_id, connected_at desc) where agent_id is not null;
create index inbound_calls_arrived on inbound_calls (arrived_at desc);

-- A caller who withholds his number types his reference: digits of the contact's own number or of a contract.
create index contacts_reference on contacts (regexp_replace(external_id, '\D', '', 'g'));
create index debts_reference on debts (regexp_replace(contract, '\D', '', 'g')) where contract is not null;
