"""Forms of the registry's pages, by what they are about."""
