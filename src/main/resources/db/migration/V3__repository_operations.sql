-- Operations about a repository: they have no source.
alter table operation alter column source drop not null;
alter table operation add column repository varchar;
alter table operation add constraint operation_has_one_subject
  check ((source is null) <> (repository is null));
