"""Pages of the front door: batches, and what is remembered of lists."""
