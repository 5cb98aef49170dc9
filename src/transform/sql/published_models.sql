select
    model,
    fingerprint,
    lineage,
    rows
from ops.published_models
