-- What the right to call needs to know, and by what each attempt was checked.

-- Needed by some rule packs; whoever has withdrawn it is not called.
alter table contacts add column consent text not null default 'unknown' check (consent in ('unknown', 'given', 'withdrawn'));

-- Of the last written reminder.
alter table debts add column reminded_on date;

-- Lists of whom not to call: our own, a client's (for his debts alone, or for all), imported ones.
alter table suppressions
  -- A person who need not be known yet, by the external id of imports.
  add column external_id text,
  -- It holds for debts of this creditor only; null: for all.
  add column creditor text,
  add column list text not null default 'internal',
  add column lifted_at timestamptz,
  add column lift_reason text,
  drop constraint suppressions_check,
  add constraint suppressions_whom check (num_nonnulls(number, contact_id, external_id) = 1);
create index suppressions_external_id on suppressions (external_id) where external_id is not null;
-- A list says the same once, however often it is sent.
create unique index suppressions_once on suppressions
  (list, kind, coalesce(number, ''), coalesce(contact_id, 0), coalesce(external_id, ''), coalesce(creditor, ''))
  where lifted_at is null;

alter table attempts
  -- The open debts that the call was about, for the caps per debt.
  add column debt_ids bigint[] not null default '{}',
  add column rule_pack text,
  add column rule_pack_version text,
  -- Rule -> what was found, of each rule that was checked before the call.
  add column checks jsonb;

-- The rule that finished a lead, so that the lead waits again when what stood against it is gone.
alter table leads add column barred_by text;
create index leads_barred on leads (contact_id) where barred_by is not null;
