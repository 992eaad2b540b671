"""Everything that changes a case."""

from rejent.cases.services.deciding import decide_case
from rejent.cases.services.entering import SERIES, enter_case
from rejent.cases.services.papers import issue_paper

__all__ = ["SERIES", "decide_case", "enter_case", "issue_paper"]
