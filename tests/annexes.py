"""The forms of the five offices' annexes as the texts give them: title and names of fields in their order, typed from the texts, not read from the seeds."""

from collections.abc import Iterable

PLESZEW_3 = (
    "Miejscowość, dnia",
    "Wnioskodawca",
    "Telefon kontaktowy",
    "Wniosek o zabezpieczenie i udostępnienie danych z monitoringu wizyjnego Urzędu Miasta i Gminy Pleszew",
    "o zabezpieczenie i udostępnienie danych z monitoringu wizyjnego Urzędu Miasta i Gminy Pleszew z dnia",
    "zakres czasowy",
    "obejmującego obszar",
    "Opis zdarzenia i cel uzyskania nagrań",
)
PLESZEW_4 = (
    "Rejestr udostępnionych nagrań z monitoringu wizyjnego Urzędu Miasta i Gminy Pleszew",
    "Lp.",
    "Wnioskodawca",
    "Data złożenia wniosku",
    "Cel udostępnienia",
    "Sposób załatwienia wniosku",
    "Podpis odbierającego nośnik",
    "Podpis wydającego nośnik",
    "Uwagi",
)
PLESZEW_2 = (
    "OBIEKT MONITOROWANY",
    "art. 13",
    "Administratorem Pani/Pana danych osobowych jest",
    "Inspektora Ochrony Danych",
    "Podstawy",
    "Monitoring wizyjny funkcjonuje całodobowo i obejmuje:",
    "30 dni",
    "przez nadpisanie",
    "stanowi dowód w postępowaniu",
    "podmioty, które są do tego uprawnione",
    "prawa:",
    "Prezesa Urzędu Ochrony Danych Osobowych",
    "państwa trzeciego",
)
BOLESLAWIEC_2 = (
    "Protokół z odsłuchania rozmowy telefonicznej w Urzędzie Miasta Bolesławiec",
    "imię, nazwisko, stanowisko służbowe",
    "1. Data rozmowy",
    "Godzina rozmowy",
    "2. Osoby prowadzące rozmowę (imię, nazwisko, stanowisko służbowe) oraz dane rozmówcy lub rodzaj sprawy",
    "3. Lokalizacja zdarzenia (np. nr telefonu)",
    "4. Rodzaj naruszenia bezpieczeństwa oraz okoliczności towarzyszące",
    "5. Przyczyny wystąpienia zdarzenia",
    "6. Podjęte działania",
    "7. Postępowanie wyjaśniające",
    "data, podpisy osób prowadzących odsłuchanie rozmowy telefonicznej",
    "Stanowisko Prezydenta Miasta co do dalszych czynności w sprawie",
    "data, podpis Prezydenta Miasta",
)
BOLESLAWIEC_3 = (
    "Dane wnioskodawcy",
    "Data",
    "Wniosek o udostępnienie nagrań rozmów telefonicznych Urzędu Miasta Bolesławiec",
    "o udostępnienie danych rozmów telefonicznych Urzędu Miasta Bolesławiec z dnia",
    "numer telefonu",
    "Uzasadnienie",
    "Podpis wnioskodawcy",
    "Decyzja Prezydenta Miasta",
    "Wyrażam zgodę / nie wyrażam zgody",
    "Podpis",
)
BOLESLAWIEC_4 = (
    "Protokół przekazania na nośniku elektronicznym rozmów telefonicznych Urzędu Miasta Bolesławiec",
    "sporządzony w dniu",
    "Prezydent Miasta Bolesławiec, zwany dalej Przekazującym",
    "zwanemu dalej Przyjmującym",
    "na podstawie pisemnego wniosku z dnia",
    "dane z systemu informatycznego Urzędu",
    "Data",
    "Nr telefonu",
    "Czas nagrania",
    "do celów",
    "pisemnego wniosku",
    "jednobrzmiące",
    "Przekazujący",
    "Przyjmujący",
)
MIEDZIANA_GORA_1 = (
    "KLAUZULA INFORMACYJNA",
    "art. 13",
    "1. Administratorem danych",
    "adres:",
    "adres e-mail:",
    "numer telefonu:",
    "2. Administrator",
    "inspektora ochrony danych",
    "adres e-mail:",
    "numer telefonu",
    "3. Dane osobowe",
    "4. Dane osobowe",
    "3 miesiące od dnia nagrania",
    "termin przedłuża się",
    "5. Podstawą prawną",
    "art. 9a ustawy z dnia 8 marca 1990 r.",
    "art. 22²",
    "6. Dane osobowe",
    "interes strony trzeciej",
    "7. Osoba, której dane dotyczą",
)
MIEDZIANA_GORA_2 = (
    "Oświadczenie dotyczące monitorowania",
    "imię i nazwisko pracownika/osoby świadczącej pracę z innego tytułu",
    "stanowisko",
    "nazwa i adres Urzędu Gminy",
    "mój pracodawca stosuje monitoring wizyjny",
)
WALBRZYCH_7_6 = (
    "Numer porządkowy kopii", "Okres (data i godzina), którego dotyczy nagranie",
    "Numer telefonu osoby wykonującej połączenie przychodzące", "Numer telefonu MOPS, na który dokonano połączenia",
    "Data wykonania kopii", "Dane osoby, która sporządziła kopię",
)  # fmt: skip


def find_missing(printed: str, annex: Iterable[str]) -> list[str]:
    """What of an annex a printed paper lacks, or has before what should stand above it."""
    lacking, place = [], 0
    text = _without_blanks(printed)
    for each in annex:
        found = text.find(_without_blanks(each), place)
        if found < 0:
            lacking.append(each)
        else:
            place = found + len(_without_blanks(each))
    return lacking


def _without_blanks(text: str) -> str:
    """Return a text as it is wherever its lines are broken."""
    return "".join(text.replace("\xad", "").split())
