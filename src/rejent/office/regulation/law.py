"""Provisions a regulation is checked against, each with a short quotation and its meaning.

Quotations are in Polish, as in force in November 2026; GDPR is quoted from its Polish version. They are shown with
every finding, because an office must be able to check the program against the law.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One provision."""

    id: str
    source: str
    quotation: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.source}: „{self.quotation}”" if self.quotation else self.source


FORMAT = Rule(
    "format", "docs/ref/regulation.md", "", "A regulation is TOML with the keys that the reference lists."
)

PURPOSES_OF_VIDEO = Rule(
    "labour-code-22-2-1",
    "art. 22² § 1 Kodeksu pracy",
    "niezbędne do zapewnienia bezpieczeństwa pracowników lub ochrony mienia lub kontroli produkcji lub zachowania w tajemnicy informacji",
    "An employer may watch by camera only for the safety of employees, the protection of property, the control of "
    "production, or the secrecy of information; the list is closed.",
)
UNION_ROOMS = Rule(
    "labour-code-22-2-1a",
    "art. 22² § 1¹ Kodeksu pracy",
    "Monitoring nie obejmuje pomieszczeń udostępnianych zakładowej organizacji związkowej.",
    "Rooms given to a trade union are never covered.",
)
EXCLUDED_ROOMS = Rule(
    "labour-code-22-2-2",
    "art. 22² § 2 Kodeksu pracy",
    "Monitoring nie obejmuje pomieszczeń sanitarnych, szatni, stołówek oraz palarni",
    "Sanitary rooms, changing rooms, canteens and smoking rooms are not covered.",
)
VIDEO_CEILING = Rule(
    "labour-code-22-2-3",
    "art. 22² § 3 Kodeksu pracy",
    "przechowuje przez okres nieprzekraczający 3 miesięcy od dnia nagrania",
    "Camera recordings are kept no longer than three months from the day of recording.",
)
EVIDENCE = Rule(
    "labour-code-22-2-4",
    "art. 22² § 4 Kodeksu pracy",
    "stanowią dowód w postępowaniu prowadzonym na podstawie prawa lub pracodawca powziął wiadomość, iż mogą one stanowić dowód w postępowaniu",
    "Only recordings that are evidence, or that the employer learned may be, are kept longer: until the proceedings "
    "are finally concluded.",
)
REGULATION_FIRST = Rule(
    "labour-code-22-2-6",
    "art. 22² § 6 Kodeksu pracy",
    "Cele, zakres oraz sposób zastosowania monitoringu ustala się w układzie zbiorowym pracy lub w regulaminie pracy albo w obwieszczeniu",
    "Purposes, scope and manner are laid down before monitoring is used.",
)
STAFF_NOTICE = Rule(
    "labour-code-22-2-7",
    "art. 22² § 7 Kodeksu pracy",
    "nie później niż 2 tygodnie przed jego uruchomieniem",
    "Employees are told at least two weeks before monitoring starts.",
)
NEW_STAFF = Rule(
    "labour-code-22-2-8",
    "art. 22² § 8 Kodeksu pracy",
    "przed dopuszczeniem pracownika do pracy przekazuje mu na piśmie informacje",
    "Every new employee is informed in writing before admission to work.",
)
MARKING = Rule(
    "labour-code-22-2-9",
    "art. 22² § 9 Kodeksu pracy",
    "oznacza pomieszczenia i teren monitorowany w sposób widoczny i czytelny (…) nie później niż jeden dzień przed jego uruchomieniem",
    "Monitored rooms and ground are marked at the latest one day before monitoring starts.",
)
PURPOSES_OF_MAIL = Rule(
    "labour-code-22-3-1",
    "art. 22³ § 1 Kodeksu pracy",
    "organizacji pracy umożliwiającej pełne wykorzystanie czasu pracy oraz właściwego użytkowania udostępnionych pracownikowi narzędzi pracy",
    "Mail and other monitoring serve the full use of working time and the proper use of tools, and nothing else.",
)
SECRECY_OF_MAIL = Rule(
    "labour-code-22-3-2",
    "art. 22³ § 2 Kodeksu pracy",
    "nie może naruszać tajemnicy korespondencji oraz innych dóbr osobistych pracownika",
    "Monitoring must not breach the secrecy of correspondence or other personal rights.",
)
MUNICIPAL_ROOMS = Rule(
    "municipal-act-9a-2",
    "art. 9a ust. 2 ustawy o samorządzie gminnym",
    "nie obejmuje pomieszczeń sanitarnych, szatni, stołówek, palarni oraz obiektów socjalnych",
    "Sanitary rooms, changing rooms, canteens, smoking rooms and social rooms are not covered; no exception is given.",
)
PERSONAL_DATA_BASIS = Rule(
    "gdpr-6",
    "art. 6 ust. 1 RODO",
    "Przetwarzanie jest zgodne z prawem wyłącznie w przypadkach, gdy (…) spełniony jest co najmniej jeden z poniższych warunków",
    "Recording needs a stated legal basis.",
)
CONSENT = Rule(
    "gdpr-7",
    "art. 4 pkt 11 i art. 7 RODO",
    "dobrowolne, konkretne, świadome i jednoznaczne okazanie woli",
    "Consent is free only with a real alternative. The supervisory authority (bulletin of November 2023) doubts that "
    "staying on the line of an office is consent.",
)
MINIMISATION = Rule(
    "gdpr-5-1-c",
    "art. 5 ust. 1 lit. c RODO",
    "adekwatne, stosowne oraz ograniczone do tego, co niezbędne",
    "Only what is necessary is collected. The supervisory authority fined an office for sound in camera monitoring "
    "(DKN.5131.51.2021).",
)
STORAGE_LIMIT = Rule(
    "gdpr-5-1-e",
    "art. 5 ust. 1 lit. e RODO",
    "przez okres nie dłuższy, niż jest to niezbędne do celów, w których dane te są przetwarzane",
    "Every set of recordings has a period, set for its purpose.",
)
ON_INSTRUCTIONS = Rule(
    "gdpr-29",
    "art. 29 RODO",
    "przetwarzają je wyłącznie na polecenie administratora",
    "Whoever acts under the controller has data on the controller's word alone: who decides for the controller, or "
    "oversees, is not who runs or uses the system.",
)
INFORMATION = Rule(
    "gdpr-13",
    "art. 13 ust. 1 i 2 RODO",
    "administrator podczas pozyskiwania danych osobowych podaje jej wszystkie następujące informacje",
    "The person recorded is told who, why, on what basis, for how long and with what rights.",
)
NOT_PUBLIC_INFORMATION = Rule(
    "public-information-5",
    "art. 5 ust. 2 ustawy o dostępie do informacji publicznej",
    "podlega ograniczeniu ze względu na prywatność osoby fizycznej",
    "Recordings are not given out as public information.",
)
FORBIDDEN_BIOMETRICS = Rule(
    "gdpr-9",
    "art. 9 ust. 1 RODO",
    "danych biometrycznych w celu jednoznacznego zidentyfikowania osoby fizycznej",
    "Recognising faces or voices is never built into this program (R-OPEN-12).",
)
FORBIDDEN_EMOTIONS = Rule(
    "ai-act-5-1-f",
    "art. 5 ust. 1 lit. f rozporządzenia (UE) 2024/1689",
    "wyciągania wniosków na temat emocji osoby fizycznej w miejscu pracy",
    "Judging emotions or performance is never built into this program (R-OPEN-12).",
)
FORBIDDEN_SPYING = Rule(
    "labour-code-22-3-2-spying",
    SECRECY_OF_MAIL.source,
    SECRECY_OF_MAIL.quotation,
    "Keystrokes, clipboard, continuous screen recording, microphones and hidden working are never built into this "
    "program (R-OPEN-12).",
)
TWO_PEOPLE = Rule(
    "promise-I7",
    "docs/promises.md I7",
    "",
    "A copy or a carrier is always destroyed by two distinct people, with a protocol.",
)
APPLICATION_WINDOW = Rule(
    "retention-outlives-applications",
    "docs/ref/regulation.md",
    "",
    "Recordings outlive the time allowed for applications by at least two working days; else the right to apply is empty.",
)
