-- The service's own history. Losing it loses no backup. Portable between H2 and PostgreSQL.
-- Instants are milliseconds since 1970 in UTC: no driver's idea of time zones comes between.

create table operation (
  id             varchar not null primary key,
  type           varchar not null,
  plan           varchar,
  source         varchar not null,
  requested_by   varchar not null,
  run_trigger    varchar not null,
  state          varchar not null,
  created_at_ms  bigint  not null,
  started_at_ms  bigint,
  finished_at_ms bigint,
  result         varchar,
  verdict        varchar,
  error_code     varchar,
  error_message  varchar,
  error_hint     varchar
);
create index operation_by_plan on operation (plan, type, id);
create index operation_by_state on operation (state);

create table operation_phase (
  operation_id   varchar not null references operation (id) on delete cascade,
  position       integer not null,
  name           varchar not null,
  started_at_ms  bigint  not null,
  ended_at_ms    bigint,
  expected_bytes bigint  not null,
  bytes          bigint  not null,
  items          bigint  not null,
  primary key (operation_id, position)
);

create table operation_event (
  operation_id varchar not null references operation (id) on delete cascade,
  sequence     bigint  not null,
  at_ms        bigint  not null,
  sentence     varchar not null,
  primary key (operation_id, sequence)
);

-- Numbers that metrics are rebuilt from after a restart.
create table operation_measure (
  operation_id varchar not null references operation (id) on delete cascade,
  name         varchar not null,
  number       double precision not null,
  primary key (operation_id, name)
);

-- Answers to requests that may come twice.
create table idempotent_request (
  requester      varchar not null,
  request_key    varchar not null,
  payload_sha256 varchar not null,
  operation_id   varchar not null references operation (id) on delete cascade,
  created_at_ms  bigint  not null,
  primary key (requester, request_key)
);

-- Scheduled runs that did not happen, and why.
create table skipped_run (
  plan      varchar not null,
  type      varchar not null,
  due_at_ms bigint  not null,
  at_ms     bigint  not null,
  reason    varchar not null,
  primary key (plan, type, due_at_ms)
);

-- Bearer tokens: only what they hash to.
create table access_token (
  id            varchar not null primary key,
  name          varchar not null,
  sha256        varchar not null unique,
  created_at_ms bigint  not null
);
