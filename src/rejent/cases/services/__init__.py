"""Everything that changes a case."""

from rejent.cases.services.correcting import correct_case, prolong_case, withdraw_case
from rejent.cases.services.deciding import decide_case, deciding_of
from rejent.cases.services.entering import enter_case
from rejent.cases.services.erasing import erase_applicant
from rejent.cases.services.notifying import enter_notification
from rejent.cases.services.papers import issue_paper
