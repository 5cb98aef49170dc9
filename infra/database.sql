-- The roles of the deployment's database. Run as RDS's master user; safe to run again, which also sets the BI
-- login's password to what its secret holds.

\set ON_ERROR_STOP on
\getenv bi_password BI_PASSWORD

begin;

-- Nobody connects or makes tables unless told so below.
revoke all on database firstpress from public;
revoke all on schema public from public;

-- The job logs in as this role by IAM. It makes the schemas, and owns what it makes. The master user must not become
-- a member of it: whoever is a member of rds_iam cannot log in with a password any more.
select 'create role firstpress login'
where not exists (select from pg_roles where rolname = 'firstpress')
\gexec
grant rds_iam to firstpress;
grant connect, create, temporary on database firstpress to firstpress;
-- migrations are recorded in a table in public
grant usage, create on schema public to firstpress;

-- Who may read: the job's migrations say what.
select 'create role firstpress_reader nologin'
where not exists (select from pg_roles where rolname = 'firstpress_reader')
\gexec
grant connect on database firstpress to firstpress_reader;

-- The BI tool's login.
select 'create role firstpress_bi login in role firstpress_reader'
where not exists (select from pg_roles where rolname = 'firstpress_bi')
\gexec
alter role firstpress_bi password :'bi_password';
alter role firstpress_bi connection limit 20;
alter role firstpress_bi set default_transaction_read_only = on;
alter role firstpress_bi set statement_timeout = '5min';

commit;
