"""Ratios against named peers, in pairs within one run. Each makes a test database of its own and drops it."""
