"""What supervision sees: the week's report, samples, who watched and viewed."""
