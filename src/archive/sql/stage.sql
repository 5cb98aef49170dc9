create temporary table {{ table | replace('.', '_') }} (like {{ table }} including defaults) on commit drop
