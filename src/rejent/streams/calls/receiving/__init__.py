"""Ways in which calls reach the recorder: sessions of SIPREC, mirrored packets, files of a PBX."""
