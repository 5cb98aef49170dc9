copy staged_market_sets (market_set_id, markets) from stdin (format binary)
