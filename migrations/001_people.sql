-- Who can be called, and what they owe.

create table contacts (
  id                 bigint generated always as identity primary key,
  external_id        text not null unique,
  name               text not null,
  company            text,
  tax_id             text,
  responsible_person text,
  address            text,
  language           text,
  country            char(2) not null,
  time_zone          text not null,
  -- After an abandoned call: no call without a reserved agent before this time (72 h, Ofcom).
  no_predictive_until timestamptz,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now()
);

create table phones (
  id         bigint generated always as identity primary key,
  contact_id bigint not null references contacts on delete cascade,
  number     text not null check (number ~ '^\+[1-9][0-9]{5,14}$'),
  line_type  text not null check (line_type in ('mobile', 'fixed', 'fixed_or_mobile', 'voip', 'other')),
  -- Order in which a contact's phones are tried, from 0.
  position   smallint not null,
  state      text not null default 'active' check (state in ('active', 'invalid', 'wrong_person')),
  unique (contact_id, number)
);
create index phones_number on phones (number);

create table debts (
  id                bigint generated always as identity primary key,
  contact_id        bigint not null references contacts on delete cascade,
  external_id       text not null unique,
  creditor          text,
  original_creditor text,
  contract          text,
  balance_minor     bigint not null,
  currency          char(3) not null,
  due_date          date,
  account_to_pay    text,
  state             text not null default 'open' check (state in ('open', 'paid', 'disputed', 'withdrawn')),
  updated_at        timestamptz not null default now()
);
create index debts_contact on debts (contact_id);

create table suppressions (
  id         bigint generated always as identity primary key,
  -- One of the two: a phone number for everybody, or a contact on all his phones.
  number     text,
  contact_id bigint references contacts on delete cascade,
  kind       text not null check (kind in ('do_not_call', 'paid', 'dispute', 'deceased', 'legal_hold', 'wrong_person')),
  -- null: for ever.
  until      timestamptz,
  reason     text not null,
  created_at timestamptz not null default now(),
  check ((number is null) <> (contact_id is null))
);
create index suppressions_number on suppressions (number) where number is not null;
create index suppressions_contact on suppressions (contact_id) where contact_id is not null;
