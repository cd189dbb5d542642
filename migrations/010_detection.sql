-- Who answered, in whose opinion, and on what evidence.

create table detections (
  attempt_id        uuid not null references attempts on delete cascade,
  detector          text not null check (detector in ('asterisk', 'outpace')),
  campaign_id       uuid not null references campaigns,
  at                timestamptz not null,
  -- False: it listened in shadow, the call went its way without it.
  acted             boolean not null,
  verdict           text not null check (verdict in ('human', 'machine', 'unsure')),
  reason            text not null,
  -- From the answer, in milliseconds, as are the others.
  verdict_ms        integer not null,
  -- A machine by verdict that went to an agent, to learn who it was.
  sample            boolean not null default false,
  -- A machine's beep was heard after a verdict for a person.
  late_beep         boolean not null default false,
  confidence        real,
  features          jsonb,
  greeting_ended_ms integer,
  beep_onset_ms     integer,
  beep_end_ms       integer,
  beep_hz           real,
  -- [{ kind, atMs }]
  tones             jsonb,
  -- { firstMs, packets, lost, latestMs }
  media             jsonb,
  primary key (attempt_id, detector)
);
create index detections_window on detections (campaign_id, at);

-- The first seconds of what our detector heard, A-law at 8 kHz from the answer on. Personal data, hence the end date.
create table detection_audio (
  attempt_id uuid primary key references attempts on delete cascade,
  alaw       bytea not null,
  keep_until timestamptz not null
);
-- A-law does not compress: no time is spent on trying.
alter table detection_audio alter column alaw set storage external;
create index detection_audio_end on detection_audio (keep_until);
