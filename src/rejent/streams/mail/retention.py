"""What the keepers do for e-mail in each round."""

from rejent.retention.stream_parts import Chore, When
from rejent.streams.mail.records.counts import enter_ended_days

CHORES = (Chore("mail counts", When.AFTER, lambda keeping, _: enter_ended_days(clock=keeping.clock)),)
