"""What each document says: typed values from the regulation in force and the inventory, and nothing else."""
