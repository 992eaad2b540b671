"""Evidence packages: recordings, papers and proofs in one folder that anybody can check, play and keep without the program."""
