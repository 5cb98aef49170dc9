select fingerprint
from ops.published
