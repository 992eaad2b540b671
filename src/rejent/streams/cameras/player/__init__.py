"""What is shown of a camera's recordings: clips, stills, live pictures."""
