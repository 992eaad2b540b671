"""Pages of copies: the registers, making one, one copy, handing it over, commissions."""
