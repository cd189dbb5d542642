-- Voice messages: campaigns of them, and what was played to whom.

alter table attempts drop constraint attempts_mode_check;
alter table attempts add constraint attempts_mode_check check (mode in ('progressive', 'ratio', 'predictive', 'message'));
-- When the campaign's recorded message began, for a person or a machine; null: none was played.
alter table attempts add column message_begun_at timestamptz;
