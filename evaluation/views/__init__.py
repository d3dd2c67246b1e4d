"""综合评价 on pages: thin doors over services; rows out of reach do not exist."""
