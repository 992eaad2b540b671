"""Who is present when a recording is seen: second persons, guests."""
