"""Words of pages: instants, lengths, states, acts and their facts."""
