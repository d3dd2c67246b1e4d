"""Deciding of the evaluation. Pure: columns and a scheme in, columns with reasons out."""
