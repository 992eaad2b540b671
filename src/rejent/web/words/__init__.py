"""How pages say things: instants, lengths, states, acts and their facts."""
