"""Whom a rule reaches, what is due and who bears it: whole columns in, whole columns out. Pure."""
