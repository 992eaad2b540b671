"""People of the office: roles, duties, absences, statements."""
