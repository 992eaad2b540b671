"""The pages of calls: finding, listening, completeness, refusals, announcements."""
