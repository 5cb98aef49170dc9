copy staged_quarantine (item_type, item_id, endpoint, reason, first_retry, json, run_id, extracted_at)
from stdin (format binary)
