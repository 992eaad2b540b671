"""What is kept of e-mail besides the sealed messages: the keys of roles, counts of days, acts."""
