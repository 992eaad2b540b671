"""From packets of a call to sound."""
