-- For set_password.sql, since no parameter can stand in alter role.
select set_config('firstpress.password', $1, false);
