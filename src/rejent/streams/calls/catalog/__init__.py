"""What the catalogue holds of lines: their calls, what was announced in them, what exchanges tell, who refused."""
