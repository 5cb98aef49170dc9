select exists (select 1 from ops.published_models where lineage = '')
