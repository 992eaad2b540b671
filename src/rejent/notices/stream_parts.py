"""The part of a kind of stream that notices need: what it records of whom, in words for those who are recorded."""
