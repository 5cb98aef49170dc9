drop view pg_temp.firstpress_view
