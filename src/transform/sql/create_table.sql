create table {{ target }} (like pg_temp.firstpress_staged)
