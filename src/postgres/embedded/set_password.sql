do $$
begin
    execute format('alter role postgres password %L', current_setting('firstpress.password'));
end
$$;
