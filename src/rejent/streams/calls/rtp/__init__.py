"""The speech of a call as it arrives: packets counted, legs told apart, nothing decoded."""
