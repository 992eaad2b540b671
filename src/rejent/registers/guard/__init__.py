"""The guard of rows: a row counts only as the newest entry about it says."""
