-- What database.sql finds on RDS: a master user who is no superuser, a database of its own, and the role of logins by IAM.

create role rds_iam nologin;
create role firstpress_admin login createrole createdb;
do $$
begin
    -- who makes roles may grant any role up to Postgres 15, and what it was given to grant from 16 on
    if current_setting('server_version_num')::integer >= 160000 then
        execute 'grant rds_iam to firstpress_admin with admin true, inherit false, set false';
    end if;
end
$$;
create database firstpress owner firstpress_admin;
