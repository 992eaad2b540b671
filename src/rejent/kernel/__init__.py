"""Clock, identifiers, intervals, calendar terms, errors: pure, without Django and without input or output."""
