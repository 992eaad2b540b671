"""How messages reach this machine: SMTP, batches, the process."""
