"""A simulated PBX that hands its calls over by SIPREC, for the demo."""
