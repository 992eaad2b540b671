"""What an application is about: the stated time of the chosen sources."""

from rejent.cases.candidates import by_time

FINDER = by_time
