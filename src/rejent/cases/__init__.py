"""Cases: applications about recordings, from entering to the decision."""
