-- A run that found nothing to change in a model leaves that model's row; the newest row names who published last.
select
    published.published_at,
    (
        select models.run_id
        from ops.published_models as models
        where models.published_at = published.published_at
        limit 1
    ) as run_id
from ops.published as published
