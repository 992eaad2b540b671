"""Find what an application is about: the stated time of the chosen cameras."""

from rejent.cases.candidates import by_time

FINDER = by_time
