"""What REST clients are told: rows read as plain values, a page at a time or the whole scope as a stream."""
