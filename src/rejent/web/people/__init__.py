"""People, their authorisations and duties, stations, faults and contractors."""
