"""Whether plates, inventory, regulation and what is published say the same."""
