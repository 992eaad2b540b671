"""The sentences of refusals, by the rules of `rejent.access.rules.decision`."""

from collections.abc import Mapping
from types import MappingProxyType

from rejent.devices.views import Lack
from rejent.office.sign_in.own_sign_in import SignIn

SENTENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not-of-office": ("Who does not belong to the office sees nothing.",) * 2,
        "role-excluded": (
            "This role never sees the live picture.",
            "This role never sees recordings.",
        ),
        "stream-not-prescribed": ("The regulation in force does not prescribe {stream}.",) * 2,
        "nobody": (
            "The regulation in force names nobody who may be authorised to see the live picture.",
            "The regulation in force names nobody who may be authorised to see recordings.",
        ),
        "role-not-named": (
            "The regulation in force does not name this role among those who may be authorised to see the live picture.",
            "The regulation in force does not name this role among those who may be authorised to see recordings.",
        ),
        "not-authorised": (
            "There is no authorisation to see the live picture.",
            "There is no authorisation to see recordings.",
        ),
        "other-source": (
            "The authorisation to see the live picture names other sources.",
            "The authorisation to see recordings names other sources.",
        ),
        "not-yet-valid": (
            "The authorisation to see the live picture is not valid yet.",
            "The authorisation to see recordings is not valid yet.",
        ),
        "expired": (
            "The authorisation to see the live picture has expired.",
            "The authorisation to see recordings has expired.",
        ),
        "revoked": (
            "The authorisation to see the live picture was revoked.",
            "The authorisation to see recordings was revoked.",
        ),
        "sign-in-unconfirmed": (
            "Somebody else set up how this account is signed in to. It opens nothing until it is confirmed whose it is.",
        )
        * 2,
        "second-factor-missing": (
            "",
            "The regulation lets recordings be opened only by who signs in with codes or a passkey, not with a password alone.",
        ),
        "statement-missing": (
            "The regulation lets nobody see pictures before their written statement that they know it is entered.",
        )
        * 2,
        "station-not-listed": (
            "",
            "The regulation lets recordings be opened at listed stations only, and this computer is none of them.",
        ),
        "protocol-unfinished": (
            "",
            "The protocol of viewing {number} is not finished. Until it is, nothing further is opened.",
        ),
        "purpose-missing": ("", "A purpose must be stated before recordings are opened."),
        "purpose-not-listed": ("", "The regulation in force does not list this purpose."),
        "case-missing": ("", "A case must be stated before recordings are opened."),
        "ban-not-acknowledged": (
            "",
            "Recordings are opened by who has taken note that photographing or filming the screen is forbidden.",
        ),
        "second-person-missing": (
            "",
            "Two authorised persons open these recordings together; the second one is missing.",
        ),
        "second-person-same": (
            "",
            "The second person must be somebody else: this is the same person, or an account that shares something.",
        ),
        "second-person-not-authorised": ("", "The second person has no valid right to see this recording."),
        "guests-not-permitted": (
            "",
            "The regulation lets nobody without an authorisation see recordings, not beside somebody who has one either.",
        ),
        "another-station": ("", "This viewing was opened at a station, and goes on at that one only."),
        "volume-exceeded": (
            "",
            "One person is given at most {an_hour} h of recordings an hour and {a_day} h a day, and that is used up.",
        ),
    }
)
"""By the rule's name: of the live picture, and of recordings; facts stand in ``{braces}``."""

WHO_CONFIRMS = (
    "The head of the office, whoever issues authorisations, or the data protection officer confirms that."
)
CONFIRM_FIRST: Mapping[str, str] = MappingProxyType(
    {
        SignIn.GIVEN: "Choose a password of your own, then have it confirmed in person that you did.",
        SignIn.CHOSEN: "Have it confirmed in person that you chose this password yourself.",
        SignIn.LINKED: "Have it confirmed in person that you sign in with the linked identity yourself.",
    }
)
STATEMENT_FIRST = "The regulation admits nobody before their statement that they know it. Until then this account opens nothing else."
WHO_ENTERS_STATEMENTS = (
    "Statements are entered by the secretary, the data protection officer or the IT administrator."
)
SIGN_ONE = "Give the statement on the page My statement, or hand in a signed one."
ADD_A_FACTOR = "Add one-time codes or a passkey in your settings."
HEAD_DECIDES = "The head of the office issues authorisations."
ROLES_ARE_GIVEN = "Roles are given by the IT administrator on the decision of the head of the office."
NOTHING_HELPS = "There is nothing to apply for: no authorisation opens this to the role."
REGULATION_BARS = (
    "There is nothing to apply for: no authorisation helps while the regulation stands like this."
)
REGULATION_DEMANDS = "The rules of the office that the program keeps say so."
SECOND_JOINS = "Let another person with an authorisation for this recording sign in here, or agree from their own computer."
NOT_HERE = "The regulation lets recordings be opened at listed stations only ({clause}), and this computer is none of them."
AT_A_STATION: Mapping[Lack, str] = MappingProxyType(
    {
        Lack.UNKNOWN: "Go to a listed station. If this is one, choose its certificate when the browser asks for it.",
        Lack.REVOKED: "This computer was struck off the list. Go to another station.",
        Lack.EXPIRED: "The certificate of this computer has ended. Have it enrolled anew, or go to another station.",
        Lack.ELSEWHERE: "This computer is listed at another address. Use it where it belongs, or go to another station.",
        Lack.ANOTHER: "This viewing was opened at another station. Go on there, or open a new one here.",
    }
)
WHO_LISTS_STATIONS = "The list of stations is kept by the IT administrator."
WHO_FINISHES_PROTOCOLS = "Whoever opened the viewing finishes its protocol."
PROTOCOL_FIRST = "Finish the protocol; then it opens."
NOT_OF_THIS_ROLE = "This is not among the duties of this role."
CONTRACTOR_ON_A_FAULT = (
    "The maintenance contractor works only where the regulation lets one in, while a fault is open and a processing "
    "agreement is in force."
)
NOT_WATCHED_LIVE = "Guards know of the sources that are watched live, and of no others."
WHO_CALLS_IN = "The IT administrator opens a fault; the head of the office or the data protection officer enters the agreement."
DEPUTY_IN_ABSENCE = "The deputy decides only in the head's absence, and only where the regulation says so."
WHO_ENTERS_ABSENCES = "The head, the secretary or the IT administrator enters the absence."
